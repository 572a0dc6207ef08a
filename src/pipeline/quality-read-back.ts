import { type Destination, wireName } from "../core/destination.ts";
import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { rulesOf } from "../core/event-rules.ts";
import type {
  KeptScore,
  LaneReadBack,
  PlatformScore,
  QualityReadBack,
  ReadBackAnswer,
} from "../core/quality-read-back.ts";
import type { DeliverDeps, LaneSettings } from "./lane.ts";
import { type LaneCredentialsInUse, readCredentials, type SignInDeps } from "./lane-credentials.ts";
import { createScrubber, platformWords } from "./platform-words.ts";
import type { Clock, Log } from "./ports.ts";
import type { ReadBackStore } from "./read-back-ports.ts";

/** Once a day, and an hour early, so that the hourly run's minutes do not move it on from day to day. */
const EACH_MS = 23 * HOUR_MS;
/** A person may have given the permission meanwhile. */
const AFTER_REFUSAL_MS = 6 * HOUR_MS;
/** Longer than a request may take; a run that died frees its lane again. */
const LEASE_MS = 2 * MINUTE_MS;

/** What a platform calls an identifier; anything else that stands in that place is no name. */
const PLAIN_NAME = /^[a-z][\w ]{0,39}$/i;
/** Events of a lane whose scores are kept, and identifiers of each: the item holds 400 KB, and people read the first ones. */
const MOST_SCORES = 100;
const MOST_IDENTIFIERS = 40;

/** A lane whose platform is asked. */
interface AskedLane {
  readonly lane: LaneSettings;
  readonly destination: Destination;
}

/** What a run works with, for all lanes that ask. */
export interface ReadBackDeps extends Pick<DeliverDeps, "http" | "credentials"> {
  readonly lanes: readonly AskedLane[];
  readonly accessTokensOf: (lane: string) => DeliverDeps["accessTokens"];
  readonly store: ReadBackStore;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/**
 * Asks each platform that is due for its own score, once a day however many runs there are, and keeps what it says. One
 * that does not answer is asked in the next run. Begins no request that could not end before `deadline` (epoch ms).
 * Answers how many were read.
 */
export async function readBackQuality(deadline: number, deps: ReadBackDeps): Promise<number> {
  const known = await deps.store.read(deps.lanes.map(({ lane }) => lane.id));
  let read = 0;
  for (const [index, asked] of deps.lanes.entries()) {
    const now = deps.clock.now();
    const { limits, qualityReadBack } = asked.destination;
    const isDue = (known[index]?.next_at ?? 0) <= now;
    if (qualityReadBack === undefined || !isDue || now + limits.timeoutMs > deadline) continue;
    if (!(await deps.store.take(asked.lane.id, now, LEASE_MS))) continue;
    const answer = await ask(asked, qualityReadBack, deadline, deps);
    if (answer.kind === "read") read += 1;
    else deps.log.warn("platform's own score not read", { lane: asked.lane.id, reason: answer.reason });
    await deps.store.save(kept(answer, asked, qualityReadBack, { previous: known[index], now }));
  }
  return read;
}

async function ask(
  { destination, lane }: AskedLane,
  { read, request }: QualityReadBack<unknown>,
  deadline: number,
  deps: ReadBackDeps,
): Promise<ReadBackAnswer> {
  const { clock, credentials: secrets, http, log } = deps;
  const accessTokens = deps.accessTokensOf(lane.id);
  const signIn: SignInDeps = {
    lane,
    log,
    credentials: secrets,
    accessTokens,
    remainingMs: () => deadline - clock.now(),
  };
  const credentials = await readCredentials(destination, signIn);
  const words = (answer: ReadBackAnswer): ReadBackAnswer =>
    answer.kind === "read" ? answer : { ...answer, reason: createScrubber([...credentials.everUsed()])(answer.reason) };
  const hindrance = await signedIn(credentials);
  if (hindrance !== undefined) return words(hindrance);
  const context = {
    lane: lane.id,
    settings: lane.settings,
    credentials: credentials.current(),
    now: clock.now(),
    testMode: lane.testMode,
    ...rulesOf(lane),
  };
  try {
    return words(read(await http.send(request(context), { timeoutMs: destination.limits.timeoutMs })));
  } catch (error) {
    return words({ kind: "retry", reason: error instanceof Error ? error.message : String(error) });
  }
}

async function signedIn({ problem, signIn }: LaneCredentialsInUse): Promise<ReadBackAnswer | undefined> {
  const found = problem ?? (await signIn());
  if (found === "ready") return undefined;
  if (found === "too_late" || found.kind === "delivered")
    return { kind: "retry", reason: "no time was left to sign in" };
  return { kind: found.kind === "retry" ? "retry" : "refused", reason: found.reason };
}

function kept(
  answer: ReadBackAnswer,
  asked: AskedLane,
  { about, permission }: QualityReadBack<unknown>,
  { now, previous }: { readonly now: number; readonly previous: LaneReadBack | undefined },
): LaneReadBack {
  const lane = asked.lane.id;
  if (answer.kind === "read") {
    const scores = answer.scores.slice(0, MOST_SCORES).map((score) => named(score, asked));
    return { lane, tried_at: now, next_at: now + EACH_MS, last: { read_at: now, about, scores } };
  }
  const isRefused = answer.kind === "refused";
  return {
    lane,
    tried_at: now,
    next_at: isRefused ? now + AFTER_REFUSAL_MS : now,
    problem: isRefused ? `${answer.reason}; it needs ${permission}` : answer.reason,
    // Yesterday's is better than none, and says its day.
    ...(previous?.last === undefined ? {} : { last: previous.last }),
  };
}

/** Several of our names may be one of the platform's. Custom events are called whatever their sender liked. */
function named(given: PlatformScore, { destination, lane }: AskedLane): KeptScore {
  const plain = Object.entries(given.coverage).filter(([identifier]) => PLAIN_NAME.test(identifier));
  const { event } = given;
  const score = {
    ...given,
    ...(event === undefined ? {} : { event: platformWords(event) }),
    coverage: Object.fromEntries(plain.slice(0, MOST_IDENTIFIERS)),
  };
  const rules = rulesOf(lane);
  const names = EVENT_NAMES.filter(
    (name) => event !== undefined && wireName({ event_name: name }, destination, rules) === event,
  );
  return { ...score, ...(names.length === 0 ? {} : { names }) };
}
