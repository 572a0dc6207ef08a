import type { RequestResult } from "../core/breaker.ts";
import { type DestinationRequest, dropsCopies } from "../core/destination.ts";
import { CLAIM_MS, claimAttempts } from "./attempt-claims.ts";
import { halves, notBlamed, type Part, refusedAsWhole, sparedRows } from "./batch-parts.ts";
import { type ExchangeScope, RESERVE_MS } from "./exchange-scope.ts";
import type { Exchange, LaneItem, Verdict } from "./lane.ts";
import { readOutcomes, withoutAnswer } from "./platform-outcomes.ts";
import { buildPart } from "./request-building.ts";

/** A request is not started with less than this, or the platform's own timeout if shorter, ms. */
const SHORTEST_SEND_MS = 3_000;

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
  const built = buildPart(part, scope);
  if ("cut" in built) return halves(part);
  if ("verdicts" in built) {
    await ledger.settle(built.verdicts);
    return [];
  }
  if (toClaim.length > 0) {
    const won = new Set(await claimAttempts(toClaim, scope));
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
