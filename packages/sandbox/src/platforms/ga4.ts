import {
  type JudgedEvent,
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { isObject, parseJson } from "../rules.ts";
import { ga4Problems } from "./ga4/payload.ts";
import type { ValidationMessage } from "./ga4/validation.ts";

/** GA4 Measurement Protocol. It drops no second copy, and answers 204 for events that a script refuses, too. */
export const ga4: SandboxPlatform = {
  id: "ga4",
  hosts: ["www.google-analytics.com", "region1.google-analytics.com"],
  dedupWindowMs: 0,
  judge: judgeGa4,
  failure: ga4Failure,
};

const NO_CONTENT: PlatformAnswer = { status: 204, headers: {}, body: "" };

/**
 * Answers as the Measurement Protocol does: 204 whatever was sent, while the judgement says what was wrong; and on
 * the validation server 200 with the messages, nothing recorded.
 */
function judgeGa4(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
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
function ga4Failure(status: number): PlatformAnswer {
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
    const name = isObject(event) ? event.name : undefined;
    return judgedEvent({ name, id, problems, taken: problems.length === 0, event });
  });
}
