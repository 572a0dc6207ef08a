import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isTransientStatus, jsonObject, statusOutcome } from "../../core/platform-answer.ts";
import { retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Codes of a request whose version LinkedIn does not speak (any more): a matter of the settings, whatever the status.
 * https://learn.microsoft.com/en-us/linkedin/marketing/versioning
 */
const VERSION_CODES: ReadonlySet<unknown> = new Set(["NONEXISTENT_VERSION", "VERSION_MISSING", "DEPRECATED_VERSION"]);

/**
 * Words about the conversion rule, which is the config's and not the event's: one that was made for the Insight Tag, or
 * a number that is none. Its events wait until another one is configured.
 */
const WRONG_RULE = /should be CONVERSIONS_API|\/conversion ::/;
/** What LinkedIn says, with 403, of a rule that does not exist and of one whose account the member has no role in. */
const NO_ACCOUNT = "No ad accounts found";

/**
 * What LinkedIn's answer means for each event: one alone is answered 201, several 200 with a status each. It keeps
 * nothing of a request with a bad element, and names the bad ones in the text of its message.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body);
  if (status >= 200 && status < 300) return fromSuccess(response, body, count);
  return fromError(response, body ?? {}, count);
}

function fromSuccess({ status, body: text }: DestinationResponse, body: Fields | undefined, count: number): Outcome[] {
  const rows = body?.elements;
  if (Array.isArray(rows) && rows.length === count) return rows.map(rowOutcome);
  // A created event is answered without a body.
  const isBare = text.trim() === "" || (body !== undefined && Object.keys(body).length === 0);
  if (status === 201 && count === 1 && isBare) return [{ kind: "delivered" }];
  const what = Array.isArray(rows) ? `${rows.length} statuses` : "no statuses";
  return Array.from({ length: count }, () =>
    retryOutcome(`LinkedIn answered ${status} with ${what} for ${count} events`),
  );
}

function rowOutcome(row: unknown): Outcome {
  const { status, error } = isObject(row) ? row : {};
  if (typeof status !== "number") return retryOutcome("LinkedIn gave the event no status");
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = describe(isObject(error) ? error : {}, status);
  if (status === 401 || status === 403 || WRONG_RULE.test(reason)) return { kind: "unauthorized", reason };
  return isTransientStatus(status) || status < 400 ? retryOutcome(reason) : { kind: "rejected", reason };
}

function fromError(response: DestinationResponse, body: Fields, count: number): readonly Outcome[] {
  const { status } = response;
  const all = (outcome: Outcome) => Array.from({ length: count }, () => outcome);
  const reason = describe(body, status);
  // 426: the version is retired. 404: no such API for this app. Events are kept until somebody mends it.
  if (status === 426 || VERSION_CODES.has(body.code)) {
    return all({ kind: "unauthorized", reason: `${reason}; set apiVersion to a version that LinkedIn still speaks` });
  }
  if (status === 404) return all({ kind: "unauthorized", reason });
  const message = typeof body.message === "string" ? body.message : "";
  if (status === 403 && message.includes(NO_ACCOUNT)) {
    return all({ kind: "unauthorized", reason: `${reason}; is the rule's number right, and its account open to you?` });
  }
  if (status !== 400 && status !== 422) return all(statusOutcome(response, wordsOf(body)));
  // Whatever answered in LinkedIn's place says nothing about the events. A document that was cut is LinkedIn's own.
  if (message === "" && !response.body.trimStart().startsWith("{")) {
    return all(retryOutcome(`${reason} without LinkedIn's message`));
  }
  const named = namedRows(message);
  const rows = blamedRows(count, named) ?? all({ kind: "rejected", reason });
  return WRONG_RULE.test(message) ? wrongRule(rows, named) : rows;
}

/**
 * Whoever uses the wrong rule waits for the configuration; its neighbours go again without it. Where nobody is named,
 * halving finds out: an event that stands alone has nobody else to blame.
 */
function wrongRule(rows: readonly Outcome[], named: ReadonlyMap<number, string>): readonly Outcome[] {
  return rows.map((row, index) => {
    if (row.kind !== "rejected") return row;
    const isRule = rows.length === 1 || WRONG_RULE.test(named.get(index) ?? "");
    return isRule ? { kind: "unauthorized", reason: row.reason } : row;
  });
}

/** As in `Index: 3, ERROR :: /conversionValue/amount :: is not a text\n`, with several lines for one event. */
const NAMED_ROW = /Index: (\d{1,5}), ((?:(?!Index: \d).)*)/gs;
/** As in `… for the elements at indices [0, 4] (0-indexed)`. */
const NAMED_LIST = /ind(?:ices|exes) \[([\d,\s]{1,40000})\]/;
const MOST_WORDS = 500;

function namedRows(message: string): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  for (const [, index, words = ""] of message.matchAll(NAMED_ROW)) {
    const said = tidy(words);
    const before = reasons.get(Number(index));
    reasons.set(Number(index), before === undefined ? said : `${before}; ${said}`);
  }
  if (reasons.size > 0) return reasons;
  const list = NAMED_LIST.exec(message)?.[1] ?? "";
  const said = tidy(message);
  return new Map(list.split(",").flatMap((index) => (index.trim() === "" ? [] : [[Number(index), said]])));
}

function tidy(words: string): string {
  return words.replace(/\s+/g, " ").trim().slice(0, MOST_WORDS);
}

function describe(body: Fields, status: number): string {
  const words = wordsOf(body);
  return words === undefined ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}

function wordsOf({ code, serviceErrorCode, message }: Fields): string | undefined {
  const id = [code, serviceErrorCode].filter((part) => typeof part === "string" || typeof part === "number").join("/");
  const said = typeof message === "string" ? tidy(message) : "";
  const words = [id, said].filter((part) => part !== "").join(": ");
  return words === "" ? undefined : words;
}
