import type { DestinationResponse } from "../../core/destination.ts";
import { MINUTE_MS } from "../../core/durations.ts";
import type { Outcome } from "../../core/outcome.ts";
import { isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject, parseJson } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The endpoint is being wound down for lack of capacity: it is asked again, but not at once. */
const RAMPED_DOWN = 4197;
const RAMPED_DOWN_WAIT_MS = 10 * MINUTE_MS;

const AD_ACCOUNT = /\bad[ _]?account/i;

/**
 * What Pinterest's answer means, per event. A 200 and a 422 have a row for each event, in the order of the request; only
 * what is `processed` is a delivery. A 400 is about the form of the request and names nobody.
 * Source: https://developers.pinterest.com/docs/api/v5/events-create
 */
export function readAnswer(response: DestinationResponse, count: number): Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  const rows = isSuccess(response) || status === 422 ? rowsOf(body, count) : undefined;
  if (rows !== undefined) return rows.map((row) => fromRow(row, status));
  const outcome = isSuccess(response) ? fromCounts(body, count, status) : fromError(body, response);
  return Array.from({ length: count }, () => outcome);
}

function fromRow(row: unknown, status: number): Outcome {
  const { status: state, error_message: error, warning_message: warning }: Fields = isObject(row) ? row : {};
  if (state === "processed") {
    // A 422 is no success, but its rows say which events were taken all the same.
    return typeof warning === "string" && warning !== "" ? { kind: "delivered", note: warning } : { kind: "delivered" };
  }
  if (state !== "failed") return retryOutcome(`HTTP ${status} with a row that says neither processed nor failed`);
  return { kind: "rejected", reason: typeof error === "string" && error !== "" ? error : "failed without a message" };
}

// Counts alone tell the events apart only when they are all of them.
function fromCounts(body: Fields | undefined, count: number, status: number): Outcome {
  const { num_events_received: received, num_events_processed: processed }: Fields = body ?? {};
  if (received === count && processed === count) return { kind: "delivered" };
  const words = typeof processed === "number" ? `${processed} of ${count} events as processed` : "no number of events";
  return retryOutcome(`Pinterest answered ${status} with ${words}`);
}

function fromError(body: Fields | undefined, response: DestinationResponse): Outcome {
  const { status } = response;
  const code = typeof body?.code === "number" ? `code ${body.code}, ` : "";
  const words = typeof body?.message === "string" && body.message !== "" ? `${code}${body.message}` : undefined;
  if (body?.code === RAMPED_DOWN) {
    return retryOutcome(reasonOf(response, words ?? "ramped down"), retryAfterMs(response) ?? RAMPED_DOWN_WAIT_MS);
  }
  // The address holds nothing but the ad account, and no event names one.
  if (status === 404) return statusOutcome(response, words ?? "no such ad account");
  if (status === 400 && words !== undefined && AD_ACCOUNT.test(words)) {
    return { kind: "unauthorized", reason: reasonOf(response, words) };
  }
  return statusOutcome(response, words);
}

/**
 * The rows of an answer when there is one for each event. Of a 422 it is documented only that `details` carries them: as
 * the list, beside the counts, or as text of either.
 */
function rowsOf(body: Fields | undefined, count: number): readonly unknown[] | undefined {
  const details = typeof body?.details === "string" ? parsed(body.details) : body?.details;
  const lists = [body?.events, isObject(details) ? details.events : details];
  return lists.find((list): list is unknown[] => Array.isArray(list) && list.length === count);
}

function parsed(text: string): unknown {
  const found = parseJson(text);
  return found.ok ? found.value : undefined;
}
