import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryLaneIntakes } from "../../src/adapters/memory/lane-intakes.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import type { DeclaredLane, DestinationPorts } from "../../src/ops/destination-health.ts";
import { listDestinations, pauseDestination, resumeDestination, showDestination } from "../../src/ops/destinations.ts";
import type { FigureQuery } from "../../src/ops/figures.ts";
import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

const META: DeclaredLane = {
  lane: "meta",
  type: "meta",
  name: "Meta",
  needsSecret: true,
  testMode: false,
  versionEnd: OPS_NOW + 30 * 86_400_000,
};
const WEBHOOK: DeclaredLane = { lane: "hook", type: "webhook", name: "Webhook", needsSecret: false, testMode: true };

const failed = (updated_at: number, state: DeliveryRecord["state"], reason: string): DeliveryRecord => ({
  key: { dedup_scope: "shop", event_id: `e${updated_at}`, event_name: "purchase" },
  lane: "meta",
  state,
  attempts: [],
  attempt_count: 1,
  updated_at,
  reason,
});

interface Told {
  readonly counts?: Readonly<Record<string, number>>;
  readonly records?: readonly DeliveryRecord[];
  readonly down?: readonly ("figures" | "queues" | "controls" | "lookups")[];
}

async function world({ counts = {}, records = [], down = [] }: Told = {}) {
  const unlessDown = <Value>(part: NonNullable<Told["down"]>[number], value: Value): Promise<Value> =>
    down.includes(part) ? Promise.reject(new Error(`${part} is down`)) : Promise.resolve(value);
  const controls = createMemoryLaneControls();
  const intakes = createMemoryLaneIntakes();
  const points = (query: FigureQuery): ReadonlyMap<number, number> => {
    if (!("metric" in query)) return new Map(query.oldestOf === "lane-meta" ? [[OPS_NOW, 33]] : []);
    const { destination, outcome } = query.dimensions;
    const count = destination === "meta" ? counts[outcome ?? query.statistic] : undefined;
    return new Map(count === undefined ? [] : [[OPS_NOW, count]]);
  };
  const ports: DestinationPorts = {
    lanes: [META, WEBHOOK],
    figures: { read: (queries) => unlessDown("figures", queries.map(points)) },
    queues: {
      depth: (queue) =>
        unlessDown("queues", queue === "lane-meta" ? { waiting: 4, in_flight: 2 } : { waiting: 0, in_flight: 0 }),
      peek: async () => [],
      lastMove: async () => undefined,
      startMove: async () => "started",
      purge: async () => "purged",
    },
    controls: {
      ...controls,
      read: (...given) => unlessDown("controls", undefined).then(() => controls.read(...given)),
    },
    intakes,
    lookups: {
      listFailures: (lane, { day }) =>
        unlessDown(
          "lookups",
          lane === "meta" && day === "2026-11-23"
            ? records.map(({ key, lane: of, updated_at: at }) => ({ key, lane: of, at }))
            : [],
        ),
      readRecords: async (_, keys) => keys.map((key) => records.find((record) => record.key.event_id === key.event_id)),
    },
    retryWindowMs: 86_400_000,
    clock: { now: () => OPS_NOW },
  };
  const made = await createOpsWorld([listDestinations, showDestination, pauseDestination, resumeDestination], ports);
  const post = (path: string, body: object = {}) => made.ask({ method: "POST", path, body: JSON.stringify(body) });
  return { ...made, post, intakes };
}

test("health puts together what metrics, queue, control and failures know", async () => {
  const { ask } = await world({
    counts: { delivered: 90, rejected: 10, retry: 5, SampleCount: 90, p50: 800, p95: 2_500, Average: 7.25 },
    records: [
      failed(OPS_NOW - 9_000, "rejected", "older"),
      failed(OPS_NOW - 2_000, "delivered", "mended since"),
      failed(OPS_NOW - 5_000, "rejected", "100: Invalid parameter"),
    ],
  });
  expect((await ask({ path: "/destinations/meta", query: "window=60" })).body).toEqual({
    lane: "meta",
    type: "meta",
    name: "Meta",
    control: { state: "closed", since: 0, reason: "" },
    window: { from: OPS_NOW - 3_600_000, to: OPS_NOW + 60_000 },
    outcomes: { delivered: 90, rejected: 10, retry: 5 },
    success_share: 0.9,
    latency_p50_ms: 800,
    latency_p95_ms: 2_500,
    match_quality: 7.25,
    queue: { waiting: 4, in_flight: 2, oldest_seconds: 33 },
    dead_letters: 0,
    last_error: { at: OPS_NOW - 5_000, state: "rejected", reason: "100: Invalid parameter" },
    auth: "ok",
    version_ends_in_days: 30,
    test_mode: false,
  });
});

test("a lane of which nothing is known says so by leaving it out", async () => {
  const { ask } = await world();
  const { items } = (await ask({ path: "/destinations" })).body;
  expect(items.map(({ lane, auth }: { lane: string; auth: string }) => [lane, auth])).toEqual([
    ["meta", "unknown"],
    ["hook", "not_needed"],
  ]);
  for (const absent of ["success_share", "latency_p50_ms", "match_quality", "last_error", "unavailable"]) {
    expect(items[1]).not.toHaveProperty(absent);
  }
  expect(items[1]).toMatchObject({ outcomes: {}, queue: { waiting: 0, in_flight: 0 }, test_mode: true });
});

test.each([
  ["figures", "metrics", ["success_share", "latency_p50_ms", "match_quality"]],
  ["queues", "queue", ["queue", "dead_letters"]],
  ["controls", "control", ["control"]],
  ["lookups", "failures", ["last_error"]],
] as const)("when the %s do not answer, the others are shown and the gap is named", async (part, named, absent) => {
  const told = { counts: { delivered: 1, SampleCount: 1, p50: 1 }, records: [failed(OPS_NOW - 1, "expired", "late")] };
  const { ask } = await world({ ...told, down: [part] });
  const { status, body } = await ask({ path: "/destinations/meta" });
  expect(status).toBe(200);
  expect(body.unavailable).toEqual([named]);
  for (const field of absent) expect(body).not.toHaveProperty(field);
  const all = ["success_share", "queue", "control", "last_error"];
  for (const field of all.filter((it) => !(absent as readonly string[]).includes(it)))
    expect(body).toHaveProperty(field);
});

test("credentials count as refused as long as anything was refused for them", async () => {
  const { ask } = await world({ counts: { delivered: 5, unauthorized: 1 } });
  expect((await ask({ path: "/destinations/meta" })).body.auth).toBe("refused");
});

test("a lane is stopped and started by a person, by name, and both are in the audit log", async () => {
  const { ask, post, audit, intakes } = await world();
  const paused = await post("/destinations/meta/pause", { reason: "sale is over, ask ana@example.com" });
  expect(paused.body).toMatchObject({ state: "paused", by: "key:key000000001", reason: "sale is over, ask [e-mail]" });
  expect((await ask({ path: "/destinations/meta" })).body.control).toEqual(paused.body);
  expect(await intakes.isOpen("meta")).toBe(false);
  expect((await post("/destinations/meta/resume")).body).toMatchObject({ state: "closed", by: "key:key000000001" });
  expect(await intakes.isOpen("meta")).toBe(true);
  const entries = await audit.read(1, 5);
  expect(entries.map(({ action, target }) => [action, target])).toEqual([
    ["lane.pause", "meta"],
    ["lane.resume", "meta"],
  ]);
  expect(JSON.stringify(entries)).not.toContain("ana@");
});

test("a lane that is not configured is told with the one that was meant", async () => {
  const { ask, post } = await world();
  const { status, body } = await ask({ path: "/destinations/mta" });
  expect({ status, error: body.error }).toEqual({ status: 404, error: "no_such_destination" });
  expect(body.message).toContain("did you mean meta?");
  expect((await post("/destinations/mta/pause", { reason: "x" })).status).toBe(404);
  expect((await post("/destinations/meta/pause")).body.message).toBe("reason is required");
});
