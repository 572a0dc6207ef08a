import { Webhook } from "standardwebhooks";
import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { hasContentType } from "../platform-request.ts";
import { isObject, type JsonObject, parseJson } from "../rules.ts";

/** Somebody's receiver of Standard Webhooks, on every host that is no other platform's. */
export const webhook: SandboxPlatform = {
  id: "webhook",
  hosts: [],
  // Receivers keep message ids as long as senders retry and people replay.
  dedupWindowMs: 7 * 86_400_000,
  judge: judgeWebhook,
  failure: (status) => webhookFailure(status),
};

const TOLERANCE_MS = 5 * 60_000;

/** Answers as a careful receiver of Standard Webhooks does. */
function judgeWebhook(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const messageId = request.headers["webhook-id"];
  const data: JsonObject = isObject(body) && isObject(body.data) ? body.data : {};
  const eventId = typeof data.event_id === "string" ? data.event_id : messageId;
  const problem = transportProblem(request) ?? signatureProblem(request, now, options.secrets) ?? payloadProblem(body);
  const scripted = options.rejectEventIds.some((id) => id === eventId || id === messageId);
  const refusal = problem ?? (scripted ? { status: 422, message: "is refused by script" } : undefined);
  return {
    platform: "webhook",
    target: request.host + request.path,
    answer: refusal === undefined ? jsonAnswer(200, { ok: true }) : webhookFailure(refusal.status, refusal.message),
    events: [
      judgedEvent({
        name: isObject(body) ? body.type : undefined,
        id: eventId,
        dedupKey: messageId ?? null,
        problems: refusal === undefined ? [] : [refusal.message],
        taken: refusal === undefined,
        event: body ?? request.body,
      }),
    ],
  };
}

function webhookFailure(status: number, message = "scripted failure"): PlatformAnswer {
  return jsonAnswer(status, { ok: false, error: message });
}

/** Whether this is a secret that signatures can be checked with. */
export function isWebhookSecret(secret: string): boolean {
  try {
    new Webhook(secret);
    return secret.startsWith("whsec_");
  } catch {
    return false;
  }
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

function transportProblem(request: PlatformRequest): Refusal | undefined {
  if (request.method !== "POST") return { status: 405, message: "only POST is taken" };
  return hasContentType(request, "application/json")
    ? undefined
    : { status: 415, message: "content-type must be application/json" };
}

function signatureProblem(request: PlatformRequest, now: number, secrets: readonly string[]): Refusal | undefined {
  const refuse = (message: string) => ({ status: 401, message });
  const id = request.headers["webhook-id"] ?? "";
  const timestamp = request.headers["webhook-timestamp"] ?? "";
  const signatures = (request.headers["webhook-signature"] ?? "").split(" ");
  if (id === "" || id.includes(".")) return refuse("webhook-id is missing or contains a dot");
  if (!/^\d{10}$/.test(timestamp)) return refuse("webhook-timestamp must be unix seconds");
  if (!signatures.every((signature) => /^v1a?,[A-Za-z0-9+/]+={0,2}$/.test(signature))) {
    return refuse("webhook-signature must be a list of v1,<base64>");
  }
  const sentAt = new Date(Number(timestamp) * 1000);
  if (Math.abs(sentAt.getTime() - now) > TOLERANCE_MS) return refuse("webhook-timestamp is more than 5 minutes off");
  // The package's `verify` reads the machine's clock; its `sign` with the sandbox's clock is the same check.
  const matches = secrets.some((secret) => signatures.includes(new Webhook(secret).sign(id, sentAt, request.body)));
  return secrets.length === 0 || matches ? undefined : refuse("no matching signature");
}

function payloadProblem(body: unknown): Refusal | undefined {
  const refuse = (message: string) => ({ status: 400, message });
  if (!isObject(body)) return refuse("the body is not a JSON object");
  if (typeof body.type !== "string" || body.type === "") return refuse("type must be a non-empty string");
  const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  if (typeof body.timestamp !== "string" || !isoTime.test(body.timestamp)) {
    return refuse("timestamp must be an ISO 8601 time");
  }
  return isObject(body.data) ? undefined : refuse("data must be an object");
}
