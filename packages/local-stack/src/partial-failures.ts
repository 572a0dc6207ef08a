import type { Faults } from "./faults.ts";

type Members = Record<string, unknown>;
type Run = (input: Members) => Promise<Members>;

/** Runs a batch so that a part of it fails: one entry at least, and not all of more than one. */
export function failInPart(service: string, input: Members, faults: Faults, run: Run): Promise<Members> {
  return service === "firehose" ? failRecords(input, faults, run) : failEntries(input, faults, run);
}

/** SQS names what failed by the entry's id. */
async function failEntries(input: Members, faults: Faults, run: Run): Promise<Members> {
  const entries = (Array.isArray(input.Entries) ? input.Entries : []) as { Id: string }[];
  const failing = faults.pickFailing(entries.length);
  const passed = entries.filter((_entry, at) => !failing.has(at));
  const output = passed.length === 0 ? { Successful: [], Failed: [] } : await run({ ...input, Entries: passed });
  const made = entries
    .filter((_entry, at) => failing.has(at))
    .map(({ Id }) => ({ Id, SenderFault: false, Code: "InternalError", Message: "Asked for by a test" }));
  return { ...output, Failed: [...(Array.isArray(output.Failed) ? output.Failed : []), ...made] };
}

/** Firehose answers record by record, in order. */
async function failRecords(input: Members, faults: Faults, run: Run): Promise<Members> {
  const records = Array.isArray(input.Records) ? input.Records : [];
  const failing = faults.pickFailing(records.length);
  const passed = records.filter((_record, at) => !failing.has(at));
  const output: Members = passed.length === 0 ? { Encrypted: false } : await run({ ...input, Records: passed });
  const answers: unknown[] = Array.isArray(output.RequestResponses) ? [...output.RequestResponses] : [];
  const refusal = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." };
  const RequestResponses = records.map((_record, at) => (failing.has(at) ? refusal : answers.shift()));
  return { ...output, FailedPutCount: failing.size, RequestResponses };
}
