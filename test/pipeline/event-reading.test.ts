import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import { readEvent } from "../../src/pipeline/event-reading.ts";
import {
  BROWSER_KEY,
  FROM_PAGE,
  type IngestWorld,
  ingestWorld,
  NOW,
  quarantined,
  queuedEvents,
  SERVER_KEY,
  send,
} from "../support/ingest-world.ts";

const COOKIES = ["_fbp=fb.1.1700000000000.123", "session=secret", "_ga=GA1.1.111.222"];
const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });

const PAGE_EVENT = {
  event_name: "purchase",
  event_id: "p-1",
  event_time: new Date(NOW - 5 * 60_000).toISOString(),
  value: "12.50",
  currency: "EUR",
  user: { email: "ada@lovelace.dev" },
};
const TRACK = {
  type: "track",
  event: "Order Completed",
  messageId: "m-1",
  timestamp: new Date(NOW - 5 * 60_000).toISOString(),
  properties: { order_id: "7", revenue: "12.50", currency: "EUR" },
};
const SENT_AT = new Date(NOW - 60 * 60_000).toISOString();

const PLACES: [string, (event: object) => Parameters<typeof send>[1], object][] = [
  [
    "a page that opted out, whose clock is an hour slow",
    (event) => ({
      headers: { ...FROM_PAGE, "sec-gpc": "1", referer: "https://shop.example.com/thanks" },
      cookies: COOKIES,
      body: { events: [event], sent_at: SENT_AT },
    }),
    PAGE_EVENT,
  ],
  ["a server", (event) => ({ body: { events: [event], sent_at: SENT_AT } }), PAGE_EVENT],
  [
    "an SDK in a browser",
    (event) => ({
      path: "/v1/batch",
      headers: { ...FROM_PAGE, ...basic(BROWSER_KEY), "sec-gpc": "1" },
      cookies: COOKIES,
      body: { batch: [event], sentAt: SENT_AT, context: { library: { name: "analytics.js", version: "next-1" } } },
    }),
    TRACK,
  ],
  [
    "RudderStack's route under a server key",
    (event) => ({
      path: "/beacon/v1/batch",
      headers: basic(SERVER_KEY),
      body: { batch: [event], sentAt: SENT_AT, writeKey: SERVER_KEY },
    }),
    TRACK,
  ],
];

/** What quarantine keeps of an event that was refused for its name, with the name put right, as after a mended rule. */
function mended(entry: QuarantinedEvent, name: Record<string, unknown>): object {
  return { ...(JSON.parse(entry.raw) as object), ...name };
}

async function sourceOf(world: IngestWorld, id: string) {
  const found = [await world.keys.find(SERVER_KEY), await world.keys.find(BROWSER_KEY)].find((it) => it?.id === id);
  if (found === undefined) throw new Error(`no source ${id}`);
  return found;
}

test.each(PLACES)(
  "what came from %s is read from quarantine as it would have been at the door",
  async (_, at, event) => {
    const world = ingestWorld();
    const name = "event" in event ? { event: event.event } : { event_name: "purchase" };
    await send(world, at(event));
    await send(world, at({ ...event, ...("event" in event ? { event: {} } : { event_name: {} }) }));
    const [expected] = queuedEvents(world);
    const [entry] = quarantined(world);
    if (entry?.origin === undefined || expected === undefined) throw new Error("one is taken and one refused");
    // Through JSON, as it is stored.
    const origin = JSON.parse(JSON.stringify(entry.origin)) as typeof entry.origin;
    const again = readEvent(mended(entry, name), {
      source: await sourceOf(world, entry.source),
      origin,
      receivedAt: entry.received_at,
      config: world.config,
      newId: () => entry.event_id,
    });
    expect(again).toMatchObject({ kind: "event" });
    expect(again?.kind === "event" ? again.event : undefined).toEqual(expected);
    expect(JSON.stringify(entry)).not.toContain(SERVER_KEY);
    expect(JSON.stringify(entry)).not.toContain("session");
  },
);

test("what carries nothing to keep is neither an event nor refused", async () => {
  const world = ingestWorld();
  const source = await sourceOf(world, "shop-server");
  const reading = {
    source,
    receivedAt: NOW,
    config: world.config,
    newId: () => "id",
    origin: { via: "segment" } as const,
  };
  expect(readEvent({ type: "record" }, reading)).toBeUndefined();
});
