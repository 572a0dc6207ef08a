import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { createIngestHandler } from "../../src/adapters/lambda-ingest.ts";
import type { IngestMessage } from "../../src/core/queue-messages.ts";
import type { IngestDependencies } from "../../src/pipeline/ingest-contract.ts";
import type { FifoMessage } from "../../src/pipeline/ports.ts";
import { ingestWorld, NOW } from "../support/ingest-world.ts";
import { goodEvent, goodSdkEvent, type HostileRequest } from "./hostile-requests.ts";
import { CANARY } from "./hostile-values.ts";

/** A function's answer may have 6 MB; a gateway that gets more tells the sender 5xx for events that were taken. */
const ANSWER_BYTES = 4_000_000;
/** SQS takes this much in one message. */
const MESSAGE_BYTES = 1024 * 1024;
const STATUSES = new Set([200, 202, 204, 400, 401, 403, 404, 405, 413]);
/** Placeholder of the id in the event that a good one is compared with. */
const ANY_ID = "good-any";

/** What went through the door so far. */
export interface DoorCounts {
  requests: number;
  good: number;
  accepted: number;
  quarantined: number;
  statuses: Map<number, number>;
}

/** The real handler over memory, which judges each request as it is answered. */
export interface Door {
  /** Throws with what is wrong. */
  send(request: HostileRequest): Promise<void>;
  readonly counts: DoorCounts;
}

/** A door that was never used. Everything said about a request (log, metrics) is looked at and forgotten. */
export async function openDoor(): Promise<Door> {
  const said: string[] = [];
  const queue: FifoMessage[] = [];
  let isDown = false;
  const say = (...what: unknown[]) => void said.push(JSON.stringify(what));
  const deps: IngestDependencies = {
    ...ingestWorld(),
    queue: {
      async send(messages) {
        if (isDown) return messages.map(() => ({ sent: false, reason: "ServiceUnavailable" }));
        queue.push(...messages);
        return messages.map(() => ({ sent: true, messageId: "m" }));
      },
    },
    clock: { now: () => NOW, sleep: async () => {} },
    metrics: { add: (...metric) => say(metric), flush() {} },
    log: { info: say, warn: say, error: say, step: say },
  };
  const handler = createIngestHandler(deps);
  const counts: DoorCounts = { requests: 0, good: 0, accepted: 0, quarantined: 0, statuses: new Map() };
  const prototypes = prototypeKeys();

  async function answered(request: HostileRequest) {
    isDown = request.queueDown === true;
    const result = await handler(gatewayEvent(request), {
      awsRequestId: "request",
      getRemainingTimeInMillis: () => 15_000,
    });
    return { result, messages: queue.splice(0), told: said.splice(0) };
  }

  const alone: Record<string, string> = {};
  for (const [path, events] of [
    ["/v1/events", { events: [goodEvent(ANY_ID)] }],
    ["/v1/batch", { batch: [goodSdkEvent(ANY_ID)] }],
  ] as const) {
    const body = new TextEncoder().encode(JSON.stringify(events));
    const headers = { authorization: `Basic ${btoa("server-key:")}` };
    const { messages } = await answered({ method: "POST", path, query: "", headers, cookies: [], body });
    alone[path] = eventText(messages[0]);
  }

  return {
    counts,
    async send(request) {
      const { messages, result, told } = await answered(request);
      const status = result.statusCode ?? 0;
      counts.requests += 1;
      counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1);
      expectThat(STATUSES.has(status) || (status === 503 && request.queueDown === true), `status ${status}: ${told}`);
      const text = `${JSON.stringify(result.headers)}${result.body ?? ""}`;
      expectThat(Buffer.byteLength(text) <= ANSWER_BYTES, `an answer of ${text.length} characters`);
      expectThat(!text.includes(CANARY), `the answer gives input back: ${text.slice(0, 500)}`);
      for (const line of told)
        expectThat(!line.includes(CANARY), `log or metrics give input back: ${line.slice(0, 500)}`);
      expectThat(prototypeKeys() === prototypes, "a prototype has changed");
      checkMessages(messages, counts);
      checkCounts(result.body ?? "", status, messages);
      if (request.good === undefined) return;
      counts.good += 1;
      const wanted = alone[request.path]?.replaceAll(ANY_ID, request.good);
      expectThat(
        messages.some((message) => eventText(message) === wanted),
        `${request.good} is not on the queue as sent`,
      );
    },
  };
}

function checkMessages(messages: readonly FifoMessage[], counts: DoorCounts): void {
  for (const { body, deduplicationId, groupId } of messages) {
    expectThat(Buffer.byteLength(body) <= MESSAGE_BYTES, "a message that SQS does not take");
    expectThat(/^[\x21-\x7e]{1,128}$/.test(deduplicationId) && /^[\x21-\x7e]{1,128}$/.test(groupId), "ids SQS refuses");
    expectThat(body.isWellFormed(), "a message with half a surrogate pair");
    const message = JSON.parse(body) as IngestMessage;
    if (message.kind === "quarantine") counts.quarantined += 1;
    else counts.accepted += 1;
  }
}

/** What the first-party route says of its events is what the queue got; equal ones travel once. */
function checkCounts(body: string, status: number, messages: readonly FifoMessage[]): void {
  if (status !== 202) return;
  const { accepted, rejected, results } = JSON.parse(body) as {
    accepted: number;
    rejected: number;
    results: unknown[];
  };
  expectThat(accepted + rejected === results.length, "an event without a result");
  expectThat(messages.length <= results.length, "more messages than events");
  expectThat(messages.length > 0 === results.length > 0, "nothing was sent of what was told as taken");
}

function eventText(message: FifoMessage | undefined): string {
  const read = message === undefined ? undefined : (JSON.parse(message.body) as IngestMessage);
  return read?.kind === "event" ? JSON.stringify(read.event) : "";
}

function gatewayEvent({ body, cookies, headers, method, path, query }: HostileRequest): APIGatewayProxyEventV2 {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers,
    cookies: [...cookies],
    isBase64Encoded: true,
    body: Buffer.from(body).toString("base64"),
    requestContext: {
      requestId: "request",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "93.184.216.34", userAgent: "" },
    },
  } as APIGatewayProxyEventV2;
}

function prototypeKeys(): string {
  const prototypes = [Object, Array, String, Number, Boolean, Function, Map, Set, Promise, RegExp].map(
    (it) => it.prototype,
  );
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).length).join(" ");
}

function expectThat(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}
