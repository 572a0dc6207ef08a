import { ga4Problems } from "./ga4-payload.ts";
import type { ValidationMessage } from "./ga4-validation.ts";
import { type JudgedEvent, type Judgement, jsonAnswer, type PlatformAnswer, type PlatformRequest } from "./model.ts";
import { isObject, parseJson } from "./rules.ts";

/** How to judge beyond Google's rules. */
export interface Ga4Options {
  /** Event ids to record as refused; the answer stays 204, as Google's does. */
  readonly rejectEventIds: readonly string[];
}

const NO_CONTENT: PlatformAnswer = { status: 204, headers: {}, body: "" };

/**
 * Answers as the Measurement Protocol does: 204 whatever was sent, while the judgement says what was wrong; and on
 * the validation server 200 with the messages, nothing recorded.
 */
export function judgeGa4(request: PlatformRequest, now: number, options: Ga4Options): Judgement {
  const target = request.query.get("measurement_id") ?? request.query.get("firebase_app_id") ?? "(no stream)";
  const debug = request.path === "/debug/mp/collect";
  if (!debug && request.path !== "/mp/collect") return refuseAll(target, 404);
  if (request.method !== "POST") return refuseAll(target, 405);

  const body = parseJson(request.body);
  const app = request.query.has("firebase_app_id");
  const messages = ga4Problems(body, { now, app, bytes: Buffer.byteLength(request.body) });
  // The validation server checks neither stream nor secret; collect drops the events and does not say so.
  const dropped = debug ? [] : queryProblems(request.query);
  return {
    platform: "ga4",
    target,
    answer: debug ? jsonAnswer(200, { validationMessages: messages }) : NO_CONTENT,
    events: describe(body, messages, dropped, options.rejectEventIds),
    ...(debug ? { dryRun: true } : {}),
  };
}

/** The answer for a scripted status: Google's edge says nothing of use. */
export function ga4Failure(status: number): PlatformAnswer {
  return { status, headers: {}, body: "" };
}

function refuseAll(target: string, status: number): Judgement {
  return { platform: "ga4", target, answer: ga4Failure(status), events: [] };
}

function queryProblems(query: URLSearchParams): string[] {
  const problems: string[] = [];
  const measurementId = query.get("measurement_id");
  if (measurementId === null && !query.has("firebase_app_id")) problems.push("measurement_id is missing from the URL");
  if (measurementId !== null && !/^G-[A-Z0-9]+$/.test(measurementId)) problems.push("measurement_id is malformed");
  if ((query.get("api_secret") ?? "") === "") problems.push("api_secret is missing from the URL");
  return problems;
}

function describe(
  body: unknown,
  messages: readonly ValidationMessage[],
  dropped: readonly string[],
  rejectEventIds: readonly string[],
): JudgedEvent[] {
  const events: readonly unknown[] = isObject(body) && Array.isArray(body.events) ? body.events : [body];
  const ofEvent = (index: number) => messages.filter(({ fieldPath }) => fieldPath.startsWith(`events[${index}]`));
  const ofRequest = messages.filter(({ fieldPath }) => !fieldPath.startsWith("events["));
  return events.map((event, index) => {
    const params = isObject(event) && isObject(event.params) ? event.params : {};
    const id = [params.event_id, params.transaction_id].find((value) => typeof value === "string") as
      | string
      | undefined;
    const scripted = id !== undefined && rejectEventIds.includes(id) ? ["is refused by script"] : [];
    const problems = [
      ...dropped,
      ...[...ofRequest, ...ofEvent(index)].map(({ fieldPath, description }) => `${fieldPath} ${description}`.trim()),
      ...scripted,
    ];
    return {
      event_name: isObject(event) && typeof event.name === "string" ? event.name : "(unreadable)",
      ...(id === undefined ? {} : { event_id: id, dedup_key: id }),
      problems,
      taken: problems.length === 0,
      event,
    };
  });
}
