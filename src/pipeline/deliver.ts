import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { Destination } from "../core/destination.ts";
import { createBatchLedger } from "./batch-ledger.ts";
import { errorFields } from "./error-fields.ts";
import type { ExchangeScope } from "./exchange-scope.ts";
import type { DeliverDeps, LaneItem, ReadMessage, ReceivedMessage } from "./lane.ts";
import { holdBack, readMessages } from "./lane-batch.ts";
import { OPEN_GATE } from "./lane-breaker.ts";
import { type LaneCredentialsInUse, readCredentials } from "./lane-credentials.ts";
import { withErasures } from "./lane-erasures.ts";
import { withOtherCopies } from "./lane-merge.ts";
import { triage } from "./lane-triage.ts";
import { withLaterRefusals } from "./late-refusals.ts";
import { exchangeChunk, requestResult } from "./platform-exchange.ts";
import { contextOf } from "./platform-outcomes.ts";

/** Requests under way at once in one λ; a platform's rate limit is better met by the lane's concurrency. */
const CONCURRENT_REQUESTS = 4;

/**
 * Delivers one batch of a lane: every message is either done with or in `failures`, by message id, to come back later.
 * The state of every event at the destination is stored as soon as it is known. Never throws for what a platform, a
 * queue or a table does.
 */
export async function deliver(
  messages: readonly ReceivedMessage[],
  destination: Destination,
  deps: DeliverDeps,
): Promise<{ failures: string[] }> {
  const workerLifeMs = deps.remainingMs();
  const gate = (await deps.breaker?.gate(deps.remainingMs)) ?? OPEN_GATE;
  const ledger = createBatchLedger(messages, { destination, deps, gate });
  const all = await readMessages(messages, deps.lane.id, ledger);
  const due = gate.admits === "none" ? holdBack(all, { ledger, now: deps.clock.now() }) : all;
  const whole = await withOtherCopies(due, { deps, ledger });
  const asked = await withLaterRefusals(whole, { deps, ledger });
  const reads = await withErasures(asked, { deps, ledger });
  const records = await storedRecords(reads, deps);
  if (records !== undefined && reads.length > 0) {
    const credentials = await readCredentials(destination, deps);
    const context = contextOf({ credentials, deps, destination });
    const items = await triage(reads, records, { destination, deps, ledger, gate, context, workerLifeMs });
    // Only for what is to be sent: copies of what was delivered before need no probe and no access token.
    if (items.length > 0) await exchange(items, { destination, deps, ledger, gate, credentials });
    await gate.leave();
  }
  return { failures: await ledger.finish() };
}

/** Sends what is to be sent, as far as the lane's breaker and the lane's credentials allow it. */
async function exchange(
  items: readonly LaneItem[],
  scope: ExchangeScope & { readonly credentials: LaneCredentialsInUse },
): Promise<void> {
  const { credentials, gate, ledger } = scope;
  if (!(await gate.enter())) {
    for (const item of items) ledger.hold(item.message);
    return;
  }
  const signIn = credentials.problem ?? (await credentials.signIn());
  if (signIn === "ready") await sendAll(items, scope);
  else if (signIn === "too_late") for (const item of items) ledger.leave(item.message, 0);
  else {
    const verdicts = items.map((item) => ({ item, outcome: signIn }));
    // A secret that AWS does not give us says nothing about the platform.
    if (credentials.problem?.kind !== "retry") await gate.heard(requestResult(verdicts));
    await ledger.settle(verdicts);
  }
}

/** Undefined when the table cannot be read: without knowing what was delivered, nothing may be sent. */
async function storedRecords(
  reads: readonly ReadMessage[],
  { lane, log, metrics, store }: DeliverDeps,
): Promise<(DeliveryRecord | undefined)[] | undefined> {
  if (reads.length === 0) return [];
  // Before the first receive there is nearly never a receipt to miss. What a stale read does miss is sent again to a
  // platform that drops the copy; elsewhere the claim is lost.
  const mayBeStale = reads.every(({ message }) => message.receiveCount === 1);
  try {
    return await store.readRecords(
      lane.id,
      reads.map(({ key }) => key),
      { mayBeStale },
    );
  } catch (error) {
    // Counted although nothing is written: a lane that cannot read would else be a lane without events.
    metrics.add("Deliveries", reads.length, { destination: lane.id, outcome: "retry" });
    log.error("receipts could not be read; nothing was sent", { lane: lane.id, ...errorFields(error) });
    return undefined;
  }
}

async function sendAll(items: readonly LaneItem[], scope: ExchangeScope): Promise<void> {
  const { deps, destination, gate } = scope;
  const waiting = chunks(items, destination.limits.batchSize);
  const next = async (): Promise<boolean> => {
    const chunk = waiting.shift();
    if (chunk === undefined) return false;
    try {
      await exchangeChunk(chunk, scope);
    } catch (error) {
      // Whatever the ledger did not hear of comes back; the other chunks go on.
      deps.log.error("a chunk failed", { lane: deps.lane.id, events: chunk.length, ...errorFields(error) });
    }
    return true;
  };
  // One request at a time until one has decided: the others go out when it passed, and are put off else.
  while (gate.isUndecided() && (await next()));
  const worker = async (): Promise<void> => {
    while (await next());
  };
  const workers = Math.min(waiting.length, deps.concurrentRequests ?? CONCURRENT_REQUESTS);
  await Promise.all(Array.from({ length: workers }, worker));
}

/** Events that may share a request, in portions that the platform takes, in the order they came. */
function chunks(items: readonly LaneItem[], batchSize: number): (readonly LaneItem[])[] {
  const groups = Map.groupBy(items, (item) => item.group);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / batchSize) }, (_, index) =>
      group.slice(index * batchSize, (index + 1) * batchSize),
    ),
  );
}
