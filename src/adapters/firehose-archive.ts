import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { ArchivedEvent } from "../core/archived-event.ts";
import type { EventArchive } from "../pipeline/archive-ports.ts";
import type { Clock, SendResult } from "../pipeline/ports.ts";

/** Firehose's own limits: of one record, and of one PutRecordBatch. */
const RECORD_BYTES = 1_000 * 1_024;
const CALL_BYTES = 4 * 1_024 * 1_024;
const CALL_RECORDS = 500;
/** Tries per record before its events go back to the events queue. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
/** Comes at once, and ends when others have put theirs: not to try again is to fan all of the batch out once more. */
const OVER_QUOTA = "ServiceUnavailableException";

export interface FirehoseArchiveOptions {
  readonly client: Pick<FirehoseClient, "send">;
  /** Name of the delivery stream. */
  readonly stream: string;
  readonly clock: Pick<Clock, "sleep">;
}

/** Several events that stand or fall together: Firehose bills each record rounded up to 5 KB, and most events are less. */
interface PackedRecord {
  readonly lines: string[];
  /** Places of its events in what was given. */
  readonly indexes: number[];
  bytes: number;
}

/** The archive's delivery stream. A lost answer may put events there twice: readers drop the second. */
export function createFirehoseArchive(options: FirehoseArchiveOptions): EventArchive {
  return {
    async put(events) {
      // No event comes near the limit of a record: ingest takes 64 KB, and what enrich adds is a few KB.
      const results: SendResult[] = events.map(() => ({ sent: false, reason: "RecordTooLarge" }));
      await Promise.all(calls(pack(events)).map((records) => putCall(records, results, options)));
      return results;
    },
  };
}

function pack(events: readonly ArchivedEvent[]): PackedRecord[] {
  const records: PackedRecord[] = [];
  for (const [index, event] of events.entries()) {
    const line = `${JSON.stringify(event)}\n`;
    const bytes = Buffer.byteLength(line);
    if (bytes > RECORD_BYTES) continue;
    const last = records.at(-1);
    if (last === undefined || last.bytes + bytes > RECORD_BYTES) {
      records.push({ lines: [line], indexes: [index], bytes });
    } else {
      last.lines.push(line);
      last.indexes.push(index);
      last.bytes += bytes;
    }
  }
  return records;
}

function calls(records: readonly PackedRecord[]): PackedRecord[][] {
  const made: PackedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const last = made.at(-1);
    if (last === undefined || last.length === CALL_RECORDS || record.bytes > room) {
      made.push([record]);
      room = CALL_BYTES - record.bytes;
    } else {
      last.push(record);
      room -= record.bytes;
    }
  }
  return made;
}

async function putCall(
  records: readonly PackedRecord[],
  results: SendResult[],
  { client, clock, stream }: FirehoseArchiveOptions,
): Promise<void> {
  let waiting = records;
  for (let attempt = 1; ; attempt += 1) {
    waiting = await putOnce(waiting, results, { client, stream });
    if (waiting.length === 0 || attempt === ATTEMPTS) return;
    await clock.sleep(FIRST_PAUSE_MS * 4 ** (attempt - 1));
  }
}

/** One call; answers the records that may be tried again. A 200 says nothing by itself: each record has its own result. */
async function putOnce(
  records: readonly PackedRecord[],
  results: SendResult[],
  { client, stream }: Pick<FirehoseArchiveOptions, "client" | "stream">,
): Promise<PackedRecord[]> {
  const tell = (record: PackedRecord, result: SendResult) => {
    for (const index of record.indexes) results[index] = result;
  };
  try {
    const Records = records.map(({ lines }) => ({ Data: Buffer.from(lines.join("")) }));
    const { RequestResponses = [] } = await client.send(
      new PutRecordBatchCommand({ DeliveryStreamName: stream, Records }),
    );
    return records.filter((record, index) => {
      const { ErrorCode = "NoAnswer", RecordId } = RequestResponses[index] ?? {};
      tell(record, RecordId === undefined ? { sent: false, reason: ErrorCode } : { sent: true, messageId: RecordId });
      return RecordId === undefined;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.name : "PutFailed";
    for (const record of records) tell(record, { sent: false, reason });
    // The SDK has tried the rest again as often as it helps; more of it here would only use up the λ's time.
    return reason === OVER_QUOTA ? [...records] : [];
  }
}
