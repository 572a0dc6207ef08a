import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { failureOutcome, jsonObject } from "../../core/platform-answer.ts";
import { retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A matter of the settings or the token, which may come as a 400 and would else cost every event of the lane. */
const ABOUT_ACCESS =
  /\b(?:(?:access[ _]?)?token|unauthori[sz]ed|authenticat\w*|permission|(?:data[ _]?source|partner)(?:[ _]?id)?)\b/i;

/** In the text of a 200 that is no success after all. */
const BAD_NEWS = /\b(?:error|invalid|fail(?:s|ed|ure)?|denied|refused|reject(?:s|ed)?|missing|required|unknown)\b/i;

/**
 * What Nextdoor's answer means. It documents 200 and 400 without their bodies: a 200 is a delivery when it is empty or
 * an object that tells of no error. Of any other body nobody knows who wrote it.
 * Source: https://developer.nextdoor.com/reference/conversions-track
 */
export function readAnswer(response: DestinationResponse): Outcome {
  const { status } = response;
  const body = jsonObject(response.body);
  const words = wordsOf(body ?? {});
  if (status === 200) return fromSuccess(response.body, body, words);
  // Nextdoor's own refusals may come in any form but that of a web page.
  const isOfEdge = /^\s*</.test(response.body);
  return failureOutcome(response, words, { isOfLane: ABOUT_ACCESS.test(words), isOfEdge });
}

function fromSuccess(text: string, body: Fields | undefined, words: string): Outcome {
  if (text.trim() === "") return { kind: "delivered" };
  if (body === undefined) return retryOutcome("Nextdoor answered 200 with a body of no known form");
  if (tellsError(body) || BAD_NEWS.test(words)) return retryOutcome(`HTTP 200: ${words === "" ? "an error" : words}`);
  return words === "" ? { kind: "delivered" } : { kind: "delivered", note: words };
}

function tellsError({ error, errors, status, success, code }: Fields): boolean {
  const hasErrors = Array.isArray(errors) ? errors.length > 0 : Boolean(errors);
  const isBad = [status, code].some((said) =>
    typeof said === "number" ? said >= 400 : isText(said) && BAD_NEWS.test(said),
  );
  return hasErrors || isBad || success === false || Boolean(error);
}

function wordsOf({ error, errors, message, detail, title }: Fields): string {
  const list: readonly unknown[] = Array.isArray(errors) ? errors : [errors];
  const said = [error, ...list].flatMap((one) =>
    isObject(one) ? [one.code, one.field, one.message, one.detail] : [one],
  );
  return [...new Set([title, message, detail, ...said])]
    .filter((part) => isText(part) && part.trim() !== "")
    .join("; ");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
