import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isAddressRefusal, isSuccess, jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";

const OK = 0;
/** Some of it was taken. TikTok names what was not, if at all, in the message. */
const PARTLY_OK = 20_001;
const INVALID_PARAMETER = 40_002;
const RATE_LIMITED = 40_100;
/** Its own checks timed out. */
const CHECK_FAILED = 40_700;
/** From here on the fault is TikTok's. */
const FIRST_SERVER_ERROR = 50_000;

/**
 * No permission (40001); what the request names is not there (40007), and an event names nothing of TikTok's but the
 * pixel, app or set; token expired (40102), missing (40104), wrong or revoked (40105).
 */
const UNAUTHORIZED = new Set([40_001, 40_007, 40_102, 40_104, 40_105]);

/** Fields of the request, not of an event: halving it would blame every event for one wrong setting. */
const REQUEST_FIELD = /\b(?:event_source|event_source_id|test_event_code)\b/;

/** A row of the request in TikTok's words, from 0: `Batch.3.user.email`. */
const ROW = /\b(?:batch|data)[.[](\d{1,4})\b/gi;

/**
 * What TikTok's answer means, per event. It says HTTP 200 to nearly everything, so the code in the body decides before
 * the status, and a success without a code is none. A request is taken whole or not at all; `Batch.N` names the culprit.
 * Source: the list of return codes in TikTok's API for Business documentation, https://business-api.tiktok.com/portal/docs
 */
export function readAnswer(response: DestinationResponse, count: number): Outcome[] {
  const body = jsonObject(response.body);
  const code = typeof body?.code === "number" ? body.code : undefined;
  const words = describe(body, code);
  if (code === undefined) {
    return each(
      count,
      isSuccess(response) ? retryOutcome(`HTTP ${response.status} without TikTok's code`) : fromStatus(response),
    );
  }
  if (code === OK || code === PARTLY_OK) {
    if (!isSuccess(response)) return each(count, statusOutcome(response, words));
    return code === OK ? each(count, { kind: "delivered", ...noteOf(body) }) : partlyTaken(words, count);
  }
  return code === INVALID_PARAMETER ? refused(words, count) : each(count, fromCode(code, words, response));
}

function fromCode(code: number, reason: string, response: DestinationResponse): Outcome {
  if (UNAUTHORIZED.has(code)) return { kind: "unauthorized", reason };
  if (code === RATE_LIMITED || code === CHECK_FAILED || code >= FIRST_SERVER_ERROR) {
    return retryOutcome(reason, retryAfterMs(response));
  }
  // A code that no list of TikTok's explains is not known to be final, nor to be about these events.
  return retryOutcome(reason);
}

function refused(reason: string, count: number): Outcome[] {
  const blamed = blamedRows(count, rowsIn(reason));
  if (blamed !== undefined) return blamed;
  return each(count, { kind: REQUEST_FIELD.test(reason) ? "unauthorized" : "rejected", reason });
}

function partlyTaken(words: string, count: number): Outcome[] {
  const rows = rowsIn(words);
  return Array.from({ length: count }, (_, index) => {
    const reason = rows.get(index);
    return reason === undefined ? { kind: "delivered", note: words } : { kind: "rejected", reason };
  });
}

function rowsIn(words: string): Map<number, string> {
  return new Map([...words.matchAll(ROW)].map((found) => [Number(found[1]), words]));
}

function fromStatus(response: DestinationResponse): Outcome {
  // The address is the same for everybody: this version of the API has ended.
  if (isAddressRefusal(response)) return statusOutcome(response, "TikTok no longer has this version of its API");
  if (response.status === 413) return { kind: "rejected", reason: "HTTP 413: the request is too large" };
  return statusOutcome(response);
}

function describe(body: Readonly<Record<string, unknown>> | undefined, code: number | undefined): string {
  const message = typeof body?.message === "string" && body.message !== "" ? body.message : "no message";
  return `${code ?? "no code"}: ${message}${requestId(body, " (", ")")}`;
}

function noteOf(body: Readonly<Record<string, unknown>> | undefined): { note: string } | undefined {
  const id = requestId(body, "", "");
  return id === "" ? undefined : { note: id };
}

function requestId(body: Readonly<Record<string, unknown>> | undefined, before: string, after: string): string {
  return typeof body?.request_id === "string" && body.request_id !== ""
    ? `${before}request_id ${body.request_id}${after}`
    : "";
}

function each(count: number, outcome: Outcome): Outcome[] {
  return Array.from({ length: count }, () => outcome);
}
