import type { Judgement, Platform } from "../src/model.ts";
import { createStore } from "../src/store.ts";

const HOUR = 3_600_000;

function judgement(platform: Platform, id: string, changes: Partial<Judgement["events"][number]> = {}): Judgement {
  return {
    platform,
    target: "t",
    answer: { status: 200, headers: {}, body: "" },
    events: [
      { event_name: "Purchase", event_id: id, dedup_key: id, problems: [], taken: true, event: { id }, ...changes },
    ],
  };
}

const reception = (at: number, failed = false) => ({ at, host: "h", status: failed ? 500 : 200, failed });

test("Meta counts a second copy within 48 hours once, and again after", () => {
  const store = createStore({ events: 10, ids: 10 });
  const verdicts = [0, 47, 48, 50].map(
    (hour) => store.record(judgement("meta", "a"), reception(hour * HOUR))[0]?.verdict,
  );
  expect(verdicts).toEqual(["counted", "duplicate", "counted", "duplicate"]);
  expect(store.deliveries("meta")).toEqual([
    { platform: "meta", target: "t", event_name: "Purchase", event_id: "a", first_at: 0, copies: 4, counted: 2 },
  ]);
});

test("the same id under another event name or target is another event", () => {
  const store = createStore({ events: 10, ids: 10 });
  store.record(judgement("meta", "a"), reception(0));
  expect(store.record(judgement("meta", "a", { event_name: "Lead" }), reception(1))[0]?.verdict).toBe("counted");
  expect(store.record({ ...judgement("meta", "a"), target: "u" }, reception(2))[0]?.verdict).toBe("counted");
});

test("GA4 never drops a copy, which is why the ledger shows it", () => {
  const store = createStore({ events: 10, ids: 10 });
  store.record(judgement("ga4", "a"), reception(0));
  expect(store.record(judgement("ga4", "a"), reception(1))[0]?.verdict).toBe("counted");
  expect(store.deliveries()).toMatchObject([{ copies: 2, counted: 2 }]);
});

test("a failed or refused copy does not count, and does not spoil the next", () => {
  const store = createStore({ events: 10, ids: 10 });
  expect(store.record(judgement("meta", "a"), reception(0, true))[0]?.verdict).toBe("failed");
  expect(store.record(judgement("meta", "a", { taken: false, problems: ["x"] }), reception(1))[0]).toMatchObject({
    verdict: "refused",
    valid: false,
  });
  expect(store.record({ ...judgement("meta", "a"), dryRun: true }, reception(2))[0]?.verdict).toBe("validated");
  expect(store.record(judgement("meta", "a"), reception(3))[0]?.verdict).toBe("counted");
  expect(store.counts().platforms.meta).toEqual({
    requests: 4,
    statuses: { 200: 3, 500: 1 },
    events: { counted: 1, duplicate: 0, refused: 1, failed: 1, validated: 1 },
  });
});

test("memory is bounded: latest events stay, oldest ids are forgotten and said to be", () => {
  const store = createStore({ events: 5, ids: 20 });
  for (let index = 0; index < 100; index += 1) store.record(judgement("webhook", `e${index}`), reception(index));
  expect(store.received().map((event) => event.event_id)).toEqual(["e95", "e96", "e97", "e98", "e99"]);
  expect(store.deliveries()).toHaveLength(20);
  expect(store.counts()).toMatchObject({
    forgotten_ids: 80,
    platforms: { webhook: { events: { counted: 100 } } },
  });
});

test("filters by platform, id and verdict, and takes the latest so many", () => {
  const store = createStore({ events: 10, ids: 10 });
  store.record(judgement("meta", "a"), reception(0));
  store.record(judgement("meta", "a"), reception(1));
  store.record(judgement("ga4", "a"), reception(2));
  expect(store.received({ platform: "meta" })).toHaveLength(2);
  expect(store.received({ event_id: "a", verdict: "duplicate" })).toMatchObject([{ at: 1 }]);
  expect(store.received({ limit: 1 })).toMatchObject([{ platform: "ga4" }]);
  expect(store.received({ limit: 0 })).toEqual([]);
  store.reset();
  expect([store.received(), store.deliveries(), store.counts().platforms.meta?.requests]).toEqual([[], [], 0]);
});
