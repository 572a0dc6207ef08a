import type { DeliveryRecord } from "../core/delivery-record.ts";
import { FINAL_STATES } from "../core/outcome.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import type { DeliverDeps, ReadMessage } from "./lane.ts";

/** After losing to another worker, or to the table, a message looks again what there is to do, seconds. */
const LOOK_AGAIN_SECONDS = 30;

/**
 * Whether a replay takes back this end: it is none of that replay's own, it is older than the wish for it, and the
 * event has not arrived, unless that is to be forced. `delivered_at` outlasts a forced copy that then failed.
 */
function isRevivedByReplay({ replay }: LaneMessage, record: DeliveryRecord): boolean {
  if (replay === undefined || !FINAL_STATES.has(record.state)) return false;
  if (record.replay === replay.job || record.updated_at > replay.requested_at) return false;
  return replay.force === true || record.delivered_at === undefined;
}

/** Whether acknowledging the `other` message of the same event loses nothing that `kept` could not revive as well. */
export function revivesAtLeast(kept: LaneMessage, other: LaneMessage): boolean {
  if ((kept.dead_lettered_at ?? 0) < (other.dead_lettered_at ?? 0)) return false;
  if (other.replay === undefined) return true;
  if (kept.replay === undefined || kept.replay.requested_at < other.replay.requested_at) return false;
  return kept.replay.force === true || other.replay.force !== true;
}

/**
 * Takes back the ends that replays revive, in the table and before anything is sent: receipts never replace an end, so
 * whatever comes of the new attempt could not be written down. Answers the messages to go on with; a message whose end
 * somebody else changed meanwhile comes back and looks again.
 */
export async function takeBackEnds(
  reads: readonly ReadMessage[],
  records: readonly (DeliveryRecord | undefined)[],
  { deps, ledger }: { readonly deps: DeliverDeps; readonly ledger: BatchLedger },
): Promise<{ read: ReadMessage; record: DeliveryRecord | undefined }[]> {
  const all = reads.map((read, index) => ({ read, record: records[index] }));
  const claims = all.flatMap(({ read, record: previous }) =>
    previous !== undefined && isRevivedByReplay(read.body, previous)
      ? [{ read, previous, record: takenBack(previous, read.body, deps.clock.now()) }]
      : [],
  );
  if (claims.length === 0) return all;
  const results = await deps.store.claimAttempts(claims.map(({ previous, record }) => ({ previous, record })));
  const changed = new Map(
    claims.map((claim, index) => [claim.read, { ...claim, won: results[index]?.result === "won" }]),
  );
  return all.flatMap(({ read, record }) => {
    const claim = changed.get(read);
    if (claim === undefined) return [{ read, record }];
    if (claim.won) return [{ read, record: claim.record }];
    ledger.leave(read.message, LOOK_AGAIN_SECONDS);
    return [];
  });
}

function takenBack(previous: DeliveryRecord, { replay }: LaneMessage, now: number): DeliveryRecord {
  const { skip: _, ...kept } = previous;
  const job = replay?.job ?? "";
  return { ...kept, state: "retry", updated_at: now, reason: `taken up again by replay ${job}`, replay: job };
}
