import { createMemoryCounts } from "../../src/adapters/memory/counts.ts";
import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryFindingStore } from "../../src/adapters/memory/finding-store.ts";
import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import { QUALITY_DETECTORS } from "../../src/detectors/registry.ts";
import { type ReconcileDeps, reconcile } from "../../src/pipeline/reconcile.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { purchaseEvent } from "../support/events.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const HOUR = Date.parse("2026-11-23T13:00:00Z");
/** The run at 15:25 judges 13:00 to 14:00. */
const JUDGED_AT = HOUR + HOUR_MS + 85 * MINUTE_MS;
/** Memory twins of everything that is compared, with one way to bring an event through all of them. */
function createWorld(options: { withoutArchive?: boolean } = {}) {
  const clock = fixedClock(JUDGED_AT);
  const counts = createMemoryCounts();
  const store = createMemoryDeliveryStore();
  const archive = createMemoryEventArchive();
  const controls = createMemoryLaneControls();
  const findings = createMemoryFindingStore();
  const results = createMemoryReconciliationStore();
  const metrics = recordingMetrics();
  const log = recordingLog();
  const onQueue: Record<string, number> = { events: 0, meta: 0, ga4: 0 };
  const reads = { receipts: 0 };
  const deps: ReconcileDeps = {
    clock,
    counts,
    controls,
    findings,
    keptMs: 29 * 24 * HOUR_MS,
    lanes: ["meta", "ga4"],
    log,
    metrics,
    qualityDetectors: QUALITY_DETECTORS,
    results,
    retryWindowMs: 24 * HOUR_MS,
    sources: ["web", "shop"],
    ...(options.withoutArchive === true ? {} : { archive }),
    depths: { events: async () => onQueue.events ?? 0, lane: async (lane) => onQueue[lane] ?? 0 },
    store: {
      readRecords(lane, keys, how) {
        reads.receipts += keys.length;
        return store.readRecords(lane, keys, how);
      },
    },
  };

  interface Way {
    at?: number;
    /** States at the lanes; a lane that is left out has no receipt. */
    states?: Partial<Record<string, DeliveryState>>;
    lanes?: readonly string[];
    claimed?: boolean;
    archived?: boolean;
    copyId?: string;
  }
  async function pass(id: string, way: Way = {}): Promise<void> {
    const {
      archived = true,
      at = HOUR + 20 * MINUTE_MS,
      claimed = true,
      copyId = `copy-${id}`,
      lanes = ["meta", "ga4"],
    } = way;
    const event = purchaseEvent({ event_id: id });
    counts.count({ metric: "EventsAccepted", dimensions: { source: "web" } }, 1, at);
    if (claimed) counts.count({ metric: "EventsClaimed" }, 1, at);
    if (!claimed) return;
    const decisions = ["meta", "ga4"].map((lane) => ({ lane, send: lanes.includes(lane) }));
    const line: ArchivedEvent = { v: 1, archived_at: at, copy_id: copyId, event, consent: GRANTED, decisions };
    counts.count({ metric: "EventsArchived" }, 1, at);
    if (archived) await archive.put([line]);
    const states = way.states ?? Object.fromEntries(lanes.map((lane) => [lane, "delivered"]));
    for (const [lane, state] of Object.entries(states)) {
      if (state === undefined) continue;
      const record = { key: eventKey(event), lane, state, attempts: [], attempt_count: 1, updated_at: at };
      await store.writeRecords([record]);
    }
  }
  const run = async () => {
    const judged = await reconcile(Number.POSITIVE_INFINITY, deps);
    return judged.find(({ hour }) => hour === HOUR);
  };
  return { archive, clock, controls, counts, deps, findings, log, metrics, onQueue, pass, reads, results, run, store };
}

test("scores of the hour and what was taken out are added up by source, event and destination, each event once", async () => {
  const { archive, pass, run } = createWorld();
  const quality = { version: MATCH_QUALITY_VERSION, score: 7.5, sent: { email: 1 }, gains: { click_id: 2.5 } };
  await pass("a", { archived: false });
  const [at, event] = [HOUR + 20 * MINUTE_MS, purchaseEvent({ event_id: "a" })];
  const decisions = [{ lane: "meta", send: true, quality }];
  const removed = ["page.url?email:email", "properties.gift.card:card"];
  const line: ArchivedEvent = { v: 1, archived_at: at, copy_id: "copy-a", event, consent: GRANTED, removed, decisions };
  await archive.put([line]);
  await archive.put([line]);
  const sums = { events: 1, tenths: 75, sent: { email: [1, 100] }, gains: { click_id: 25 } };
  const kind = { source: event.source.id, event: "purchase" };
  const account = await run();
  expect(account?.quality).toEqual({ version: MATCH_QUALITY_VERSION, cells: [{ ...kind, lane: "meta", ...sums }] });
  expect(account?.sensitive).toEqual([
    { ...kind, where: "page.url?email", kind: "email", events: 1 },
    { ...kind, where: "properties", kind: "card", events: 1 },
  ]);
});

test("a later copy's score counts where the receipt says that the copy was in the request", async () => {
  const quality = (score: number) => ({
    version: MATCH_QUALITY_VERSION,
    score,
    sent: {},
    gains: { email: 10 - score },
  });
  const tenthsWith = async (state: DeliveryState, merged: string[] | undefined) => {
    const { archive, pass, run, store } = createWorld();
    await pass("a", { archived: false, states: {} });
    const [at, event] = [HOUR + 20 * MINUTE_MS, purchaseEvent({ event_id: "a" })];
    const alone = [{ lane: "meta", send: true, quality: quality(4) }];
    const both = [{ lane: "meta", send: true, quality: quality(7), was: quality(4) }];
    const line = { v: 1, archived_at: at, consent: GRANTED, event } as const;
    const copy_of = { received_at: event.received_at, source: event.source.id };
    const second = { ...event, source: { ...event.source, id: "back-end" } };
    await archive.put([{ ...line, copy_id: "first", decisions: alone }]);
    await archive.put([{ ...line, copy_id: "second", copy_of, event: second, decisions: both }]);
    const record = { key: eventKey(event), lane: "meta", state, attempts: [], attempt_count: 1, updated_at: at };
    await store.writeRecords([{ ...record, ...(merged === undefined ? {} : { merged }) }]);
    const cells = (await run())?.quality?.cells;
    expect(cells).toMatchObject([{ events: 1, lane: "meta", source: event.source.id }]);
    return cells?.[0]?.tenths;
  };
  expect(await tenthsWith("delivered", ["back-end"])).toBe(70);
  expect(await tenthsWith("delivered", undefined)).toBe(40);
  // What is tried again goes out with the copy.
  expect(await tenthsWith("retry", undefined)).toBe(70);
});

test("a synthetic event is no part of the scores, and what was taken out of it is told all the same", async () => {
  const { archive, pass, run } = createWorld();
  await pass("a", { archived: false });
  const [at, event] = [HOUR + 20 * MINUTE_MS, purchaseEvent({ event_id: "a", test: true })];
  const quality = { version: MATCH_QUALITY_VERSION, score: 0, sent: {}, gains: { email: 50 } };
  const decisions = [{ lane: "meta", send: true, quality }];
  const removed = ["page.url?email:email"];
  await archive.put([{ v: 1, archived_at: at, copy_id: "copy-a", event, consent: GRANTED, removed, decisions }]);
  const account = await run();
  expect(account?.quality?.cells).toEqual([]);
  expect(account?.sensitive).toHaveLength(1);
});

test("G25: what arrived everywhere adds up, and is not judged again", async () => {
  const { clock, findings, metrics, pass, reads, run } = createWorld();
  await pass("a");
  await pass("b", { lanes: ["meta"], states: { meta: "rejected" } });
  await pass("c", { states: { meta: "skipped", ga4: "expired" } });
  expect(await run()).toEqual({
    hour: HOUR,
    judged_at: JUDGED_AT,
    settled: true,
    accepted: 3,
    refused: 0,
    claimed: 3,
    duplicates: 0,
    quarantined: 0,
    dropped_by_queue: 0,
    missing: 0,
    archived: 3,
    unarchived: 0,
    unreadable: 0,
    lanes: [
      { lane: "ga4", expected: 2, outcomes: { delivered: 1, expired: 1 }, waiting: 0, unexplained: 0 },
      { lane: "meta", expected: 3, outcomes: { delivered: 1, rejected: 1, skipped: 1 }, waiting: 0, unexplained: 0 },
    ],
    differences: [],
    quality: { version: MATCH_QUALITY_VERSION, cells: [] },
    sensitive: [],
  });
  expect(findings.findings()).toEqual([]);
  expect(metrics.total("ReconciliationDifferences")).toBe(0);
  expect(reads.receipts).toBe(5);
  clock.set(JUDGED_AT + 40 * HOUR_MS);
  expect(await run()).toBeUndefined();
  expect(reads.receipts).toBe(5);
});

test("a message that its lane lost is found, told with its id and the command, and counted once", async () => {
  const { clock, findings, log, metrics, pass, run } = createWorld();
  await pass("here");
  await pass("gone", { states: { meta: "delivered" } });
  const hour = await run();
  expect(hour?.lanes[0]).toMatchObject({
    lane: "ga4",
    expected: 2,
    outcomes: { delivered: 1, pending: 1 },
    unexplained: 1,
  });
  expect(hour?.differences).toEqual([
    "1 of 2 events of 13:00 to 14:00 UTC has no receipt at ga4, and its queue does not hold it: gone. Look into the lane's dead-letter queue first, then send again: npx tracklayer replay start --destination ga4 --ids gone",
  ]);
  expect(findings.findings()).toMatchObject([
    {
      detector: "reconciliation",
      subject: "lane/ga4",
      severity: "critical",
      observed: 1,
      began_at: HOUR,
      ended_at: HOUR + HOUR_MS,
    },
  ]);
  expect(log.lines.join()).toContain("reconciliation found a difference");
  expect(metrics.total("ReconciliationDifferences")).toBe(1);
  // Looked at once more after its deadline: still lost, and nothing new.
  clock.set(JUDGED_AT + 26 * HOUR_MS);
  expect(await run()).toMatchObject({ settled: true, differences: [expect.stringContaining("gone")] });
  expect(metrics.total("ReconciliationDifferences")).toBe(1);
});

test("a message that waits is explained by its queue, until its last deadline has passed", async () => {
  const { clock, metrics, onQueue, pass, run } = createWorld();
  await pass("slow", { states: { meta: "retry", ga4: "delivered" } });
  onQueue.meta = 7;
  expect(await run()).toMatchObject({ settled: false, differences: [], lanes: [{}, { waiting: 1, unexplained: 0 }] });
  clock.set(JUDGED_AT + 26 * HOUR_MS);
  expect(await run()).toMatchObject({
    settled: true,
    differences: [expect.stringContaining("no end (1 tried before) at meta")],
  });
  expect(metrics.total("ReconciliationDifferences")).toBe(1);
});

test("behind a stopped lane everything is explained, and for one window after it was started again", async () => {
  const { clock, controls, pass, run } = createWorld();
  await pass("held", { states: { meta: "delivered" } });
  const control = {
    lane: "ga4",
    state: "paused",
    version: 1,
    since: HOUR,
    reason: "maintenance",
    failed_probes: 0,
  } as const;
  await controls.save(control);
  expect(await run()).toMatchObject({ settled: false, differences: [] });
  const resumed = JUDGED_AT + 20 * HOUR_MS;
  await controls.save({ ...control, state: "closed", version: 2, since: resumed, resumed_at: resumed });
  clock.set(JUDGED_AT + 26 * HOUR_MS);
  expect(await run()).toMatchObject({ differences: [] });
});

test("an event that was sent and whose receipt could not be written is told apart: sending it again would count twice", async () => {
  const { findings, pass, run } = createWorld();
  await pass("maybe", { states: { meta: "delivered", ga4: "attempting" } });
  expect((await run())?.differences).toEqual([expect.stringContaining("nothing is sent again")]);
  expect(findings.findings()).toMatchObject([{ subject: "lane/ga4/unconfirmed", severity: "warning" }]);
});

test("an event that was accepted and that enrich lost is missing from the queue's account", async () => {
  const { counts, metrics, onQueue, pass, run } = createWorld();
  await pass("here");
  await pass("lost", { claimed: false });
  onQueue.events = 1;
  expect(await run()).toMatchObject({ accepted: 2, claimed: 1, missing: 0 });
  const later = createWorld();
  await later.pass("here");
  await later.pass("lost", { claimed: false });
  expect(await later.run()).toMatchObject({
    missing: 1,
    differences: [expect.stringMatching(/^1 event of 13:00 .* came out nowhere/)],
  });
  // And it is not told again as missing in the day of each next hour.
  later.clock.set(JUDGED_AT + 3 * HOUR_MS);
  await reconcile(Number.POSITIVE_INFINITY, later.deps);
  expect(later.metrics.total("ReconciliationDifferences")).toBe(1);
  expect(metrics.total("ReconciliationDifferences")).toBe(0);
  expect(counts).toBeDefined();
});

test.each(["EventsDuplicate", "EventsQuarantined", "dropped_by_events_queue"] as const)(
  "%s is an end at the queue",
  async (metric) => {
    const { counts, pass, run } = createWorld();
    await pass("a", { claimed: false });
    counts.count({ metric }, 1, HOUR + 21 * MINUTE_MS);
    counts.count({ metric: "EventsClaimed" }, 1, HOUR - 5 * HOUR_MS);
    expect(await run()).toMatchObject({ accepted: 1, claimed: 0, missing: 0, differences: [] });
  },
);

test("a line that the archive took and lost is missing there; one that is there twice is one event", async () => {
  const { metrics, pass, run } = createWorld();
  await pass("kept");
  await pass("kept");
  await pass("unkept", { archived: false });
  expect(await run()).toMatchObject({
    archived: 1,
    unarchived: 1,
    differences: [expect.stringMatching(/^1 event of .* went to the archive and is not in it/)],
  });
  expect(metrics.total("ReconciliationDifferences")).toBe(1);
});

test("an event that is claimed and nowhere else is found by the counts alone", async () => {
  const { counts, pass, run } = createWorld();
  await pass("whole");
  counts.count({ metric: "EventsAccepted", dimensions: { source: "shop" } }, 1, HOUR + 30 * MINUTE_MS);
  counts.count({ metric: "EventsClaimed" }, 1, HOUR + 30 * MINUTE_MS);
  expect(await run()).toMatchObject({ claimed: 2, archived: 1, missing: 0, unarchived: 1 });
});

test("lines that nobody can read are counted, and cost the others nothing", async () => {
  const { archive, pass, run } = createWorld();
  await pass("a");
  archive.plant(HOUR + 20 * MINUTE_MS, ["{", '{"v":2}']);
  expect(await run()).toMatchObject({ archived: 1, unreadable: 2, differences: [] });
});

test("many lost events are named by time and state, in place of their ids", async () => {
  const { pass, run } = createWorld();
  for (let index = 0; index < 130; index += 1) await pass(`e-${index}`, { lanes: ["meta"], states: {} });
  const [sentence = ""] = (await run())?.differences ?? [];
  expect(sentence).toContain("130 of 130 events of 13:00 to 14:00 UTC have no receipt at meta");
  expect(sentence).toMatch(
    /--destination meta --from 2026-11-23T13:00:00.000Z --to 2026-11-23T14:00:00.000Z --outcome pending$/,
  );
});

test("what is between two places at the first look is looked at again", async () => {
  const { deps, pass } = createWorld();
  await pass("late", { states: { meta: "delivered" } });
  let looks = 0;
  const { store } = deps;
  const slowStore: ReconcileDeps["store"] = {
    async readRecords(lane, keys, how) {
      if (lane === "ga4") looks += 1;
      const records = await store.readRecords(lane, keys, how);
      return lane === "ga4" && how?.mayBeStale !== true
        ? keys.map((key) => ({ key, lane, state: "delivered", attempts: [], attempt_count: 1, updated_at: HOUR }))
        : records;
    },
  };
  const judged = await reconcile(Number.POSITIVE_INFINITY, { ...deps, store: slowStore });
  expect(looks).toBe(2);
  expect(judged.find(({ hour }) => hour === HOUR)).toMatchObject({
    differences: [],
    lanes: [{ lane: "ga4", expected: 1, outcomes: { delivered: 1 } }, {}],
  });
});

test("a lane that is not configured any more is shown, and not called a loss", async () => {
  const { deps, pass } = createWorld();
  await pass("old", { states: {} });
  const judged = await reconcile(Number.POSITIVE_INFINITY, { ...deps, lanes: [] });
  expect(judged.find(({ hour }) => hour === HOUR)?.lanes).toMatchObject([
    { lane: "ga4", waiting: 1, unexplained: 0 },
    { lane: "meta", waiting: 1, unexplained: 0 },
  ]);
});

test("while nothing is sent, a run asks for one series, and for nothing of the archive and the table", async () => {
  const { archive, counts, deps } = createWorld();
  const asked: number[] = [];
  const judged = await reconcile(Number.POSITIVE_INFINITY, {
    ...deps,
    counts: {
      counts(wanted, from, to) {
        asked.push(wanted.length);
        return counts.counts(wanted, from, to);
      },
    },
    archive: { ...archive, objects: () => Promise.reject(new Error("listed")) },
  });
  expect(asked).toEqual([1]);
  expect(judged[0]).toMatchObject({ accepted: 0, archived: 0, settled: true, lanes: [], differences: [] });
});

test("without an archive only counts are compared, and no hour says that it knows more", async () => {
  const { findings, pass, reads, run } = createWorld({ withoutArchive: true });
  await pass("a", { states: {} });
  await pass("lost", { claimed: false });
  const hour = await run();
  expect(hour).toMatchObject({ accepted: 2, claimed: 1, missing: 1, lanes: [], unarchived: 0 });
  expect(hour).not.toHaveProperty("archived");
  expect(findings.findings()).toHaveLength(1);
  expect(reads.receipts).toBe(0);
});

test("hours that earlier runs did not judge are caught up with: of the last day, twelve in a run, the newest first", async () => {
  const { deps, pass } = createWorld();
  await pass("a");
  const hoursOf = async () => (await reconcile(Number.POSITIVE_INFINITY, deps)).map(({ hour }) => hour);
  const twelveTo = (newest: number) => Array.from({ length: 12 }, (_, index) => newest - (11 - index) * HOUR_MS);
  expect(await hoursOf()).toEqual(twelveTo(HOUR));
  expect(await hoursOf()).toEqual(twelveTo(HOUR - 12 * HOUR_MS));
  expect(await hoursOf()).toEqual([]);
});

test("a run without time begins no hour, and the next one goes on", async () => {
  const { clock, deps, pass, run } = createWorld();
  await pass("a");
  expect(await reconcile(clock.now(), deps)).toEqual([]);
  expect(await run()).toMatchObject({ accepted: 1 });
});

test("a run that dies before it kept its account finds the same again", async () => {
  const { deps, findings, pass, run } = createWorld();
  await pass("gone", { states: { meta: "delivered" } });
  const broken: ReconcileDeps = {
    ...deps,
    results: {
      ...deps.results,
      async save(account) {
        if (account.hour === HOUR) throw new Error("no table");
        return deps.results.save(account);
      },
    },
  };
  await expect(reconcile(Number.POSITIVE_INFINITY, broken)).rejects.toThrow("no table");
  expect(await run()).toMatchObject({ differences: [expect.stringContaining("gone")] });
  expect(findings.findings()).toHaveLength(1);
});
