import type { DeliveryRecord, EventStory, LaterCopy } from "../../src/core/delivery-record.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { DeliveryStore } from "../../src/pipeline/ports.ts";
import type { ForgettableDeliveries } from "../../src/pipeline/privacy-ports.ts";
import type { StoryReader } from "../../src/pipeline/trace.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const key = (event_id: string): EventKey => ({ dedup_scope: "shop", event_name: "purchase", event_id });
const STORY: EventStory = {
  event_id_origin: "order_id",
  event_time: NOW - 5,
  received_at: NOW,
  source: { id: "web", kind: "browser", dialect: "tracklayer", dedup_scope: "shop" },
  order_id: "order-77",
  value: "49.95",
  currency: "EUR",
  carried: ["email"],
  identity: { person_id: "ann", filled: ["fbp"], learned: ["email_plain"] },
  decisions: [],
};
const COPY: LaterCopy = {
  copy_id: "c2",
  source: { id: "server", kind: "server" },
  received_at: NOW + 1,
  first_received_at: NOW,
  adds: [],
  replaces: [],
  qualities: [],
};
const VIEW = {
  kind: "server",
  parts: { order_id: "order-77" },
  consent: {},
  undecided: [],
  lanes: ["meta"],
  raw: false,
} as const;

function receipt(lane: string, more: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const attempts = [{ at: NOW, status: 400, outcome: "rejected" as const, reason: "of ann", batch: 1, took_ms: 5 }];
  const base = { key: key("e1"), lane, attempts, attempt_count: 1, updated_at: NOW, reason: "of ann" };
  return { ...base, state: "rejected", ...more };
}

/** What every `ForgettableDeliveries` must do, over a table that is written as the pipeline does. */
export function forgettableDeliveriesSuite(
  create: () => Promise<{ readonly deliveries: ForgettableDeliveries; readonly store: DeliveryStore & StoryReader }>,
): void {
  test("forgets whose an event was, everywhere in its partition, and keeps what became of it", async () => {
    const { deliveries, store } = await create();
    await store.claim(key("e1"), "c1", STORY);
    await store.addCopy(key("e1"), COPY, [VIEW]);
    await store.writeRecords([receipt("meta"), receipt("ga4", { state: "delivered", attempts: [] })]);
    await store.claim(key("e2"), "c1", STORY);
    expect(await deliveries.forgetEvents([key("e1"), key("none")])).toBe(1);
    const [told] = await store.readStory("e1", ["shop"]);
    expect(JSON.stringify(told)).not.toMatch(/ann|order-77|49\.95|fbp/);
    expect(told?.claim).toMatchObject({ copies: 1, first_received_at: NOW, story: { carried: ["email"] } });
    expect(told?.records.map(({ lane, state, attempt_count }) => ({ lane, state, attempt_count }))).toEqual(
      expect.arrayContaining([
        { lane: "meta", state: "rejected", attempt_count: 1 },
        { lane: "ga4", state: "delivered", attempt_count: 1 },
      ]),
    );
    expect(told?.records.find(({ lane }) => lane === "meta")?.attempts).toEqual([
      { at: NOW, status: 400, outcome: "rejected", batch: 1, took_ms: 5 },
    ]);
    expect(await store.readCopies("meta", [key("e1")])).toEqual([[]]);
    const [other] = await store.readStory("e2", ["shop"]);
    expect(other?.claim?.story).toMatchObject({ order_id: "order-77", identity: { person_id: "ann" } });
  });

  test("forgets at which device an event was that waited for its other copy, also where nothing else is known of it", async () => {
    const { deliveries, store } = await create();
    const { currency: _, order_id: __, value: ___, ...rest } = STORY;
    const merge = { until: NOW + 30, fields: [], undecided: [], device_keys: ["anonymous_id#of-ann"] };
    const story: EventStory = { ...rest, identity: { filled: [], learned: [] }, merge };
    await store.claim(key("e1"), "c1", story);
    expect(JSON.stringify(await store.readStory("e1", ["shop"]))).toContain("of-ann");
    expect(await deliveries.forgetEvents([key("e1")])).toBe(1);
    expect(JSON.stringify(await store.readStory("e1", ["shop"]))).not.toContain("of-ann");
    expect(await deliveries.forgetEvents([key("e1")])).toBe(0);
  });

  test("doing it again changes nothing, and a copy of the event is still a copy", async () => {
    const { deliveries, store } = await create();
    await store.claim(key("e1"), "c1", STORY);
    await store.writeRecords([receipt("meta")]);
    expect(await deliveries.forgetEvents([key("e1")])).toBe(1);
    expect(await deliveries.forgetEvents([key("e1")])).toBe(0);
    expect(await store.claim(key("e1"), "c3", STORY)).toMatchObject({ owner: false, copies: 2 });
    expect(await store.claim(key("e1"), "c1", STORY)).toMatchObject({ owner: true });
  });

  test("enrich forgets the claim and the copy of an event that it drops, and makes none where none is", async () => {
    const { store } = await create();
    await store.forget(key("e1"), "server");
    expect(await store.readStory("e1", ["shop"])).toEqual([]);
    await store.claim(key("e1"), "c1", STORY);
    await store.addCopy(key("e1"), COPY, [VIEW]);
    await store.forget(key("e1"), "server");
    const [told] = await store.readStory("e1", ["shop"]);
    expect(JSON.stringify(told)).not.toMatch(/ann|order-77/);
    expect(await store.readCopies("meta", [key("e1")])).toEqual([[]]);
  });

  test("quarantine is listed by day, newest first, and an entry goes once", async () => {
    const { deliveries, store } = await create();
    const entry = { dedup_scope: "shop", event_name: "purchase", source: "web", reasons: [], raw: "{}" };
    for (let index = 0; index < 3; index += 1)
      await store.quarantine({ ...entry, event_id: `q${index}`, received_at: NOW + index });
    const range = { day: "2026-11-20", from: 0, until: NOW + 1, limit: 10 };
    const listed = await deliveries.listQuarantined(range);
    expect(listed.map(({ event_id }) => event_id)).toEqual(["q1", "q0"]);
    const [first] = listed;
    expect(first === undefined ? undefined : await deliveries.removeQuarantined(first)).toBe(true);
    expect(first === undefined ? undefined : await deliveries.removeQuarantined(first)).toBe(false);
    expect((await deliveries.listQuarantined(range)).map(({ event_id }) => event_id)).toEqual(["q0"]);
  });
}
