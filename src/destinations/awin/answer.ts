import type { DestinationResponse } from "../../core/destination.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import type { Outcome } from "../../core/outcome.ts";
import { blamedRows, isSuccess, jsonObject, reasonOf, statusOutcome } from "../../core/platform-answer.ts";
import { retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";
import { orderReference } from "./order-reference.ts";

type Body = Readonly<Record<string, unknown>>;

/** What a person has to mend, key, account or plan, may come as a 400, which would else reject orders for good. */
const ABOUT_ACCESS =
  /\b(?:api[ _-]?key|unauthori[sz]ed|authentication|permission|(?:invalid|unknown|inactive|no such) advertiser|advertiser (?:id )?(?:is )?(?:invalid|unknown|inactive|not))\b/i;

/** Words of a refusal that is none: the order is there. */
const DUPLICATE = /\bduplicated?\b|\balready (?:exists?|processed|submitted|registered)\b/i;

/**
 * What Awin's answer means for each order. A success has lists of orders: stored, still being processed, and failed; an
 * order is looked for by its reference. 200 says that all are stored, 202 that they were accepted and are being
 * processed, 206 that some failed. An order that no list of a 206 names was not confirmed.
 */
export function readAnswer(response: DestinationResponse, events: readonly CanonicalEvent[]): readonly Outcome[] {
  const body = jsonObject(response.body);
  const { status } = response;
  if (isSuccess(response)) return events.map((event) => orderOutcome(response, body, orderReference(event)));
  const words = body === undefined ? "" : wordsOf(body);
  // Of an advertiser that does not exist there is nobody to send to: a person has to correct the id.
  if (status === 404) return events.map(() => ({ kind: "unauthorized", reason: reasonOf(response, words) }));
  const blamed = isRefusal(status) ? blamedRows(events.length, failedRows(response, body, events)) : undefined;
  if (blamed !== undefined) return blamed;
  const isAccess = isRefusal(status) && ABOUT_ACCESS.test(words);
  return events.map(() =>
    isAccess ? { kind: "unauthorized", reason: reasonOf(response, words) } : statusOutcome(response, words),
  );
}

/** The statuses of a request that was read and is wrong. */
function isRefusal(status: number): boolean {
  return status === 400 || status === 406 || status === 422;
}

function orderOutcome({ status }: DestinationResponse, body: Body | undefined, reference: string): Outcome {
  const stored = find(body?.successfulOrders, reference);
  if (stored !== undefined) return delivered(isObject(stored) ? stored.correlationId : undefined);
  if (find(body?.pendingOrders, reference) !== undefined) return pending(body);
  const failed = find(body?.failedOrders, reference);
  if (failed !== undefined) return failure(status, failed);
  const namesNobody = ["successfulOrders", "pendingOrders", "failedOrders"].every((list) => isEmpty(body?.[list]));
  const isWhole = namesNobody && typeof body?.batchId === "string" && body.batchId !== "";
  if (isWhole && status === 200) return { kind: "delivered", note: `stored with batch ${body.batchId}` };
  if (isWhole && status === 202) return pending(body);
  return retryOutcome(`Awin answered ${status} without a word about this order`);
}

function delivered(correlationId: unknown): Outcome {
  return typeof correlationId === "string" || typeof correlationId === "number"
    ? { kind: "delivered", note: `correlation id ${correlationId}` }
    : { kind: "delivered" };
}

/** Awin has the order; whether it stands is told only to a webhook. */
function pending(body: Body | undefined): Outcome {
  const batch = typeof body?.batchId === "string" && body.batchId !== "" ? ` in batch ${body.batchId}` : "";
  return { kind: "delivered", note: `accepted, and still being processed${batch}` };
}

function failure(status: number, failed: unknown): Outcome {
  const words = isObject(failed) ? wordsOf(failed) : "";
  if (isObject(failed) && isCopy(failed)) return { kind: "delivered", note: `Awin has this order: ${words}` };
  return { kind: "rejected", reason: reasonOf({ status }, words) };
}

/** Only what is said of the order or its reference: a product may be there twice, too. */
function isCopy({ message, errors }: Body): boolean {
  const details: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const ofOrder = details
    .filter(isObject)
    .filter(({ field }) => !isText(field) || /(?:^|\.)orderReference$/i.test(field));
  return [message, ...ofOrder.map(({ message: words }) => words)].some(
    (words) => isText(words) && DUPLICATE.test(words),
  );
}

function failedRows(
  response: DestinationResponse,
  body: Body | undefined,
  events: readonly CanonicalEvent[],
): Map<number, string> {
  const rows = new Map<number, string>();
  for (const [index, event] of events.entries()) {
    const failed = find(body?.failedOrders, orderReference(event));
    if (failed !== undefined) rows.set(index, reasonOf(response, isObject(failed) ? wordsOf(failed) : ""));
  }
  return rows;
}

/** The entry of an order: its reference, an object that has it, or one with the order in it. */
function find(list: unknown, reference: string): unknown {
  if (!Array.isArray(list)) return undefined;
  // Numbers may come back as such.
  const isReference = (found: unknown) => (typeof found === "number" ? String(found) : found) === reference;
  return list.find((entry) => {
    if (!isObject(entry)) return isReference(entry);
    return isReference(entry.orderReference) || (isObject(entry.order) && isReference(entry.order.orderReference));
  });
}

function isEmpty(list: unknown): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0);
}

function wordsOf({ message, error, errors }: Body): string {
  const details: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const lines = details.filter(isObject).map(({ field, message: words }) => [field, words].filter(isText).join(" "));
  return [...new Set([message, error, ...lines].filter(isText))].filter((line) => line !== "").join("; ");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
