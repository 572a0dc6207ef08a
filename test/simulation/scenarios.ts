import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { FaultShares } from "./fault-plan.ts";
import type { PlatformPlan } from "./platforms.ts";
import { createSeeded, type Seeded } from "./seeded.ts";

/** The dedup scope of all sources. */
export const SCOPE = "shop";

/** When every run begins, epoch ms. */
export const START = Date.UTC(2026, 10, 20, 12);

/** One event as the shop means it, however often and by whatever way it is reported. */
export interface PlannedEvent {
  readonly id: string;
  readonly name: "purchase" | "lead";
  readonly person: string;
  /** When it happened, epoch ms. */
  readonly time: number;
  /** Of its own, so that a value on another event would show. */
  readonly value: string;
  /** Of consent, where two copies make one event: the browser, where the person was asked, says what they answered. */
  readonly serverSays: "the same" | "nothing" | "granted";
  /** The platforms refuse it. */
  readonly bad: boolean;
  /** Ingest refuses it. */
  readonly invalid: boolean;
  readonly denied: readonly string[];
  readonly excluded: readonly string[];
}

/** Something that somebody outside does. `key` names it for `without`. */
export type Operation = { readonly key: string; readonly at: number } & (
  | {
      readonly do: "report";
      readonly source: "server" | "browser";
      readonly events: readonly PlannedEvent[];
      readonly as?: string;
      /** How far the clock of a visitor's device is off, ms; it dates the event and the sending of it. */
      readonly clockOffMs?: number;
    }
  | { readonly do: "redrive"; readonly queue: string }
  | { readonly do: "rotate" | "revoke" | "pause" | "resume"; readonly lane: string }
  | { readonly do: "plant"; readonly queue: string }
  | { readonly do: "erase"; readonly person: string }
  | { readonly do: "replay"; readonly pace: number; readonly twins: boolean }
);

/** Everything that one run is made of. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly seed: number;
  /** From here on nothing goes wrong any more, and everything has to settle. */
  readonly faultsEndAt: number;
  readonly platforms: readonly PlatformPlan[];
  readonly operations: readonly Operation[];
  readonly retryWindowMs: number;
  readonly maxReceiveCount: number;
  readonly skewMs: number;
  /** How long first copies wait for their other one; absent where none does. */
  readonly mergeSeconds?: number;
  readonly shares: {
    readonly ingest: FaultShares;
    readonly queues: FaultShares;
    readonly entries: number;
    readonly tables: FaultShares;
    readonly stale: number;
    readonly secrets: FaultShares;
    readonly throttled: number;
    readonly exposed: number;
    readonly undeleted: number;
    /** Requests of senders whose answer is lost on its way back. */
    readonly answers: number;
  };
}

export const SCENARIO_NAMES = [
  "calm",
  "crashes",
  "tables",
  "queues",
  "platforms",
  "copies",
  "pairs",
  "ageing",
  "stops",
  "erasures",
  "everything",
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

const CRASHES: FaultShares = { dies_before: 0.012, dies_after: 0.012, hangs: 0.004 };
const ERRORS: FaultShares = { refused: 0.05, lost: 0.02, late: 0.01, twice: 0.02, slow: 0.02 };
const NETWORK: FaultShares = { refused: 0.06, lost: 0.06, late: 0.03, slow: 0.08 };

const SLOW: FaultShares = { lost: 0.05, slow: 0.3 };

/** The run of a seed; a name given fixes which of the scenarios it is. */
export function planScenario(seed: number, name?: ScenarioName): Scenario {
  const seeded = createSeeded(seed);
  const chosen = name ?? seeded.pick("scenario", SCENARIO_NAMES);
  const has = (...names: readonly ScenarioName[]) => chosen === "everything" || names.includes(chosen);
  // Long enough for windows to close while things still go wrong.
  const shortest = chosen === "ageing" ? HOUR_MS : 10 * MINUTE_MS;
  const faultsEndAt = START + seeded.pick("faults end", [shortest, HOUR_MS, 3 * HOUR_MS]);
  const platforms = planPlatforms(seeded, chosen, faultsEndAt);
  // Not part of everything: other promises hold of events whose people are erased.
  const crashes = has("crashes", "pairs", ...(chosen === "erasures" ? ["erasures" as const] : [])) ? CRASHES : {};
  return {
    name: chosen,
    seed,
    faultsEndAt,
    platforms,
    operations: planOperations(seeded, chosen, platforms, faultsEndAt),
    retryWindowMs: has("ageing") ? seeded.pick("window", [20 * MINUTE_MS, 40 * MINUTE_MS, 24 * HOUR_MS]) : 24 * HOUR_MS,
    maxReceiveCount: has("queues") && seeded.chance("few receives", 0.4) ? 3 : 253,
    skewMs: seeded.chance("skew", 0.5) ? 30 * SECOND_MS : 0,
    ...(chosen === "pairs" ? { mergeSeconds: seeded.pick("window", [5, 30, 300]) } : {}),
    shares: {
      ingest: has("queues") ? { ...ERRORS, ...crashes } : crashes,
      queues: has("queues", "ageing", "pairs") ? { ...ERRORS, ...crashes } : crashes,
      entries: has("queues", "ageing", "pairs") ? 0.06 : 0,
      tables:
        has("tables", "pairs") || (chosen === "erasures" && seeded.chance("tables fail", 0.5))
          ? { ...ERRORS, ...crashes }
          : crashes,
      stale: has("tables", "copies", "pairs") ? 0.5 : 0,
      secrets: has("platforms", "copies", "stops") ? { refused: 0.1, lost: 0.15, ...crashes } : crashes,
      throttled: has("queues") ? 0.1 : 0,
      exposed: has("copies") ? 0.25 : has("queues", "ageing") ? 0.1 : 0,
      undeleted: has("queues", "copies", "ageing", "pairs") ? 0.1 : 0,
      answers: has("copies", "queues") ? 0.15 : 0,
    },
  };
}

function planPlatforms(seeded: Seeded, name: ScenarioName, faultsEndAt: number): PlatformPlan[] {
  const has = (...names: readonly ScenarioName[]) => name === "everything" || names.includes(name);
  const troubled = has("platforms", "ageing", "stops");
  const crashes = has("crashes") ? CRASHES : {};
  const rough = (lane: string) => {
    const span = faultsEndAt - START;
    // Where it is about age, for longer than any window that closes.
    const from = name === "ageing" ? START : START + seeded.fraction(`outage ${lane}`) * span;
    const least = name === "ageing" ? 0.6 : 0;
    const to = from + Math.max(least, seeded.fraction(`out for ${lane}`)) * (faultsEndAt - from);
    const isOut = troubled && seeded.chance(`is out ${lane}`, has("ageing") ? 0.8 : 0.4);
    return {
      lane,
      maxAgeMs: has("ageing") ? seeded.pick(`age ${lane}`, [HOUR_MS, 72 * HOUR_MS]) : 168 * HOUR_MS,
      outages: isOut ? [[from, to] as const] : [],
      // No call to a platform outlasts its own timeout: nothing hangs here.
      calls: { ...(troubled ? NETWORK : has("copies") ? SLOW : {}), ...crashes, hangs: 0 },
      throttled: troubled ? 0.1 : 0,
      failing: troubled ? 0.08 : 0,
      garbled: troubled ? 0.03 : 0,
      impostor: troubled ? 0.02 : 0,
    };
  };
  return [
    { ...rough("drops"), dedups: true, batchFailure: "per_event", batchSize: 10, consent: "ad_user_data" },
    { ...rough("counts"), dedups: false, batchFailure: "per_event", batchSize: 3, consent: "analytics_storage" },
    {
      ...rough("whole"),
      dedups: seeded.chance("whole dedups", 0.5),
      batchFailure: "whole",
      batchSize: 8,
      consent: "ad_user_data",
      tokenLifeMs: seeded.pick("token life", [2 * MINUTE_MS, HOUR_MS]),
    },
  ];
}

function planOperations(
  seeded: Seeded,
  name: ScenarioName,
  platforms: readonly PlatformPlan[],
  faultsEndAt: number,
): Operation[] {
  const has = (...names: readonly ScenarioName[]) => name === "everything" || names.includes(name);
  const operations: Operation[] = [];
  const span = seeded.pick("span", [SECOND_MS, 30 * SECOND_MS, (faultsEndAt - START) / 2]);
  const reports = seeded.whole("reports", 1, 4);
  for (let report = 1; report <= reports; report += 1) {
    const key = `report ${report}`;
    const at = START + seeded.fraction(`at ${key}`) * span;
    // Enough for a lane to be worked hard, where it is about stopping it.
    const count = name === "stops" ? seeded.whole(`events ${key}`, 4, 16) : seeded.pick(`events ${key}`, [1, 1, 2, 4]);
    const events = Array.from({ length: count }, (_, index) => planEvent(seeded, name, `e${report}-${index + 1}`, at));
    const source = seeded.pick(`source ${key}`, ["server", "browser"]);
    operations.push({ key, at, do: "report", source, events, ...deviceClock(seeded, key, source) });
    if (name === "pairs") operations.push(otherCopy(seeded, key, { at, events, source }));
    if (!has("copies", "queues")) continue;
    const copies = seeded.pick(`copies ${key}`, [0, 1, 1, 3]);
    for (let copy = 1; copy <= copies; copy += 1) {
      const name = `copy ${copy} of ${key}`;
      const laterMs = seeded.pick(`later ${name}`, [
        0,
        80,
        5 * SECOND_MS,
        299 * SECOND_MS,
        6 * MINUTE_MS,
        6 * HOUR_MS,
        144 * HOUR_MS,
      ]);
      // Another reporter may know the person by another name: then the copy is in another message group.
      const as = seeded.chance(`as ${name}`, 0.6) ? { as: `alias-${report}-${copy}` } : {};
      const by = seeded.pick(`source ${name}`, ["server", "browser"]);
      operations.push({
        key: name,
        at: at + laterMs,
        do: "report",
        source: by,
        events,
        ...as,
        ...deviceClock(seeded, name, by),
      });
    }
  }
  const sometimes = (key: string, share: number, operation: () => Operation) => {
    if (seeded.chance(key, share)) operations.push(operation());
  };
  const during = (key: string) => START + seeded.fraction(`when ${key}`) * (faultsEndAt - START);
  for (const { lane } of platforms) {
    if (has("platforms", "stops")) {
      sometimes(`rotate ${lane}`, 0.15, () => ({
        key: `rotate ${lane}`,
        at: during(`rotate ${lane}`),
        do: "rotate",
        lane,
      }));
      sometimes(`revoke ${lane}`, 0.15, () => ({
        key: `revoke ${lane}`,
        at: during(`revoke ${lane}`),
        do: "revoke",
        lane,
      }));
    }
    if (has("stops", "ageing") && seeded.chance(`pause ${lane}`, 0.2)) {
      const [from, to] = [during(`pause ${lane}`), during(`resume ${lane}`)].sort((a, b) => a - b) as [number, number];
      operations.push({ key: `pause ${lane}`, at: from, do: "pause", lane });
      operations.push({ key: `resume ${lane}`, at: to, do: "resume", lane });
    }
    if (has("queues", "ageing")) {
      const queue = `lane-${lane}`;
      sometimes(`redrive ${lane}`, 0.4, () => ({
        key: `redrive ${lane}`,
        at: during(`redrive ${lane}`),
        do: "redrive",
        queue,
      }));
    }
  }
  // One while events come in, one when everything that goes wrong has, and the dead letters are about to be redriven.
  for (const key of ["replay now", "replay later"]) {
    sometimes(key, 0.35, () => ({
      key,
      at: key === "replay now" ? during(key) : faultsEndAt + seeded.fraction(`when ${key}`) * 5 * MINUTE_MS,
      do: "replay",
      pace: seeded.pick(`pace ${key}`, [1, 3, 1_000]),
      twins: seeded.chance(`twins ${key}`, 0.5),
    }));
  }
  if (has("queues")) {
    for (const queue of ["events.fifo", "lane-drops"]) {
      sometimes(`plant ${queue}`, 0.15, () => ({
        key: `plant ${queue}`,
        at: during(`plant ${queue}`),
        do: "plant",
        queue,
      }));
    }
  }
  if (name === "erasures") operations.push(...planErasures(seeded, { from: START, span }, platforms, faultsEndAt));
  return operations.sort((a, b) => a.at - b.at);
}

/** Somebody is erased while their events come in or wait behind a paused lane; a replay comes by when it is over. */
function planErasures(
  seeded: Seeded,
  { from, span }: { readonly from: number; readonly span: number },
  platforms: readonly PlatformPlan[],
  faultsEndAt: number,
): Operation[] {
  const at = from + seeded.fraction("when erase") * Math.min(faultsEndAt - from, 2 * span + 2 * SECOND_MS);
  const person = `person-${seeded.whole("who is erased", 1, 3)}`;
  const operations: Operation[] = [
    { key: "erase", at, do: "erase", person },
    {
      key: "replay after",
      at: at + seeded.fraction("replay after") * MINUTE_MS,
      do: "replay",
      pace: 1_000,
      twins: false,
    },
  ];
  const lane = platforms[0]?.lane ?? "";
  if (!seeded.chance("waits behind a pause", 0.5)) return operations;
  return [
    ...operations,
    { key: "pause for erase", at: from, do: "pause", lane },
    { key: "resume after erase", at: at + 5 * MINUTE_MS, do: "resume", lane },
  ];
}

/** The report of the other side, at any distance from the first. */
function otherCopy(
  seeded: Seeded,
  key: string,
  { at, events, source }: { at: number; events: readonly PlannedEvent[]; source: "server" | "browser" },
): Operation {
  const laterMs = seeded.pick(`later ${key}`, [
    0,
    80,
    SECOND_MS,
    4_900,
    5_100,
    20_000,
    29_500,
    31_000,
    299_000,
    HOUR_MS,
  ]);
  const other = source === "server" ? "browser" : "server";
  return { key: `other copy of ${key}`, at: at + laterMs, do: "report", source: other, events };
}

/** Half of the visitors' devices have a clock that is off by more than an upload can take, up to two days. */
function deviceClock(seeded: Seeded, report: string, source: "server" | "browser"): { clockOffMs?: number } {
  if (source === "server" || seeded.chance(`clock of ${report}`, 0.5)) return {};
  const hours = seeded.pick(`clock off ${report}`, [-48, -1, 1, 48]);
  return { clockOffMs: hours * HOUR_MS };
}

function planEvent(seeded: Seeded, scenario: ScenarioName, id: string, at: number): PlannedEvent {
  const isAgeing = scenario === "ageing" || scenario === "everything";
  const ago = isAgeing ? seeded.pick(`ago ${id}`, [SECOND_MS, 40 * MINUTE_MS, 80 * HOUR_MS]) : SECOND_MS;
  return {
    id,
    name: seeded.pick(`name ${id}`, ["purchase", "lead"]),
    person: `person-${seeded.whole(`person ${id}`, 1, 3)}`,
    time: Math.floor(at - ago),
    value: `${seeded.whole(`value ${id}`, 1, 99_999)}.5`,
    bad: seeded.chance(`bad ${id}`, 0.15),
    invalid: seeded.chance(`invalid ${id}`, 0.06),
    denied: seeded.chance(`denied ${id}`, 0.15)
      ? [seeded.pick(`denied what ${id}`, ["ad_user_data", "analytics_storage"])]
      : [],
    serverSays: seeded.pick(`server says ${id}`, ["the same", "nothing", "granted"]),
    excluded: seeded.chance(`excluded ${id}`, 0.08)
      ? [seeded.pick(`excluded where ${id}`, ["drops", "counts", "whole"])]
      : [],
  };
}
