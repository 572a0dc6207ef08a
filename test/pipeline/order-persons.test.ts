import { createMemoryOrderPersons } from "../../src/adapters/memory/order-persons.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import type { OrderPersons } from "../../src/pipeline/order-persons.ts";
import { traceLines } from "../../src/pipeline/trace.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const PURCHASE = purchaseEvent();
const SERVER = { id: "shop-server", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } as const;
const SETTINGS: EnrichSettings = {
  ...enrichingFor([testLane("meta", {}, { eventNames: { purchase: "Purchase", refund: "Refund" }, consent: [] })]),
  defaultCountry: "DE",
};

/** What a server says of a refund when it keeps nothing but the order's number. */
function refund(order_id: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const {
    browser_ids: _,
    consent: __,
    page: ___,
    ...event
  } = purchaseEvent({
    event_name: "refund",
    event_id: `refund-${order_id}`,
    order_id,
    source: SERVER,
    action_source: "other",
    user: {},
    event_time: PURCHASE.event_time + DAY_MS,
    received_at: PURCHASE.received_at + DAY_MS,
  });
  return { ...event, ...more };
}

function purchase(order_id: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return purchaseEvent({ event_id: `purchase-${order_id}`, order_id, ...more });
}

function world(more: Partial<EnrichSettings> = {}) {
  const settings = { ...SETTINGS, ...more };
  const memory = enrichPorts(["meta"], 0);
  const { identities, lanes, store } = memory;
  const asked: string[] = [];
  const known = createMemoryOrderPersons(store);
  const orders: OrderPersons = {
    purchasersOf(scope, orderId) {
      asked.push(`${scope} ${orderId}`);
      return known.purchasersOf(scope, orderId);
    },
  };
  const ports = { ...memory, orders };
  let serial = 0;
  return {
    asked,
    identities,
    store,
    /** Answers the event as its lane got it. */
    async enrich(event: CanonicalEvent) {
      serial += 1;
      ports.clock.set(event.received_at + 1_000);
      expect(await enrichBatch([queuedCopy(event, `copy-${serial}`)], settings, ports)).toEqual([]);
      return lanes.messages("meta").findLast((message) => message.event.event_id === event.event_id)?.event;
    },
    async identityOf(eventId: string) {
      const [story] = await store.readStory(eventId, ["shop"]);
      return story?.claim?.story.identity;
    },
  };
}

test("a refund with nothing but its order gets what is known of the person who bought", async () => {
  const { enrich, identityOf, store } = world();
  await enrich(purchase("R-1001", { click_ids: { gclid: { value: "Cj0", seen_at: PURCHASE.event_time } } }));
  const sent = await enrich(refund("R-1001"));
  expect(sent?.known).toMatchObject({
    person_id: (await identityOf("purchase-R-1001"))?.person_id,
    user_id: "u-1",
    anonymous_id: PURCHASE.user.anonymous_id,
    hashes: { email_plain: expect.any(String), phone_e164: expect.any(String) },
    browser_ids: PURCHASE.browser_ids,
    click_ids: { gclid: { value: "Cj0" } },
  });
  expect(await identityOf("refund-R-1001")).toMatchObject({ found_by: "order", learned: [] });
  const explain = () => ({ what: "", why: "", todo: "" }) as never;
  const lines = traceLines(await store.readStory("refund-R-1001", ["shop"]), { colours: false, explain });
  expect(lines.find((line) => line.includes("  person "))).toContain(", found by the order");
});

test("what the person refused holds for their refund, and what they granted as well", async () => {
  const { enrich } = world();
  await enrich(purchase("R-1001", { consent: { ...GRANTED, ad_user_data: "denied" } }));
  expect((await enrich(refund("R-1001")))?.consent).toMatchObject({ ad_user_data: "denied" });
  expect((await enrich(refund("R-1001", { event_id: "second" })))?.known?.consent).toMatchObject({
    ad_storage: "granted",
    ad_user_data: "denied",
  });
});

test("silence means for a refund what it meant for the purchase, whatever a place that nobody names allows", async () => {
  const DENIED = { ...GRANTED, ad_storage: "denied", ad_user_data: "denied" } as const;
  const defaults = [
    { countries: ["FR"], purposes: DENIED },
    { countries: ["unknown", "*"], purposes: GRANTED },
  ];
  const { enrich, store } = world({ consent: { defaults, honourGpc: true } });
  const ofCountry = (country: string) => {
    const { consent: _, ...event } = purchase(`R-${country}`, { user: { email: `${country}@lovelace.dev`, country } });
    return event;
  };
  for (const country of ["FR", "US"]) {
    await enrich(ofCountry(country));
    await enrich(refund(`R-${country}`));
  }
  const decided = async (eventId: string) => (await store.readStory(eventId, ["shop"]))[0]?.claim?.story;
  expect((await decided("refund-R-FR"))?.consent).toMatchObject({ ad_user_data: { value: "denied" }, places: ["FR"] });
  expect((await decided("refund-R-US"))?.consent).toMatchObject({ ad_user_data: { value: "granted" }, places: ["US"] });
});

test("the person is the one that the purchase's person turned out to be", async () => {
  const { enrich, identityOf } = world();
  const received_at = PURCHASE.received_at - DAY_MS;
  await enrich(purchase("other", { user: { phone: "+4915143218765" }, browser_ids: {}, received_at }));
  await enrich(purchase("R-1001", { user: { email: "ada@lovelace.dev" }, browser_ids: {} }));
  const both = { email: "ada@lovelace.dev", phone: "+4915143218765" };
  await enrich(purchase("both", { user: both, browser_ids: {} }));
  const sent = await enrich(refund("R-1001"));
  expect(sent?.known?.person_id).toBe((await identityOf("purchase-other"))?.person_id);
  expect(sent?.known?.hashes).toHaveProperty("phone_e164");
});

describe("nobody is looked for", () => {
  test.each<[string, CanonicalEvent]>([
    ["an event whose own identifiers lead to a person", refund("R-1001", { user: { email: "eve@example.org" } })],
    ["a visitor's event, who may say any order's number", refund("R-1001", { source: { ...SERVER, kind: "browser" } })],
    ["an app's event", refund("R-1001", { source: { ...SERVER, kind: "app" } })],
    ["an order number that was never filled in", refund("test")],
    ["one that is too short", refund("1")],
    ["an event without an order", (({ order_id: _, ...event }) => event)(refund("R-1001"))],
  ])("for %s", async (_, event) => {
    const { asked, enrich } = world();
    await enrich(purchase("R-1001"));
    await enrich(event);
    expect(asked).toEqual([]);
  });
});

test("one look-up is all that a refund costs, and ordinary events pay none", async () => {
  const { asked, enrich } = world();
  for (let n = 0; n < 10; n += 1) await enrich(purchase(`R-${n}00`));
  expect(asked).toEqual([]);
  await enrich(refund("R-100"));
  expect(asked).toEqual(["shop R-100"]);
});

describe("an order tells of nobody", () => {
  const expectNobody = async (sent: CanonicalEvent | undefined) => {
    expect(sent).toBeDefined();
    expect(sent?.known).toBeUndefined();
  };

  test("that nobody bought, or another shop", async () => {
    const { enrich } = world();
    await enrich(purchase("R-1001", { source: { ...PURCHASE.source, dedup_scope: "till" } }));
    await expectNobody(await enrich(refund("R-1001")));
  });

  test("whose number several people's purchases carry", async () => {
    const { enrich } = world();
    await enrich(purchase("R-1001"));
    await enrich(purchase("R-1001", { event_id: "again", user: { email: "bob@example.org" }, browser_ids: {} }));
    await expectNobody(await enrich(refund("R-1001")));
  });

  test("whose number several people's purchases carry, also when only one of them is still known", async () => {
    const { enrich, identities, identityOf } = world();
    await enrich(purchase("R-1001"));
    await enrich(purchase("R-1001", { event_id: "again", user: { email: "bob@example.org" }, browser_ids: {} }));
    const buyer = (await identityOf("purchase-R-1001"))?.person_id;
    for (const person of identities.contents().persons) if (person.id === buyer) await identities.deletePerson(person);
    await expectNobody(await enrich(refund("R-1001")));
  });

  test("whose person was erased", async () => {
    const { enrich, identities } = world();
    await enrich(purchase("R-1001"));
    for (const person of identities.contents().persons) await identities.deletePerson(person);
    await expectNobody(await enrich(refund("R-1001")));
  });
});

test("an order's number joins nobody, and the refund teaches nothing of whom it was found by", async () => {
  const { enrich, identities } = world();
  await enrich(purchase("R-1001"));
  await enrich(purchase("R-1001", { event_id: "again", user: { email: "bob@example.org" }, browser_ids: {} }));
  const before = identities.writes();
  await enrich(refund("R-1001"));
  await enrich(refund("R-1001", { event_id: "with-a-tag", browser_ids: { obref: "t-1" } }));
  expect(identities.writes()).toBe(before);
  expect(identities.contents().persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
});
