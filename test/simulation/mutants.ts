import type { ScenarioName } from "./scenarios.ts";

/** One defect, as an edit of one file of the pipeline. */
export interface Mutant {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The scenario that shows it soonest. */
  readonly scenario: ScenarioName;
}

/** Defects that the simulation has to notice. Each is one that a reliable pipeline was spoilt by somewhere. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "enrich sends every copy, whoever owns the claim",
    file: "pipeline/enrich.ts",
    find: "if (!claim.owner) {",
    replace: "if (Number(claim.copies) < 0) {",
    scenario: "copies",
  },
  {
    name: "enrich acknowledges what a lane did not take",
    file: "pipeline/enrich.ts",
    find: "for (const [record, reason] of undelivered) failed.add(record, reason);",
    replace: "void undelivered;",
    scenario: "queues",
  },
  {
    name: "enrich fans out without a claim that the table confirmed",
    file: "pipeline/enrich.ts",
    find: "const claim = await ports.store.claim(key, item.copyId, story);",
    replace:
      "const claim = await ports.store.claim(key, item.copyId, story).catch(() => ({ owner: true, story, copies: 1, first_received_at: 0 }));",
    scenario: "tables",
  },
  {
    name: "enrich swallows an error of one record",
    file: "pipeline/enrich.ts",
    find: "else failed.add(item.record, nameOf(error));",
    replace: "else nameOf(error);",
    scenario: "tables",
  },
  {
    name: "the later records of a failed group are forgotten",
    file: "pipeline/enrich.ts",
    find: "return first !== undefined && this.#records.indexOf(record) >= first;",
    replace: "return first !== undefined && this.#records.indexOf(record) === first;",
    scenario: "tables",
  },
  {
    name: "a failed group's record is given back, its later records are acknowledged unprocessed",
    file: "pipeline/enrich.ts",
    find: "return this.#records.filter((record) => this.has(record)).map(({ messageId }) => messageId);",
    replace: "return [...this.#firstFailure.values()].flatMap((index) => this.#records[index]?.messageId ?? []);",
    scenario: "everything",
  },
  {
    name: "a graph that cannot be read lets the batch go",
    file: "pipeline/enrich.ts",
    find: "return records.map(({ messageId }) => messageId);",
    replace: "return [];",
    scenario: "tables",
  },
  {
    name: "consent is not asked at the lane's door nor in routing",
    file: "core/routing.ts",
    find: "(consent.allowed ? undefined : consentSkip(consent.reason))",
    replace: "undefined",
    scenario: "calm",
  },
  {
    name: "ingest accepts what the queue refused",
    file: "pipeline/ingest-admission.ts",
    find: "const arrived = new Set([...firsts.keys()].filter((_, index) => sent[index]?.sent === true));",
    replace: "const arrived = new Set([...firsts.keys()].filter((_, index) => sent[index] !== undefined));",
    scenario: "queues",
  },
  {
    name: "the events queue ignores SendMessageBatch's Failed",
    file: "adapters/sqs-event-queue.ts",
    find: 'else fail(message, refusal?.Code ?? "NoAnswer", refusal?.SenderFault === true);',
    replace: 'else results.set(message, { sent: true, messageId: refusal?.Code ?? "" });',
    scenario: "queues",
  },
  {
    name: "the lanes' queues ignore SendMessageBatch's Failed",
    file: "adapters/sqs-lane-queues.ts",
    find: 'const sent = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId ?? ""]));',
    replace: 'const sent = new Map([...Successful, ...Failed].map(({ Id }) => [Id, ""]));',
    scenario: "queues",
  },
  {
    name: "the dead-letter queue's refusals are ignored",
    file: "adapters/sqs-own-lane.ts",
    find: "waiting = waiting.filter(({ Id }) => !sent.has(Id));",
    replace: "waiting = waiting.filter(({ Id }) => Id === undefined && !sent.has(Id));",
    scenario: "ageing",
  },
  {
    name: "receipts are not read before sending",
    file: "pipeline/deliver.ts",
    find: "      reads.map(({ key }) => key),\n      { mayBeStale },\n    );",
    replace:
      "      reads.map(({ key }) => key),\n      { mayBeStale },\n    ).then((records) => records.map(() => undefined));",
    scenario: "copies",
  },
  {
    name: "a batch is sent although its receipts could not be read",
    file: "pipeline/deliver.ts",
    find: "return undefined;\n  }\n}",
    replace: "return reads.map(() => undefined);\n  }\n}",
    scenario: "tables",
  },
  {
    name: "messages are acknowledged before their receipt is written",
    file: "pipeline/batch-ledger.ts",
    find: "if (records.length > 0) await store.writeRecords(records);",
    replace: "if (records.length > 0) void store.writeRecords(records).catch(() => {});",
    scenario: "tables",
  },
  {
    name: "messages are acknowledged although their receipt failed",
    file: "pipeline/batch-ledger.ts",
    find: "else if (stored || confirmedWithoutReceipt(decision)) acknowledge(message);",
    replace: "else acknowledge(message);",
    scenario: "tables",
  },
  {
    name: "what a platform asks to wait is not heard",
    file: "core/retry.ts",
    find: "const floorMs = retryFloorMs(state.afterMs, policy);",
    replace: "const floorMs = retryFloorMs(undefined, policy);",
    scenario: "platforms",
  },
  {
    name: "a retry is acknowledged",
    file: "pipeline/batch-ledger.ts",
    find: "if (decision.delaySeconds !== undefined) leave(message, decision.delaySeconds);",
    replace: "if (decision.delaySeconds !== undefined) acknowledge(message);",
    scenario: "platforms",
  },
  {
    name: "a lane drops its failures from the answer",
    file: "pipeline/batch-ledger.ts",
    find: "return failures.map((message) => message.messageId);",
    replace: "return failures.map((message) => message.messageId).slice(1);",
    scenario: "platforms",
  },
  {
    name: "what could not be dead-lettered is acknowledged",
    file: "pipeline/batch-ledger.ts",
    find: "const valid = took ? decisions : decisions.filter((decision) => decision.deadLetter === undefined);",
    replace: "const valid = took || !took ? decisions : [];",
    scenario: "ageing",
  },
  {
    name: "an answer that never came counts as delivered",
    file: "pipeline/platform-outcomes.ts",
    find: 'return { kind: "retry", reason: scrubber(items, scope)(said) };',
    replace: 'return { kind: "delivered", note: scrubber(items, scope)(said) };',
    scenario: "platforms",
  },
  {
    name: "an answer that never came counts as refused",
    file: "pipeline/platform-outcomes.ts",
    find: 'return { kind: "retry", reason: scrubber(items, scope)(said) };',
    replace: 'return { kind: "rejected", reason: scrubber(items, scope)(said) };',
    scenario: "platforms",
  },
  {
    name: "no attempt is claimed at a platform that counts copies",
    file: "pipeline/platform-exchange.ts",
    find: "const toClaim = part.claimed === true ? [] : part.items.filter(({ event }) => !dropsCopies(destination, event));",
    replace:
      "const toClaim = part.items.filter(({ event }) => dropsCopies(destination, event) && event.event_id === undefined);",
    scenario: "copies",
  },
  {
    name: "an attempt that another worker claimed is made all the same",
    file: "pipeline/platform-exchange.ts",
    find: 'results[index]?.result === "won"',
    replace: 'results[index]?.result !== "failed"',
    scenario: "copies",
  },
  {
    name: "a whole refusal is everybody's",
    file: "pipeline/platform-exchange.ts",
    find: "if (refusedAsWhole(verdicts, destination)) return halves({ ...part, claimed: true }, verdicts);",
    replace: "if (refusedAsWhole(verdicts, destination)) return settleAnswered(verdicts, used, scope);",
    scenario: "calm",
  },
  {
    name: "copies within one batch stay in it",
    file: "pipeline/lane-triage.ts",
    find: "events.set(id, keep);\n    if (other !== undefined) dropCopy(keep, keep === read ? other : read, ledger);",
    replace: "events.set(id + message.messageId, read);\n    void keep;",
    scenario: "everything",
  },
  {
    name: "of two dead letters of one event the older one speaks",
    file: "pipeline/lane-triage.ts",
    find: "return given === before ? waitingSince(read) > waitingSince(other) : given > before;",
    replace: "return given === before ? waitingSince(read) > waitingSince(other) : given < before;",
    scenario: "everything",
  },
  {
    name: "a stored end is not looked at",
    file: "pipeline/lane-triage.ts",
    find: "FINAL_STATES.has(record.state) && !revives(read, record)",
    replace: 'record.state === "skipped" && !revives(read, record)',
    scenario: "copies",
  },
  {
    name: "a redrive takes back every end",
    file: "pipeline/lane-triage.ts",
    find: 'return record.state === "expired" && record.updated_at <= (body.dead_lettered_at ?? 0);',
    replace: "return body.dead_lettered_at !== undefined || record.updated_at < 0;",
    scenario: "ageing",
  },
  {
    name: "a redrive takes back nothing",
    file: "pipeline/lane-triage.ts",
    find: 'return record.state === "expired" && record.updated_at <= (body.dead_lettered_at ?? 0);',
    replace: 'return record.state === "expired" && body.dead_lettered_at === 0;',
    scenario: "ageing",
  },
  {
    name: "the deadline is ignored before sending",
    file: "pipeline/lane-triage.ts",
    find: 'if (now >= item.deadline.at) return { do: "expire", item };',
    replace: "",
    scenario: "everything",
  },
  {
    name: "the lease of an attempt is over at once",
    file: "pipeline/lane-triage.ts",
    find: "return Math.max(0, Math.ceil((record.updated_at + workerLifeMs + LEASE_MARGIN_MS - context.now) / 1_000));",
    replace: "return Math.min(0, workerLifeMs + LEASE_MARGIN_MS - context.now);",
    scenario: "everything",
  },
  {
    name: "an attempt that nobody finished stays one for ever",
    file: "pipeline/lane-triage.ts",
    find: "return Math.max(0, Math.ceil((record.updated_at + workerLifeMs + LEASE_MARGIN_MS - context.now) / 1_000));",
    replace: "return Math.max(60, workerLifeMs + LEASE_MARGIN_MS - context.now);",
    scenario: "crashes",
  },
];
