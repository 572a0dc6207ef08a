import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { answersOf } from "../../src/core/consent-memory.ts";
import type { Destination } from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { identityPerson } from "../support/identity-person.ts";
import { fakeDestination, LANE, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";
import { testLane } from "../support/lanes.ts";

// What enrich puts on a lane, what the lane makes of it, and what both write down.

const PARTIAL: Partial<Destination> = {
  consent: ["ad_user_data"],
  whenDenied: { ad_personalization: "limited", ad_storage: "without_identifiers" },
  takesPartial: ["limited", "without_identifiers"],
};

/** A platform that shows the events that it got. */
const shows = fakeDestination({
  ...PARTIAL,
  buildRequest: (events) => ({
    method: "POST",
    url: "https://platform.example/events",
    headers: {},
    body: JSON.stringify(events),
  }),
  classify: (_response, events) => events.map(() => ({ kind: "delivered" })),
});

const WAITED = { enqueued_at: NOW - HOUR_MS };

async function delivered(event: CanonicalEvent, more: Parameters<typeof laneWorld>[0] = {}) {
  const world = laneWorld({ destination: shows, ...more });
  await world.deliver([laneMessage(event, WAITED)]);
  const [request] = world.http.sent;
  const [got] = request === undefined ? [] : (JSON.parse(request.body) as CanonicalEvent[]);
  return { got, record: await world.record(event) };
}

describe("a lane asks again", () => {
  const ann = (consent: CanonicalEvent["consent"] = {}) =>
    purchase("e1", { user: { email: "ann@example.org" }, known: { person_id: "ann" }, consent });

  test("and limits what was refused in part", async () => {
    const { got, record } = await delivered(ann({ ad_personalization: "denied" }));
    expect(record?.sent_as).toBe("limited");
    expect(got).toMatchObject({ event_id: "e1", consent: { ad_personalization: "denied", limited_data_use: true } });
  });

  test("and takes out of an event who it was of; its receipt stands under its own id", async () => {
    const { got, record } = await delivered(ann({ ad_storage: "denied" }));
    expect(JSON.stringify(got)).not.toMatch(/ann|e1"/);
    expect(record).toMatchObject({ state: "delivered", key: eventKey(ann()) });
  });

  test("and obeys what the person refused while the event waited", async () => {
    const identities = createMemoryIdentityStore({ now: () => NOW });
    const answers = answersOf(
      { consent: { ad_storage: "denied" }, event_time: NOW, source: { dedup_scope: "shop", kind: "browser" } },
      true,
    );
    await identities.savePerson(identityPerson("ann", { answers }));
    const { got } = await delivered(ann(), { deps: { identities } });
    expect(got?.user).toEqual({});
    expect(got?.known).toBeUndefined();
  });

  test("and obeys a rule that was deployed while the event waited", async () => {
    const consentRules = [{ name: "stop", send: "drop" as const }];
    const { got, record } = await delivered(ann(GRANTED), { lane: { consentRules } });
    expect(got).toBeUndefined();
    expect(record?.skip).toEqual({ code: "consent", detail: "held back by consentRules stop" });
  });

  test("and takes out the fields of a rule", async () => {
    const event = { ...ann(GRANTED), search_term: "boots", page: { url: "https://shop.example.com/", title: "Boots" } };
    const { got } = await delivered(event, { lane: { consentRules: [{ denyFields: ["page.title", "search_term"] }] } });
    expect(got?.page).toEqual({ url: "https://shop.example.com/" });
    expect(got).not.toHaveProperty("search_term");
    expect(got?.user.email).toBe("ann@example.org");
  });
});

const enrichWorld = () => enrichPorts([LANE], purchaseEvent().received_at + 1_000);

const settings = enrichingFor([testLane(LANE, {}, PARTIAL)]);

describe("enrich", () => {
  test("puts an event of nobody on the lane, with what the lane needs to write down and to ask again", async () => {
    const ports = enrichWorld();
    const event = purchaseEvent({ consent: { ...GRANTED, ad_storage: "denied" } });
    expect(await enrichBatch([queuedCopy(event, "copy")], settings, ports)).toEqual([]);
    const [message] = ports.lanes.messages(LANE);
    expect(message?.event).toMatchObject({ event_id: event.event_id, user: { country: "DE" } });
    expect(message?.event.known).toEqual({ person_id: expect.any(String) });
    const { event_id: _, known: __, ...rest } = message?.event ?? { event_id: "" };
    expect(JSON.stringify(rest)).not.toMatch(/lovelace|4915112345678|203\.0\.113\.7|100017|fb\.1|"u-1"|8f14e45f/);
  });

  test("keeps with the decision what it went by, and tells how many were sent in part", async () => {
    const ports = enrichWorld();
    const limited = { ...GRANTED, ad_personalization: "denied" } as const;
    const events = ["a", "b"].map((id) => purchaseEvent({ event_id: id, consent: limited }));
    await enrichBatch(
      events.map((event) => queuedCopy(event, event.event_id)),
      settings,
      ports,
    );
    const [stored] = await ports.store.readStory("a", ["shop"]);
    expect(stored?.claim?.story.consent).toEqual({
      ad_storage: { value: "granted", by: "person" },
      ad_user_data: { value: "granted", by: "person" },
      ad_personalization: { value: "denied", by: "person" },
      analytics_storage: { value: "granted", by: "person" },
      places: ["DE"],
    });
    expect(stored?.claim?.story.decisions).toMatchObject([
      { lane: LANE, send: true, consent: { behaviour: "limited", rule: "declaration" } },
    ]);
    const lines = ports.log.lines.filter((line) => line.includes("sent in part for consent"));
    expect(lines).toEqual([expect.stringMatching(/"lane":"fake".*"behaviour":"limited".*"events":2/)]);
  });

  test("after a redelivery under looser rules the stored decision still says how much goes out", async () => {
    const ports = enrichWorld();
    const event = purchaseEvent({ consent: { ...GRANTED, ad_storage: "denied" } });
    await enrichBatch([queuedCopy(event, "copy")], settings, ports);
    const looser = { ...settings, lanes: [testLane(LANE, {}, { ...PARTIAL, whenDenied: {} })] };
    await enrichBatch([queuedCopy(event, "copy")], looser, ports);
    const copies = ports.lanes.messages(LANE).map(({ event: copy }) => copy.user.email_sha256 ?? copy.hashes);
    expect(copies).toEqual([undefined, undefined]);
  });

  test("an event of nobody has no match quality to praise", async () => {
    const ports = enrichWorld();
    const event = purchaseEvent({ consent: { ...GRANTED, ad_storage: "denied" } });
    await enrichBatch([queuedCopy(event, "copy")], settings, ports);
    const [stored] = await ports.store.readStory(event.event_id, ["shop"]);
    expect(stored?.claim?.story.decisions[0]?.quality).toMatchObject({ score: 0, present: [] });
  });
});
