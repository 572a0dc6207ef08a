import { MINUTE_MS } from "../../src/core/durations.ts";
import type { LaneControl } from "../../src/core/lane-control.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import type { IngestRequest, IngestResponse } from "../../src/pipeline/ingest-contract.ts";
import { differencesIn } from "./accounts.ts";
import type { RunContext } from "./container.ts";
import { createFaultPlan, type Fault } from "./fault-plan.ts";
import { judgeJoined } from "./joined-judge.ts";
import { createOracle, type Violation } from "./oracle.ts";
import { PLANTED } from "./oracle-end.ts";
import {
  type Operation,
  type PlannedEvent,
  planScenario,
  type Scenario,
  type ScenarioName,
  START,
} from "./scenarios.ts";
import { createSeeded } from "./seeded.ts";
import type { Subject } from "./subject.ts";
import { createVirtualTime } from "./virtual-time.ts";
import { createWorld, type World } from "./world.ts";

/** Once nothing goes wrong any more, the longest backoff and a wait that a platform asked for may be left. */
const SETTLED_WITHIN_MS = 3 * 60 * MINUTE_MS;

/** Most steps of one run: far more than any run needs, and few enough to end one that goes in circles. */
const STEPS = 60_000;

/** Which run, and what is left out of it. */
export interface RunOptions {
  readonly seed: number;
  readonly subject: Subject;
  readonly scenario?: ScenarioName;
  /** A scenario made elsewhere, in place of the seed's. */
  readonly plan?: Scenario;
  /** Faults by the point at which they strike. */
  readonly forced?: ReadonlyMap<string, Fault>;
  /** Faults and operations that do not take place. */
  readonly without?: ReadonlySet<string>;
  /** Keeps the trace, which costs time. */
  readonly traced?: boolean;
}

/** What came of one run. */
export interface RunResult {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  /** Names of the faults that struck and the operations that took place. */
  readonly causes: readonly string[];
  readonly trace: readonly string[];
  /** Every call that was made, under the names that `forced` takes. */
  readonly points: readonly string[];
  /** States that some receipt was in. */
  readonly states: ReadonlySet<DeliveryState>;
  /** States that some lane was in. */
  readonly lanes: ReadonlySet<LaneControl["state"]>;
  /** Events that some sender was told are accepted. */
  readonly accepted: number;
  readonly faults: number;
}

/** One seed, one run: the same violations and the same trace every time. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  const { scenario: name, seed, subject, forced = new Map(), traced = false, without = new Set() } = options;
  const scenario = options.plan ?? planScenario(seed, name);
  const time = createVirtualTime(START);
  const seeded = createSeeded(seed);
  const trace: string[] = [];
  const tell = traced ? (line: string) => void trace.push(`${stamp(time.now() - START)}  ${line}`) : () => {};
  const faults = createFaultPlan({ seeded, endsAt: scenario.faultsEndAt, now: time.now, without, forced, tell });
  const context: RunContext = { time, seeded, faults, tell, died: (invocation) => oracle.died(invocation) };
  const oracle = createOracle(scenario, time, tell);
  const world = createWorld(scenario, context, oracle, subject);
  const accepted = new Set<string>();
  const operations = scenario.operations.filter(({ key }) => !without.has(key));
  const senders = { world, context, scenario, answered };

  function answered(event: PlannedEvent, status: "accepted" | "rejected", source: string): void {
    oracle.answered(event, status, source);
    if (status === "accepted") accepted.add(event.id);
  }

  for (const operation of operations) {
    time.after(operation.at - START, () => {
      tell(`OPERATION ${operation.key}`);
      if (operation.do === "redrive") oracle.redriven(operation.queue);
      operate(operation, senders);
    });
  }
  const problems: Violation[] = [];
  const lastMs = Math.max(scenario.faultsEndAt, ...operations.map(({ at }) => at));
  let end = await time.runOut({ untilMs: lastMs + SETTLED_WITHIN_MS, steps: STEPS });
  // What was given up while the world was broken is put back once it is whole. What comes out of that too old for its
  // platform is given up a second time, and that time for good.
  for (let round = 1; round <= 3 && end === "idle"; round += 1) {
    time.after(Math.max(0, lastMs - time.now()) + MINUTE_MS, () => {
      for (const queue of ["events.fifo", ...scenario.platforms.map(({ lane }) => `lane-${lane}`)]) {
        oracle.redriven(queue);
        world.queues.redrive(queue);
      }
    });
    end = await time.runOut({ untilMs: Math.max(time.now(), lastMs) + SETTLED_WITHIN_MS, steps: STEPS });
  }
  if (end === "idle") {
    await oracle.settle(world.store, world.queues);
    await judgeJoined({ scenario, fail: oracle.fail, store: world.store, identities: world.identities });
    await world.replays.judgeEnd();
    await world.erasures.judgeEnd();
    for (const { sentence, subject } of await differencesIn(world, scenario, time.now())) {
      // What was sent and could not be written down is for the oracle to judge, and for people to be told.
      if (!subject.endsWith("/unconfirmed")) problems.push({ rule: "the accounts close", what: sentence });
    }
  } else problems.push({ rule: "everything settles in time", what: end });
  const violations = [...problems, ...oracle.violations];
  const causes = [...faults.struck, ...operations.map(({ key }) => key)];
  return {
    scenario,
    violations,
    causes,
    trace,
    points: faults.visited,
    states: oracle.states,
    lanes: oracle.lanes,
    accepted: accepted.size,
    faults: faults.struck.length,
  };
}

interface Senders {
  readonly world: World;
  readonly context: RunContext;
  readonly scenario: Scenario;
  answered(event: PlannedEvent, status: "accepted" | "rejected", source: string): void;
}

function operate(operation: Operation, senders: Senders): void {
  const { platforms, queues } = senders.world;
  if (operation.do === "report") report(operation, operation.events, senders, 1);
  else if (operation.do === "redrive") queues.redrive(operation.queue);
  else if (operation.do === "plant") queues.plant(operation.queue, PLANTED);
  else if (operation.do === "replay") senders.world.replays.start(operation);
  else if (operation.do === "erase") senders.world.erasures.start(operation);
  else if (operation.do === "pause") senders.world.pause(operation.lane);
  else if (operation.do === "resume") senders.world.resume(operation.lane);
  else if (operation.do === "rotate") platforms.get(operation.lane)?.rotate();
  else platforms.get(operation.lane)?.revokeTokens();
}

type Report = Operation & { do: "report" };

/** A sender keeps what it was not told about, and sends it again for a while, with the same ids. */
function report(operation: Report, events: readonly PlannedEvent[], senders: Senders, attempt: number): void {
  const { context, scenario, world } = senders;
  const { faults, time } = context;
  const again = (left: readonly PlannedEvent[]) => {
    if (attempt < 6) time.after(attempt * attempt * 7_000, () => report(operation, left, senders, attempt + 1));
  };
  world.ingest.invoke(
    requestOf(operation, events, { now: time.now(), isPaired: scenario.mergeSeconds !== undefined }),
    (answer) => {
      const isLost = faults.strikes(`answer ${attempt} to ${operation.key}`, scenario.shares.answers);
      if (answer === undefined || isLost || answer.value.status !== 202) return again(events);
      const results = resultsOf(answer.value);
      const left = events.filter((event, index) => {
        const status = results[index]?.status;
        if (status === "accepted" || status === "rejected") senders.answered(event, status, operation.source);
        return status !== "accepted" && status !== "rejected";
      });
      if (left.length > 0) again(left);
    },
  );
}

function resultsOf(response: IngestResponse): { status?: string }[] {
  return (JSON.parse(response.body) as { results: { status?: string }[] }).results;
}

function requestOf(
  { as, clockOffMs, key, source }: Report,
  events: readonly PlannedEvent[],
  { now, isPaired }: { readonly now: number; readonly isPaired: boolean },
): IngestRequest {
  const sided = (event: PlannedEvent) => (isPaired ? sideOf(event, source) : {});
  const sent = clockOffMs === undefined ? {} : { sent_at: Math.floor(now + clockOffMs) };
  const body = { ...sent, events: events.map((event) => ({ ...inputOf(event, as, clockOffMs), ...sided(event) })) };
  const origin = source === "browser" ? { origin: "https://shop.example" } : {};
  return {
    method: "POST",
    path: "/v1/events",
    query: {},
    headers: { authorization: `Bearer source-${source}-key`, ...origin },
    cookies: [],
    body: Buffer.from(JSON.stringify(body)),
    ip: "93.184.216.34",
    requestId: key,
  };
}

/** Where two copies make one event: the tag's has the browser, the server's the customer, and either may know the answer. */
function sideOf(event: PlannedEvent, source: Report["source"]): object {
  if (source === "browser") return { user: {}, browser_ids: { fbp: "fb.1.1700000000000.1" } };
  // A person of its own: what they answered for another event would be an answer for this one.
  const user = { user_id: `alias-${event.id}`, email: `${event.id}@shop.example` };
  const granted = { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" };
  const consent = {
    "the same": {},
    nothing: { consent: {} },
    granted: { consent: { ...granted, analytics_storage: "granted" } },
  };
  return { user, ...consent[event.serverSays] };
}

function inputOf(event: PlannedEvent, as: string | undefined, clockOffMs = 0): object {
  const person = as ?? event.person;
  const denied = (purpose: string) => (event.denied.includes(purpose) ? "denied" : "granted");
  return {
    event_id: event.id,
    event_name: event.invalid ? "" : event.name,
    event_time: event.time + clockOffMs,
    value: event.value,
    currency: "EUR",
    user: { user_id: person, email: `${event.person}@shop.example` },
    consent: {
      ad_storage: "granted",
      ad_user_data: denied("ad_user_data"),
      ad_personalization: "granted",
      analytics_storage: denied("analytics_storage"),
    },
    properties: { bad: event.bad },
    ...(event.excluded.length === 0
      ? {}
      : { destinations: Object.fromEntries(event.excluded.map((lane) => [lane, false])) }),
  };
}

function stamp(ms: number): string {
  const whole = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${String(Math.floor(ms % 1_000)).padStart(3, "0")}`;
}
