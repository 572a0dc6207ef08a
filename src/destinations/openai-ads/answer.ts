import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Body = Readonly<Record<string, unknown>>;

/** A wrong key or Pixel id may come as a 400, which would else reject events for good. */
const ABOUT_ACCESS =
  /\b(?:api[ _]?key|unauthori[sz]ed|authentication|permission|pixel[ _]?id|(?:invalid|unknown|no such) pixel)\b/i;

/**
 * What OpenAI's answer means for each event. It documents no answers, only that a request is taken whole or not at all;
 * the fields read here are those seen by others. A success counts the events in `accepted_events`. A count below ours
 * cannot be a refusal, which would have failed the request: it is kept as a note.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const body = jsonObject(response.body);
  const error = isObject(body?.error) ? body.error : undefined;
  const all = (outcome: Outcome): readonly Outcome[] => Array<Outcome>(count).fill(outcome);
  if (isSuccess(response))
    return all(error === undefined ? success(response, body, count) : unconfirmed(response, error));
  const words = error === undefined ? "" : wordsOf(error);
  // Of a pixel that does not exist there is nothing to send to: a person has to correct the id.
  if (response.status === 404) return all({ kind: "unauthorized", reason: reasonOf(response, words) });
  if (response.status !== 400 && response.status !== 422) return all(statusOutcome(response, words));
  // Whoever names an event speaks of it, in whatever words.
  const blamed = error && blamedRows(count, reasonsByRow(response, error));
  if (blamed !== undefined) return blamed;
  const isAccess = ABOUT_ACCESS.test(words);
  return all(isAccess ? { kind: "unauthorized", reason: reasonOf(response, words) } : statusOutcome(response, words));
}

function success(response: DestinationResponse, body: Body | undefined, count: number): Outcome {
  const accepted = body?.accepted_events;
  if (typeof accepted !== "number" || !Number.isInteger(accepted) || accepted < 0 || accepted > count) {
    return retryOutcome(`OpenAI answered ${response.status} without a count of accepted events`);
  }
  if (accepted === count) return { kind: "delivered" };
  return { kind: "delivered", note: `OpenAI counted ${accepted} of ${count} events; the rest may be copies` };
}

function unconfirmed(response: DestinationResponse, error: Body): Outcome {
  return retryOutcome(reasonOf(response, wordsOf(error)));
}

const ROW = /^events(?:\[(\d+)\]|\.(\d+))/;

/** What the answer says of single events, by their place in the request. */
function reasonsByRow(response: DestinationResponse, error: Body): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  const details: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
  for (const detail of [error, ...details]) {
    const found = isObject(detail) && typeof detail.param === "string" ? ROW.exec(detail.param) : null;
    if (found === null || !isObject(detail)) continue;
    const row = Number(found[1] ?? found[2]);
    reasons.set(row, reasons.get(row) ?? reasonOf(response, lineOf(detail)));
  }
  return reasons;
}

function wordsOf(error: Body): string {
  const details: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
  return [...new Set([error, ...details].filter(isObject).map(lineOf))].filter((line) => line !== "").join("; ");
}

function lineOf({ code, param, message }: Body): string {
  return [code, param, message].filter((word) => typeof word === "string" && word !== "").join(": ");
}
