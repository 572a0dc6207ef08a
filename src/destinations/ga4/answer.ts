import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isTransientStatus, jsonObject } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

/**
 * What GA4's answer means. Its collect endpoint says 204 to everything, a wrong secret included, so `delivered` carries
 * the note that nothing was validated. Only the debug endpoint answers with messages, and it records nothing.
 */
export function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  if (status >= 200 && status < 300) return fromSuccess(response.body);
  if (isTransientStatus(status)) return retryOutcome(`HTTP ${status}`, retryAfterMs(response));
  if (status === 401 || status === 403) return { kind: "unauthorized", reason: `HTTP ${status}` };
  if (status >= 400) return { kind: "rejected", reason: `HTTP ${status}` };
  return retryOutcome(`HTTP ${status} is no answer of Google's: redirects are not followed`);
}

function fromSuccess(body: string): Outcome {
  const messages = jsonObject(body)?.validationMessages;
  if (Array.isArray(messages)) {
    if (messages.length === 0) return { kind: "delivered", note: "validated by GA4, not recorded" };
    return { kind: "rejected", reason: messages.map(describe).join("; ") };
  }
  // Half a debug answer. Nothing was recorded, so asking again doubles nothing.
  if (body.includes("validationMessages")) return retryOutcome("an unreadable validation answer");
  return { kind: "delivered", note: "accepted, not validated by GA4" };
}

function describe(message: unknown): string {
  const { validationCode, fieldPath, description } = isObject(message) ? message : {};
  const said = [validationCode, fieldPath, description].filter((part) => typeof part === "string" && part !== "");
  return said.join(" ") || "a validation message without content";
}
