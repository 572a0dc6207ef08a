import type { FirehoseClient, PutRecordBatchCommand, PutRecordBatchCommandOutput } from "@aws-sdk/client-firehose";
import { createFirehoseArchive } from "../../src/adapters/firehose-archive.ts";
import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import { archivedEvent, eventArchiveSuite } from "../support/event-archive-suite.ts";
import { purchaseEvent } from "../support/events.ts";

type Answer = Pick<PutRecordBatchCommandOutput, "RequestResponses">;

/** A client that enforces Firehose's limits of one call and answers as it is told, else with success. */
function scripted(answers: ((records: string[]) => Answer | Error)[] = []) {
  const calls: string[][] = [];
  const kept: string[] = [];
  const pauses: number[] = [];
  const send = async ({ input }: PutRecordBatchCommand): Promise<Answer> => {
    const records = (input.Records ?? []).map(({ Data = new Uint8Array() }) => Data);
    const bytes = records.map(({ byteLength }) => byteLength);
    const tooMuch = records.length > 500 || bytes.reduce((sum, it) => sum + it, 0) > 4 * 1_048_576;
    if (tooMuch || bytes.some((it) => it > 1_024_000)) throw new Error("InvalidArgumentException");
    const texts = records.map((data) => Buffer.from(data).toString("utf8"));
    const told = answers[calls.length]?.(texts);
    calls.push(texts);
    if (told instanceof Error) throw told;
    const responses = told?.RequestResponses ?? texts.map((_, index) => ({ RecordId: `r-${index}` }));
    for (const [index, text] of texts.entries()) if (responses[index]?.RecordId !== undefined) kept.push(text);
    return { RequestResponses: responses };
  };
  const archive = createFirehoseArchive({
    client: { send: send as unknown as FirehoseClient["send"] },
    stream: "events",
    clock: { sleep: async (ms) => void pauses.push(ms) },
  });
  const events = async () =>
    kept
      .join("")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ArchivedEvent);
  return { archive, events, calls, pauses };
}

const large = (id: string, bytes: number) =>
  archivedEvent(id, { event: purchaseEvent({ event_id: id, properties: { text: "x".repeat(bytes) } }) });

eventArchiveSuite(async () => scripted());

test("packs events into few records, since each is billed as 5 KB", async () => {
  const { archive, calls } = scripted();
  await archive.put(Array.from({ length: 10 }, (_, index) => archivedEvent(`e-${index}`)));
  expect(calls.map((records) => records.length)).toEqual([1]);
});

test("no record is larger than Firehose takes, and no call", async () => {
  const { archive, calls, events } = scripted();
  const results = await archive.put(Array.from({ length: 12 }, (_, index) => large(`e-${index}`, 600_000)));
  expect(results.every(({ sent }) => sent)).toBe(true);
  expect(calls.map((records) => records.length)).toEqual([6, 6]);
  expect(await events()).toHaveLength(12);
});

test("an event that no record can hold is told, and keeps no other", async () => {
  const { archive } = scripted();
  const results = await archive.put([archivedEvent("a"), large("b", 1_024_000), archivedEvent("c")]);
  expect(results).toEqual([
    { sent: true, messageId: "r-0" },
    { sent: false, reason: "RecordTooLarge" },
    { sent: true, messageId: "r-0" },
  ]);
});

test("only the records that were refused are put again, with growing pauses", async () => {
  const refuseSecond = (records: string[]) => ({
    RequestResponses: records.map((_, index) =>
      index === 1 ? { ErrorCode: "ServiceUnavailableException" } : { RecordId: `r-${index}` },
    ),
  });
  const { archive, calls, events, pauses } = scripted([refuseSecond]);
  const results = await archive.put(["a", "b", "c"].map((id) => large(id, 600_000)));
  expect(results.every(({ sent }) => sent)).toBe(true);
  expect(calls.map((records) => records.length)).toEqual([3, 1]);
  expect((await events()).map(({ event }) => event.event_id)).toEqual(["a", "c", "b"]);
  expect(pauses).toEqual([50]);
});

test("what is refused to the end is told with the service's code", async () => {
  const refuse = (records: string[]) => ({
    RequestResponses: records.map(() => ({ ErrorCode: "ServiceUnavailableException" })),
  });
  const { archive, pauses } = scripted([refuse, refuse, refuse]);
  expect(await archive.put([archivedEvent("a"), archivedEvent("b")])).toEqual([
    { sent: false, reason: "ServiceUnavailableException" },
    { sent: false, reason: "ServiceUnavailableException" },
  ]);
  expect(pauses).toEqual([50, 200]);
});

test("a stream over its quota refuses whole calls, which are put again as its records would be", async () => {
  const throttled = () => Object.assign(new Error(), { name: "ServiceUnavailableException" });
  const briefly = scripted([throttled]);
  expect(await briefly.archive.put([archivedEvent("a")])).toEqual([{ sent: true, messageId: "r-0" }]);
  expect(briefly.pauses).toEqual([50]);
  const long = scripted([throttled, throttled, throttled]);
  expect(await long.archive.put([archivedEvent("a")])).toEqual([
    { sent: false, reason: "ServiceUnavailableException" },
  ]);
  expect(long.calls).toHaveLength(3);
});

test("a call that fails as a whole, or an answer that names too few records, leaves nothing called sent", async () => {
  const failed = scripted([() => Object.assign(new Error(), { name: "TimeoutError" })]);
  expect(await failed.archive.put([archivedEvent("a")])).toEqual([{ sent: false, reason: "TimeoutError" }]);
  const silent = scripted([
    () => ({ RequestResponses: [] }),
    () => ({ RequestResponses: [] }),
    () => ({ RequestResponses: [] }),
  ]);
  expect(await silent.archive.put([archivedEvent("a")])).toEqual([{ sent: false, reason: "NoAnswer" }]);
});
