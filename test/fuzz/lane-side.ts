import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Destination, DestinationResponse } from "../../src/core/destination.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { parseLaneMessage } from "../../src/pipeline/lane-message.ts";
import { readRecord } from "../../src/pipeline/queued-record.ts";
import { purchaseEvent } from "../support/events.ts";
import { broken, hostileJson } from "./hostile-values.ts";

const GOLDENS = join(import.meta.dirname, "../destinations");
const KINDS = new Set(["delivered", "retry", "rejected", "unauthorized"]);
const EVENTS = deepFreeze(["e-1", "e-2", "e-3"].map((event_id) => purchaseEvent({ event_id })));

/** Something that reaches a lane from outside: a message off a queue, or a platform's answer. */
type LaneInput =
  | { kind: "message"; text: string }
  | { kind: "answer"; destination: string; response: DestinationResponse };

const message = fc.oneof(
  hostileJson,
  fc.record({ v: fc.constant(1), lane: fc.constant("meta"), enqueued_at: fc.integer(), event: hostileJson }),
  fc.record({
    v: fc.constant(1),
    kind: fc.constantFrom("event", "quarantine"),
    copy_id: fc.string(),
    event: hostileJson,
    quarantined: hostileJson,
  }),
  hostileJson.map((changes) => ({
    v: 1,
    lane: "meta",
    enqueued_at: 1,
    event: { ...purchaseEvent(), ...Object(changes) },
  })),
);
const messageText = message.map((value) => JSON.stringify(value) ?? "");
const messages = fc
  .oneof(messageText, broken(messageText), fc.string({ unit: "binary" }))
  .map((text) => ({ kind: "message" as const, text }));

/** Bodies that platforms answer with, by destination, from the golden cases: what a hostile answer is an edit of. */
const BODIES: Readonly<Record<string, readonly unknown[]>> = Object.fromEntries(
  Object.keys(DESTINATIONS).map((id) => [id, goldenBodies(id)]),
);

const answers = fc.constantFrom(...Object.keys(DESTINATIONS)).chain((destination) => {
  const known = BODIES[destination] ?? [];
  const body = fc.oneof(
    hostileJson,
    known.length === 0
      ? hostileJson
      : fc.tuple(fc.constantFrom(...known), hostileJson, fc.nat()).map(([golden, put, at]) => edited(golden, put, at)),
  );
  const text = body.map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
  const headers = fc.dictionary(
    fc.constantFrom("retry-after", "content-type", "x-rate-limit-reset", "x-ratelimit-reset", "date", "location"),
    fc.oneof(
      fc.string(),
      fc.constantFrom("-1", "1e999", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "NaN"),
    ),
    { maxKeys: 3 },
  );
  return fc.record({
    kind: fc.constant("answer" as const),
    destination: fc.constant(destination),
    response: fc.record({
      status: fc.oneof(
        fc.constantFrom(200, 201, 202, 204, 206, 207, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503),
        fc.integer({ min: 100, max: 599 }),
      ),
      headers,
      body: fc.oneof(text, broken(text), fc.string({ unit: "binary" })),
    }),
  });
});

/** Messages and answers, about alike. */
export const laneInput: fc.Arbitrary<LaneInput> = fc.oneof(messages, answers);

/** Throws with what is wrong: reading must end in a value that the pipeline can go on with, whatever was read. */
export function checkLaneInput(input: LaneInput): void {
  if (input.kind === "message") checkMessage(input.text);
  else checkAnswer(input.destination, input.response);
}

function checkMessage(text: string): void {
  const parsed = parseLaneMessage(text, "meta");
  if (parsed.ok) JSON.stringify(parsed.body);
  else expectThat(parsed.reason.length < 200, `a reason of ${parsed.reason.length} characters`);
  const read = readRecord({ messageId: "m", groupId: "g", body: text }, 1);
  if (read.kind === "event") JSON.stringify(read.event);
  else expectThat(JSON.stringify(read.quarantined).length < 6 * 40_000, "quarantine without a bound");
}

function checkAnswer(id: string, response: DestinationResponse): void {
  const destination: Destination | undefined = DESTINATIONS[id];
  if (destination === undefined) throw new Error(`no destination ${id}`);
  const outcomes = destination.classify(deepFreeze(response), EVENTS);
  expectThat(outcomes.length === EVENTS.length, `${id}: ${outcomes.length} outcomes for ${EVENTS.length} events`);
  for (const outcome of outcomes) {
    expectThat(KINDS.has(outcome.kind), `${id}: an outcome that is none`);
    if (outcome.kind === "delivered") {
      // A refusal may say that the event is there already; an error of the platform's own or a redirect never does.
      const { status } = response;
      expectThat(
        (status >= 200 && status < 300) || (status >= 400 && status < 500),
        `${id}: delivered by status ${status}`,
      );
    } else expectThat(typeof outcome.reason === "string" && outcome.reason !== "", `${id}: no reason`);
    if (outcome.kind === "retry" && outcome.afterMs !== undefined) {
      expectThat(Number.isFinite(outcome.afterMs) && outcome.afterMs >= 0, `${id}: a wait of ${outcome.afterMs} ms`);
    }
  }
}

function goldenBodies(id: string): unknown[] {
  const folder = join(GOLDENS, id);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.flatMap((file) => {
    const { responses = [] } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
      responses?: { body?: unknown }[];
    };
    return responses.flatMap(({ body }) => (body === undefined ? [] : [body]));
  });
}

/** A copy with something else at one of its places. */
function edited(golden: unknown, put: unknown, at: number): unknown {
  const copy = structuredClone(golden);
  const places: [object, string][] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value, key]);
      walk(inner);
    }
  };
  walk(copy);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return put;
  Reflect.set(place[0], place[1], put);
  return copy;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

function expectThat(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}
