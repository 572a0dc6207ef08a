import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { DayRange, EventLookups } from "../../src/ops/lookup-ports.ts";
import type { DeliveryStore } from "../../src/pipeline/ports.ts";
import { KEY, receipt, STORY } from "./delivery-store-suite.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY: DayRange = { day: "2026-11-23", from: 0, until: Number.MAX_SAFE_INTEGER, limit: 100 };

const QUARANTINED: QuarantinedEvent = {
  dedup_scope: "shop",
  event_id: "q-1",
  event_name: "purchase",
  source: "web",
  received_at: NOON,
  reasons: [{ field: "value", rule: "must be a decimal", got: "text" }],
  raw: '{"value":"12,50"}',
  origin: { via: "events" },
};

/** A store and what reads it. */
export interface LookupsWorld {
  readonly store: DeliveryStore;
  readonly lookups: EventLookups;
}

/** What everything that answers people's questions about the delivery table does. `create` answers an empty one. */
export function eventLookupsSuite(create: (now: () => number) => Promise<LookupsWorld>): void {
  const time = { now: NOON };
  let store: DeliveryStore;
  let lookups: EventLookups;
  beforeEach(async () => {
    time.now = NOON;
    ({ store, lookups } = await create(() => time.now));
  });
  const eventOf = (event_id: string): EventKey => ({ ...KEY, event_id });

  test("claims and receipts of many events come in the order asked for, with nothing where there is nothing", async () => {
    const keys = Array.from({ length: 60 }, (_, n) => eventOf(`order-${n}`));
    const custom: EventKey = { ...KEY, event_name: "custom", custom_name: "Quiz #1" };
    await Promise.all(keys.map((key) => store.claim(key, "copy", STORY)));
    await store.writeRecords([receipt({ key: keys[3] ?? KEY }), receipt({ key: custom, lane: "ga4" })]);
    const wanted = [custom, eventOf("nowhere"), ...keys].map((key) => ({ key, lanes: ["meta", "ga4"] }));
    const found = await lookups.readEvents(wanted);
    expect(found.map(({ event_id }) => event_id)).toEqual(wanted.map(({ key }) => key.event_id));
    expect(found[0]).toEqual({
      dedup_scope: "shop",
      event_id: KEY.event_id,
      name: "custom:Quiz #1",
      records: [receipt({ key: custom, lane: "ga4" })],
    });
    expect(found[1]).toEqual({ dedup_scope: "shop", event_id: "nowhere", name: "purchase", records: [] });
    expect(found[5]?.claim).toEqual({ story: STORY, copies: 1, first_received_at: STORY.received_at });
    expect(found[5]?.records).toEqual([receipt({ key: keys[3] ?? KEY })]);
    expect(found[6]?.records).toEqual([]);
  });

  test("only the receipts of the lanes asked for are read, and nothing that is past its time", async () => {
    await store.claim(KEY, "copy", STORY);
    await store.writeRecords([receipt(), receipt({ lane: "ga4" })]);
    const wanted = [{ key: KEY, lanes: ["ga4"] }];
    expect((await lookups.readEvents(wanted))[0]?.records).toEqual([receipt({ lane: "ga4" })]);
    time.now += 31 * DAY_MS;
    expect(await lookups.readEvents(wanted)).toEqual([
      { dedup_scope: "shop", event_id: KEY.event_id, name: "purchase", records: [] },
    ]);
  });

  test("the events of an order are found in its scope", async () => {
    const refund: EventKey = { ...KEY, event_name: "refund", event_id: "refund-1" };
    await store.claim(KEY, "copy-1", STORY);
    await store.claim(refund, "copy-2", STORY);
    await store.claim({ ...KEY, dedup_scope: "till" }, "copy-3", STORY);
    await store.claim(eventOf("other"), "copy-4", { ...STORY, order_id: "other" });
    const found = await lookups.eventsOfOrder("shop", "100017");
    expect(found.sort((a, b) => (a.event_name < b.event_name ? -1 : 1))).toEqual([KEY, refund]);
    expect(await lookups.eventsOfOrder("shop", "nowhere")).toEqual([]);
  });

  describe("failures", () => {
    const failed = (event_id: string, at: number, lane = "meta") =>
      receipt({ key: eventOf(event_id), lane, state: "rejected", reason: "no", updated_at: at });

    test("are listed by lane and day, newest first, until they are delivered", async () => {
      await store.writeRecords([
        failed("a", NOON),
        failed("b", NOON + 5),
        failed("c", NOON + 2),
        failed("d", NOON, "ga4"),
        failed("e", NOON - DAY_MS),
        receipt({ key: eventOf("f") }),
      ]);
      const ids = async (range: Partial<DayRange> = {}) =>
        (await lookups.listFailures("meta", { ...DAY, ...range })).map(({ key }) => key.event_id);
      expect(await ids()).toEqual(["b", "c", "a"]);
      expect(await ids({ from: NOON + 1 })).toEqual(["b", "c"]);
      expect(await ids({ until: NOON + 2 })).toEqual(["c", "a"]);
      expect(await ids({ limit: 1 })).toEqual(["b"]);
      expect(await ids({ day: "2026-11-22" })).toEqual(["e"]);
      expect(await lookups.listFailures("ga4", DAY)).toEqual([{ key: eventOf("d"), lane: "ga4", at: NOON }]);
      await store.writeRecords([receipt({ key: eventOf("b") })]);
      expect(await ids()).toEqual(["c", "a"]);
    });

    test("stay under the time at which they first failed", async () => {
      await store.writeRecords([{ ...failed("b", NOON), state: "unauthorized" }]);
      await store.writeRecords([{ ...failed("b", NOON + 60_000), state: "expired" }]);
      expect(await lookups.listFailures("meta", DAY)).toContainEqual({ key: eventOf("b"), lane: "meta", at: NOON });
    });

    test("of one moment keep their order, whatever the limit: a page begins where the one before ended", async () => {
      await store.writeRecords(Array.from({ length: 30 }, (_, n) => failed(`order-${n}`, NOON)));
      const all = await lookups.listFailures("meta", DAY);
      expect(all).toHaveLength(30);
      for (const limit of [1, 7, 29]) {
        expect(await lookups.listFailures("meta", { ...DAY, limit })).toEqual(all.slice(0, limit));
      }
    });
  });

  describe("quarantine", () => {
    test("is listed by day, newest first, whole", async () => {
      const later = { ...QUARANTINED, event_id: "q-2", received_at: NOON + 1, raw: "{}" };
      await store.quarantine(QUARANTINED);
      await store.quarantine(later);
      await store.quarantine({ ...QUARANTINED, event_id: "q-3", received_at: NOON - DAY_MS });
      expect(await lookups.listQuarantined(DAY)).toEqual([later, QUARANTINED]);
      expect(await lookups.listQuarantined({ ...DAY, limit: 1 })).toEqual([later]);
      expect(await lookups.listQuarantined({ ...DAY, until: NOON })).toEqual([QUARANTINED]);
    });

    test("loses an entry once, and never one that has replaced it", async () => {
      await store.quarantine(QUARANTINED);
      const replaced = { ...QUARANTINED, raw: '{"value":"13"}' };
      await store.quarantine(replaced);
      expect(await lookups.removeQuarantined(QUARANTINED)).toBe(false);
      expect(await lookups.listQuarantined(DAY)).toEqual([replaced]);
      expect(await lookups.removeQuarantined(replaced)).toBe(true);
      expect(await lookups.removeQuarantined(replaced)).toBe(false);
      expect(await lookups.listQuarantined(DAY)).toEqual([]);
    });

    test("loses one under whatever name its sender gave it", async () => {
      const odd = { ...QUARANTINED, event_name: `a#b${"é".repeat(100)}` };
      await store.quarantine(odd);
      const [listed] = await lookups.listQuarantined(DAY);
      expect(listed).toEqual(odd);
      expect(listed && (await lookups.removeQuarantined(listed))).toBe(true);
      expect(await lookups.listQuarantined(DAY)).toEqual([]);
    });
  });
}
