import type { RequestResult } from "../core/breaker.ts";
import { type Destination, type DestinationRequest, dropsCopies } from "../core/destination.ts";
import type { Outcome } from "../core/outcome.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, Exchange, LaneItem, Verdict } from "./lane.ts";
import type { LaneGate } from "./lane-breaker.ts";
import { contextOf, readOutcomes, scrubber, withoutAnswer } from "./platform-outcomes.ts";

/**
 * Left for what follows an answer, ms, should AWS not answer either: the secret read anew (6 s), the dead-letter queue
 * (6 s), receipts (10 s), visibility changes (6 s), and the way back. Without that room an answered request would be
 * sent again.
 */
export const RESERVE_MS = 32_000;

/** What claims take when the table does not answer, ms. */
const CLAIM_MS = 10_000;

/** After this an event that another worker claimed is looked at again: nearly always it is done with by then. */
const CLAIM_LOST_SECONDS = 30;

/** A request is not started with less than this, or the platform's own timeout if shorter, ms. */
const SHORTEST_SEND_MS = 3_000;

/** A request that cannot be built is our fault: it waits for a new version of the code, not for seconds, ms. */
const BUILD_RETRY_MS = 15 * 60_000;

/** The lane's credentials as one invocation uses them: its secret, and an access token where one is fetched. */
export interface CredentialsInUse {
  current(): Readonly<Record<string, string>>;
  /** Every value of them in this invocation, replaced ones too: none may stand in what is kept. */
  everUsed(): Iterable<string>;
  /**
   * Reads the secret and fetches the access token anew, once per invocation. `renewed`: `current` is now another than
   * what was refused; an outcome: why there is no new token.
   */
  renew(refused: Readonly<Record<string, string>>): Promise<"renewed" | "unchanged" | Outcome>;
}

/** What the exchanges of one invocation share. */
export interface ExchangeScope {
  readonly destination: Destination;
  readonly deps: DeliverDeps;
  readonly ledger: BatchLedger;
  readonly gate: LaneGate;
  readonly credentials: CredentialsInUse;
}

/** A set of events to be sent together, and what its chunk has been through. */
interface Part {
  readonly items: readonly LaneItem[];
  /** The whole-batch refusal that this part was cut out of. */
  readonly refusal?: readonly Verdict[];
  /** Marked as under way by this invocation, where that is needed. */
  readonly claimed?: boolean;
}

/**
 * Sends one chunk and settles every event of it. Cuts in half what is too large to send, what cannot be built, and
 * what was refused as a whole, so that one bad event is found and its neighbours pass.
 */
export async function exchangeChunk(chunk: readonly LaneItem[], scope: ExchangeScope): Promise<void> {
  const stack: Part[] = [{ items: chunk }];
  // One culprit is found in two requests per halving. More culprits than that come back in other company.
  let bisections = 2 * Math.ceil(Math.log2(Math.max(1, chunk.length)));
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (part.refusal !== undefined) {
      if (bisections === 0) {
        await scope.ledger.settle(part.refusal.map(notBlamed));
        continue;
      }
      bisections -= 1;
    }
    // Pushed in reverse, so that the parts go out in the order of their events.
    stack.push(...(await exchangePart(part, scope)).toReversed());
  }
}

/** Sends one part; returns the parts that are still to be sent. */
async function exchangePart(part: Part, scope: ExchangeScope): Promise<Part[]> {
  const { deps, destination, gate, ledger } = scope;
  if (!(await gate.passes())) {
    for (const item of part.items) ledger.hold(item.message);
    return [];
  }
  const toClaim = part.claimed === true ? [] : part.items.filter(({ event }) => !dropsCopies(destination, event));
  const spareMs = deps.remainingMs() - RESERVE_MS - (toClaim.length > 0 ? CLAIM_MS : 0);
  if (spareMs < Math.min(destination.limits.timeoutMs, SHORTEST_SEND_MS)) {
    for (const item of part.items) ledger.leave(item.message, 0);
    return [];
  }
  const used = scope.credentials.current();
  const built = build(part, scope);
  if ("cut" in built) return halves(part);
  if ("verdicts" in built) {
    await ledger.settle(built.verdicts);
    return [];
  }
  if (toClaim.length > 0) {
    const won = new Set(await claim(toClaim, scope));
    const ours = part.items.filter((item) => won.has(item) || !toClaim.includes(item));
    // The request speaks for all of the part: without those that another worker has, it is another request.
    if (ours.length < part.items.length) return ours.length === 0 ? [] : [{ ...part, items: ours, claimed: true }];
  }
  const timeoutMs = Math.min(destination.limits.timeoutMs, deps.remainingMs() - RESERVE_MS);
  const verdicts = await send(built.request, part.items, timeoutMs, scope);
  if (refusedAsWhole(verdicts, destination)) {
    await gate.heard({ kind: "passed" });
    return halves({ ...part, claimed: true }, verdicts);
  }
  const spared = sparedRows(verdicts, destination);
  if (spared.length > 0) {
    await gate.heard({ kind: "passed" });
    await ledger.settle(verdicts.filter((verdict) => !spared.includes(verdict)));
    return [{ items: spared.map((verdict) => verdict.item), refusal: spared, claimed: true }];
  }
  return settleAnswered(verdicts, used, scope);
}

/** Settles what is answered; what was refused for its credentials goes again when there are newer ones. */
async function settleAnswered(
  verdicts: readonly Verdict[],
  used: Readonly<Record<string, string>>,
  { credentials, gate, ledger }: ExchangeScope,
): Promise<Part[]> {
  const refused = verdicts.filter((verdict) => verdict.outcome.kind === "unauthorized");
  const answered = verdicts.filter((verdict) => !refused.includes(verdict));
  // Ends by itself: credentials that are as new as they get are not renewed again.
  const renewal = refused.length === 0 ? "unchanged" : await credentials.renew(used);
  const settled =
    renewal === "unchanged"
      ? verdicts
      : renewal === "renewed"
        ? answered
        : [...answered, ...refused.map((verdict) => ({ ...verdict, outcome: renewal }))];
  // Before anything is settled: how long an event waits depends on whether its lane goes on.
  if (settled.length > 0) await gate.heard(requestResult(settled));
  await ledger.settle(settled);
  return renewal === "renewed" ? [{ items: refused.map((verdict) => verdict.item), claimed: true }] : [];
}

/** What the verdicts of one request say about the platform. One event that went through, or was refused, means that it works. */
export function requestResult(verdicts: readonly Verdict[]): RequestResult {
  const [first] = verdicts;
  const outcomes = verdicts.map(({ outcome }) => outcome);
  const reason = outcomes.map((outcome) => (outcome.kind === "delivered" ? "" : outcome.reason)).find(Boolean) ?? "";
  if (outcomes.every(({ kind }) => kind === "unauthorized")) return { kind: "unauthorized", reason };
  if (!outcomes.every(({ kind }) => kind === "retry" || kind === "unauthorized")) return { kind: "passed" };
  const waits = outcomes.flatMap((outcome) => (outcome.kind === "retry" ? (outcome.afterMs ?? []) : []));
  const isThrottled = [429, 503].includes(first?.exchange?.status ?? 0);
  return { kind: "failed", reason, isThrottled, ...(waits.length === 0 ? {} : { afterMs: Math.max(...waits) }) };
}

type Built = { request: DestinationRequest } | { cut: true } | { verdicts: readonly Verdict[] };

function build(part: Part, scope: ExchangeScope): Built {
  const { limits } = scope.destination;
  let request: DestinationRequest;
  try {
    request = scope.destination.buildRequest(
      part.items.map((item) => item.event),
      contextOf(scope, part.items[0]?.event),
    );
  } catch (error) {
    if (part.items.length > 1) return { cut: true };
    const words = scrubber(part.items, scope);
    const reason = words(`the request cannot be built: ${error instanceof Error ? error.message : "unknown"}`);
    return {
      verdicts: part.items.map((item) => ({ item, outcome: { kind: "retry", reason, afterMs: BUILD_RETRY_MS } })),
    };
  }
  const bytes = Buffer.byteLength(request.body);
  if (bytes <= limits.bodyBytes) return { request };
  if (part.items.length > 1) return { cut: true };
  const reason = `the request has ${bytes} bytes, the platform takes ${limits.bodyBytes}`;
  return { verdicts: part.items.map((item) => ({ item, outcome: { kind: "rejected", reason } })) };
}

/**
 * Marks events as under way, for a platform that would count a copy; answers those that are ours to send. The others
 * have gone on since we read them, in a worker with another copy of the message: they are looked at again later.
 */
async function claim(items: readonly LaneItem[], { deps, ledger }: ExchangeScope): Promise<LaneItem[]> {
  const { lane, log, metrics } = deps;
  const now = deps.clock.now();
  const results = await deps.store.claimAttempts(
    items.map((item) => ({
      record: receipt(lane.id, item, { state: "attempting", now }),
      previous: item.record,
    })),
  );
  const won = items.filter((_, index) => results[index]?.result === "won");
  for (const item of items) if (!won.includes(item)) ledger.leave(item.message, CLAIM_LOST_SECONDS);
  const failed = results.filter((it) => it.result === "failed");
  const [first] = failed;
  if (first !== undefined) {
    metrics.add("Deliveries", failed.length, { destination: lane.id, outcome: "retry" });
    log.error("attempts could not be claimed and were not made", {
      lane: lane.id,
      events: failed.length,
      error: first.error,
    });
  }
  return won;
}

async function send(
  request: DestinationRequest,
  items: readonly LaneItem[],
  timeoutMs: number,
  scope: ExchangeScope,
): Promise<Verdict[]> {
  const { deps } = scope;
  const at = deps.clock.now();
  const exchange = (status?: number): Exchange => ({
    at,
    tookMs: Math.max(0, deps.clock.now() - at),
    batch: items.length,
    ...(status === undefined ? {} : { status }),
  });
  deps.metrics.add("DeliveryAttempts", 1, { destination: deps.lane.id });
  try {
    const response = await deps.http.send(request, { timeoutMs });
    const outcomes = readOutcomes(response, items, scope);
    const made = exchange(response.status);
    return outcomes.map((outcome, index) => ({ item: items[index] as LaneItem, outcome, exchange: made }));
  } catch (error) {
    const outcome = withoutAnswer(error, items, scope);
    const made = exchange();
    return items.map((item) => ({ item, outcome, exchange: made }));
  }
}

function refusedAsWhole(verdicts: readonly Verdict[], { limits }: Destination): boolean {
  if (limits.batchFailure !== "whole" || verdicts.length < 2) return false;
  const isSuccess = (verdicts[0]?.exchange?.status ?? 500) < 300;
  if (limits.rowsInSuccess === true && isSuccess) return false;
  return verdicts.every((verdict) => verdict.outcome.kind === "rejected");
}

/** Rows of a request that failed as a whole, for which the platform blames others by name: they may go again at once. */
function sparedRows(verdicts: readonly Verdict[], { limits }: Destination): Verdict[] {
  if (limits.batchFailure !== "whole" || !verdicts.some(({ outcome }) => outcome.kind === "rejected")) return [];
  return verdicts.filter(({ outcome }) => outcome.kind === "retry" && outcome.afterMs === 0);
}

function halves(part: Part, verdicts?: readonly Verdict[]): Part[] {
  const middle = Math.ceil(part.items.length / 2);
  const refusal = verdicts ?? part.refusal;
  return [[0, middle] as const, [middle, part.items.length] as const].map(([from, to]) => ({
    items: part.items.slice(from, to),
    ...(refusal === undefined ? {} : { refusal: refusal.slice(from, to) }),
    ...(part.claimed === undefined ? {} : { claimed: part.claimed }),
  }));
}

/** A refusal of the company an event was in says nothing about the event. */
function notBlamed(verdict: Verdict): Verdict {
  if (verdict.outcome.kind === "retry") return verdict;
  const reason = verdict.outcome.kind === "rejected" ? verdict.outcome.reason : "refused";
  return { ...verdict, outcome: { kind: "retry", reason: `refused together with others: ${reason}` } };
}
