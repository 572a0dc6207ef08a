import type { DeliveryRecord } from "../core/delivery-record.ts";
import { errorFields } from "./error-fields.ts";
import type { DeliverDeps } from "./lane.ts";
import type { Decision } from "./verdict-decision.ts";

/** What a ledger writes. None of it throws: what a store or a queue did not take is told, and its events come back. */
export interface BatchWrites {
  /** False when the dead-letter queue did not take them all. */
  deadLettered(entries: readonly { readonly body: string; readonly reason: string }[]): Promise<boolean>;
  /** False when the table did not take them all. */
  written(records: readonly DeliveryRecord[]): Promise<boolean>;
  /**
   * Says why events wait that this worker has not sent. Not over what another one wrote since: its mark that a request
   * is under way would be gone, and a third worker would send the event beside it. Failing only leaves the story older.
   */
  noted(decisions: readonly Decision[]): Promise<void>;
}

/** The writes of one invocation. */
export function createBatchWrites({ log, queue, store }: Pick<DeliverDeps, "log" | "queue" | "store">): BatchWrites {
  return {
    async deadLettered(entries) {
      if (entries.length === 0) return true;
      try {
        await queue.deadLetter(entries);
        return true;
      } catch (error) {
        log.error("the dead-letter queue did not take everything; the messages stay on the lane", errorFields(error));
        return false;
      }
    },

    async written(records) {
      try {
        if (records.length > 0) await store.writeRecords(records);
        return true;
      } catch (error) {
        log.error("receipts could not be written", { ...errorFields(error), records: records.length });
        return false;
      }
    },

    async noted(decisions) {
      if (decisions.length === 0) return;
      const claims = decisions.map(({ item, record }) => ({ record, previous: item.record }));
      const results = await store.claimAttempts(claims);
      const failed = results.flatMap((it) => (it.result === "failed" ? [it.error] : []));
      if (failed.length > 0)
        log.error("receipts could not be written", { error: failed[0] ?? "", records: failed.length });
    },
  };
}
