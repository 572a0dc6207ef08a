import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { ConsentState } from "../../src/core/consent.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { fakeDestination, LANE, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

const EMAIL = "ada@lovelace.dev";
const REFUSALS: Readonly<Record<string, ConsentState>> = {
  nothing: GRANTED,
  ad_user_data: { ...GRANTED, ad_user_data: "denied" },
  analytics_storage: { ...GRANTED, analytics_storage: "denied" },
  "ads by Global Privacy Control": { ...GRANTED, gpc: true },
};

const SERVER = { id: "back-end", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } as const;
const BROWSER = { ...SERVER, id: "web", kind: "browser" } as const;

/** What a lane that takes contacts in clear sends of an action whose two copies come in this order. */
async function sentOf(copies: readonly Partial<CanonicalEvent>[]): Promise<CanonicalEvent | undefined> {
  const seen: CanonicalEvent[] = [];
  const destination = fakeDestination({
    consent: [],
    needsRawContact: () => true,
    batchKey(event) {
      seen.push(event);
      return "";
    },
  });
  const settings: EnrichSettings = {
    ...enrichingFor([{ id: LANE, destination, settings: {}, testMode: false }]),
    merge: { events: ["purchase"], windowSeconds: 30, scopes: ["shop"] },
  };
  const ports = {
    ...enrichPorts([LANE], NOW),
    archive: createMemoryEventArchive(),
    contacts: { current: async () => createContactVault({ key: "k".repeat(64) }) },
  };
  const before = { event_time: NOW - HOUR_MS, received_at: NOW - HOUR_MS, consent: GRANTED, source: SERVER };
  const said = purchase("before", { ...before, user: { user_id: "ada", email: EMAIL } });
  for (const [index, event] of [said, ...copies.map((copy) => purchase("order", copy))].entries())
    expect(await enrichBatch([queuedCopy(event, `c-${index}`, `g-${index}`)], settings, ports)).toEqual([]);
  const lane = laneWorld({ destination, deps: { store: ports.store } });
  const message = ports.lanes.messages(LANE).find(({ event }) => event.event_id === "order");
  if (message === undefined) throw new Error("the first copy is on no lane");
  await lane.deliver([laneMessage(message.event, message.merge === undefined ? {} : { merge: message.merge })]);
  return seen[0];
}

const silent = { user: { user_id: "ada" } };
const pairs = Object.keys(REFUSALS).flatMap((web) => Object.keys(REFUSALS).map((shop) => [web, shop] as const));

describe.each(pairs)("where the browser's copy refuses %s and the server's %s", (web, shop) => {
  const browser = { ...silent, source: BROWSER, consent: REFUSALS[web] ?? {} };
  const server = { ...silent, source: SERVER, consent: REFUSALS[shop] ?? {}, received_at: NOW - 40_000 };
  const contacts = web === "nothing" && shop === "nothing" ? { email: EMAIL } : undefined;

  test.each([
    ["the browser's", [browser, server]],
    ["the server's", [server, browser]],
  ])("and %s comes first, the lane gets contacts of the graph if neither does", async (_, copies) => {
    const sent = await sentOf(copies);
    expect(sent?.user.user_id).toBe("ada");
    expect(sent?.known?.contacts).toEqual(contacts);
  });
});

test("a device that is known as somebody else's gives the server's buyer no contact of theirs", async () => {
  const web = { source: BROWSER, user: { anonymous_id: "shared" }, consent: GRANTED };
  const login = { ...web, user: { user_id: "ada", anonymous_id: "shared" } };
  const server = { source: SERVER, user: { user_id: "bob" }, consent: GRANTED, received_at: NOW - 40_000 };
  expect((await sentOf([login]))?.known?.contacts).toEqual({ email: EMAIL });
  for (const copies of [
    [web, server],
    [server, web],
  ]) {
    const sent = await sentOf([{ ...login, event_name: "login" }, ...copies]);
    expect(sent).toMatchObject({ user: { user_id: "bob", anonymous_id: "shared" } });
    expect(sent?.known?.contacts).toBeUndefined();
  }
});
