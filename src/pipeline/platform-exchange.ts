import type { DeliveryContext, Destination, DestinationRequest, DestinationResponse } from "../core/destination.ts";
import type { Outcome } from "../core/outcome.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import { receipt } from "./delivery-receipt.ts";
import type { DeliverDeps, Exchange, LaneItem, Verdict } from "./lane.ts";
import { platformWords } from "./platform-words.ts";
import { SendError } from "./ports.ts";

/**
 * Left for what follows an answer, ms, should AWS not answer either: the secret read anew (6 s), receipts (10 s),
 * visibility changes (6 s), and the way back. Without that room an answered request would be sent again.
 */
const RESERVE_MS = 25_000;

/** A request is not started with less than this, or the platform's own timeout if shorter, ms. */
const SHORTEST_SEND_MS = 3_000;

/** A request that cannot be built is our fault: it waits for a new version of the code, not for seconds, ms. */
const BUILD_RETRY_MS = 15 * 60_000;

/** The lane's credentials as one invocation uses them. */
export interface CredentialsInUse {
  current(): Readonly<Record<string, string>>;
  /** Reads the secret anew, once per invocation; true when `current` now differs from what was refused. */
  renew(refused: Readonly<Record<string, string>>): Promise<boolean>;
}

/** What the exchanges of one invocation share. */
export interface ExchangeScope {
  readonly destination: Destination;
  readonly deps: DeliverDeps;
  readonly ledger: BatchLedger;
  readonly credentials: CredentialsInUse;
}

/** A set of events to be sent together, and what its chunk has been through. */
interface Part {
  readonly items: readonly LaneItem[];
  /** The whole-batch refusal that this part was cut out of. */
  readonly refusal?: readonly Verdict[];
  /** True: was refused once for its credentials and goes out with new ones. */
  readonly renewed?: boolean;
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
  const { deps, destination, ledger } = scope;
  const timeoutMs = Math.min(destination.limits.timeoutMs, deps.remainingMs() - RESERVE_MS);
  if (timeoutMs < Math.min(destination.limits.timeoutMs, SHORTEST_SEND_MS)) {
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
  const claimed = part.refusal !== undefined || part.renewed === true;
  if (!claimed && !(await claim(part.items, scope))) return [];
  const verdicts = await send(built.request, part.items, timeoutMs, scope);
  if (refusedAsWhole(verdicts, destination)) return halves(part, verdicts);
  const refused = verdicts.filter((verdict) => verdict.outcome.kind === "unauthorized");
  // Ends by itself: a secret that is as new as it gets is not renewed again.
  const again = refused.length > 0 && (await scope.credentials.renew(used));
  await ledger.settle(again ? verdicts.filter((verdict) => !refused.includes(verdict)) : verdicts);
  return again ? [{ items: refused.map((verdict) => verdict.item), renewed: true }] : [];
}

type Built = { request: DestinationRequest } | { cut: true } | { verdicts: readonly Verdict[] };

function build(part: Part, scope: ExchangeScope): Built {
  const { limits } = scope.destination;
  let request: DestinationRequest;
  try {
    request = scope.destination.buildRequest(
      part.items.map((item) => item.event),
      contextOf(scope),
    );
  } catch (error) {
    if (part.items.length > 1) return { cut: true };
    const reason = words(
      `the request cannot be built: ${error instanceof Error ? error.message : "unknown"}`,
      part.items,
      scope,
    );
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

/** Marks the events as under way where the platform would count a copy. False: it could not, and nothing is sent. */
async function claim(items: readonly LaneItem[], { destination, deps }: ExchangeScope): Promise<boolean> {
  if (destination.dedupsByEventId) return true;
  const now = deps.clock.now();
  try {
    await deps.store.writeRecords(items.map((item) => receipt(deps.lane.id, item, { state: "attempting", now })));
    return true;
  } catch {
    deps.log.error("attempts could not be claimed; nothing was sent", { lane: deps.lane.id, events: items.length });
    return false;
  }
}

async function send(
  request: DestinationRequest,
  items: readonly LaneItem[],
  timeoutMs: number,
  scope: ExchangeScope,
): Promise<Verdict[]> {
  const { deps, destination } = scope;
  const at = deps.clock.now();
  const exchange = (status?: number): Exchange => ({
    at,
    tookMs: Math.max(0, deps.clock.now() - at),
    batch: items.length,
    ...(status === undefined ? {} : { status }),
  });
  deps.metrics.add("DeliveryAttempts", 1, { destination: deps.lane.id });
  try {
    const response = await deps.http.send(request, { timeoutMs, repeatable: !givesUpUnknown(destination) });
    const outcomes = classify(response, items, scope);
    const made = exchange(response.status);
    return outcomes.map((outcome, index) => ({ item: items[index] as LaneItem, outcome, exchange: made }));
  } catch (error) {
    const outcome = withoutAnswer(error, items, scope);
    const made = exchange();
    return items.map((item) => ({ item, outcome, exchange: made }));
  }
}

/** The platform's verdicts; an answer that does not name one per event tells nothing about any. */
function classify(response: DestinationResponse, items: readonly LaneItem[], scope: ExchangeScope): Outcome[] {
  let outcomes: readonly Outcome[];
  try {
    outcomes = scope.destination.classify(
      response,
      items.map((item) => item.event),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown";
    return items.map(() => ({ kind: "retry", reason: words(`the answer cannot be read: ${message}`, items, scope) }));
  }
  if (outcomes.length !== items.length) {
    const reason = `${outcomes.length} verdicts for ${items.length} events, status ${response.status}`;
    return items.map(() => ({ kind: "retry", reason }));
  }
  return outcomes.map((outcome, index) => scrubbed(outcome, [items[index] as LaneItem], scope));
}

function withoutAnswer(error: unknown, items: readonly LaneItem[], scope: ExchangeScope): Outcome {
  const known = error instanceof SendError;
  const reason = words(known ? `${error.code}: ${error.message}` : `no answer: ${String(error)}`, items, scope);
  const unknown = !known || error.maybeReceived;
  return unknown && givesUpUnknown(scope.destination)
    ? { kind: "rejected", reason: `given up, the platform may have it: ${reason}` }
    : { kind: "retry", reason };
}

/** Whether an event whose request may have arrived must not be sent again. */
export function givesUpUnknown(destination: Pick<Destination, "dedupsByEventId" | "unknownOutcome">): boolean {
  return !destination.dedupsByEventId && destination.unknownOutcome === "give_up";
}

function scrubbed(outcome: Outcome, items: readonly LaneItem[], scope: ExchangeScope): Outcome {
  if (outcome.kind !== "delivered") return { ...outcome, reason: words(outcome.reason, items, scope) };
  return outcome.note === undefined ? outcome : { ...outcome, note: words(outcome.note, items, scope) };
}

function words(text: string, items: readonly LaneItem[], { credentials }: ExchangeScope): string {
  const personal = items.flatMap(({ event }) => Object.entries(event.user).filter(([field]) => field !== "country"));
  const hidden = [...Object.values(credentials.current()), ...personal.map(([, value]) => value)];
  return platformWords(
    text,
    hidden.filter((value) => typeof value === "string"),
  );
}

function refusedAsWhole(verdicts: readonly Verdict[], { limits }: Destination): boolean {
  if (limits.batchFailure !== "whole" || verdicts.length < 2) return false;
  return verdicts.every((verdict) => verdict.outcome.kind === "rejected");
}

function halves(part: Part, verdicts?: readonly Verdict[]): Part[] {
  const middle = Math.ceil(part.items.length / 2);
  const refusal = verdicts ?? part.refusal;
  return [[0, middle] as const, [middle, part.items.length] as const].map(([from, to]) => ({
    items: part.items.slice(from, to),
    ...(refusal === undefined ? {} : { refusal: refusal.slice(from, to) }),
    ...(part.renewed === undefined ? {} : { renewed: part.renewed }),
  }));
}

/** A refusal of the company an event was in says nothing about the event. */
function notBlamed(verdict: Verdict): Verdict {
  const reason = verdict.outcome.kind === "rejected" ? verdict.outcome.reason : "refused";
  return { ...verdict, outcome: { kind: "retry", reason: `refused together with others: ${reason}` } };
}

/** What the destination is told besides the events; made anew for each request, because it holds the time. */
export function contextOf({
  credentials,
  deps,
}: Pick<ExchangeScope, "credentials" | "deps">): DeliveryContext<unknown> {
  const { lane } = deps;
  return {
    lane: lane.id,
    settings: lane.settings,
    credentials: credentials.current(),
    now: deps.clock.now(),
    testMode: lane.testMode,
    ...(lane.defaultCountry === undefined ? {} : { defaultCountry: lane.defaultCountry }),
    ...(lane.eventNames === undefined ? {} : { eventNames: lane.eventNames }),
  };
}
