import { createHash } from "node:crypto";
import type { AttributeValue, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import {
  type ClaimResult,
  type DeliveryRecord,
  partitionKey,
  type QuarantinedEvent,
  type QuarantineOrigin,
  sortKeyPrefix,
} from "../core/delivery-record.ts";
import { EVENT_NAMES, type EventName } from "../core/event.ts";
import type { EventKey } from "../core/event-key.ts";
import { ATTENTION_STATES, type DeliveryState } from "../core/outcome.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import { laterCopies } from "./copy-items.ts";
import type { Item } from "./dynamo-client.ts";
import { packAttempts, unpackAttempts, unpackStory } from "./story-text.ts";

/** Items of the delivery table; the keys are described in `delivery-record.ts`. */

/** Copies that one claim remembers: beyond it a loop at a sender would grow the item, and its price, without end. */
export const MAX_COPIES = 50;

/**
 * Life of what later copies brought, days: 13 at most on a lane's queue, and 14 on its dead-letter queue. A redriven
 * event without them would be sent although the other copy refused.
 */
export const COPY_DAYS = 28;

const DAY_SECONDS = 86_400;
/** DynamoDB takes 1 KB of sort key; a name from a broken sender may be longer. */
const MAX_NAME_LENGTH = 200;
/** Parts of one lane's and day's list of failures. */
const FAILURE_SHARDS = 8;

/**
 * Where a failed delivery is listed. A lane that fails at scale would meet the write limit of a single index partition,
 * and a full index holds up the writes of the table: the events of a day are spread, and readers ask for all parts.
 */
function failureShard(pk: string, lane: string, day: string): string {
  const shard = (createHash("sha256").update(pk).digest()[0] ?? 0) % FAILURE_SHARDS;
  return `FAILED#${lane}#${day}#${shard}`;
}

/** All parts of one lane's list of failures of one day (UTC, `YYYY-MM-DD`). */
export function failureShards(lane: string, day: string): string[] {
  return Array.from({ length: FAILURE_SHARDS }, (_, shard) => `FAILED#${lane}#${day}#${shard}`);
}

/** Key of the index `orders`: an order id means something only within its dedup scope. */
export function orderKey(dedupScope: string, orderId: string): string {
  return `${dedupScope}#${orderId}`;
}

/** Nothing was written yet, or it is past its time. */
const NO_RECEIPT = "attribute_not_exists(#state) OR #expires_at <= :now";

export function eventSortKey(key: EventKey): string {
  return `${sortKeyPrefix(key)}#EVENT`;
}

export function receiptSortKey(key: EventKey, lane: string): string {
  return `${sortKeyPrefix(key)}#DEST#${lane}`;
}

/** Where what later copies add is kept; see `copy-items.ts`. */
export function mergeSortKey(key: EventKey): string {
  return `${sortKeyPrefix(key)}#MERGE`;
}

/** TTL attribute: epoch seconds, this many days after `fromMs`. */
export function expiresAt(fromMs: number, days: number): AttributeValue.NMember {
  return { N: String(Math.floor(fromMs / 1_000) + days * DAY_SECONDS) };
}

/** DynamoDB deletes an item days after its time; from its time on it holds nothing. */
export function isOver(item: Item, nowMs: number): boolean {
  return Number(item.expires_at?.N ?? 0) <= nowMs / 1_000;
}

/** The claim that an EVENT item holds. */
export function claimedStory(item: Item, dedupScope: string): Omit<ClaimResult, "owner"> | undefined {
  if (item.story?.S === undefined) return undefined;
  const story = unpackStory(item.story.S, dedupScope);
  return { story, copies: item.copies?.SS?.length ?? 0, first_received_at: story.received_at };
}

/**
 * Ends that no other state replaces, `delivered` alone excepted: another worker with a copy of the message, whose own
 * request came to nothing, would else have the event wait for a message that is deleted. A redrive takes back `expired`.
 */
const LASTING_ENDS: readonly DeliveryState[] = ["delivered", "rejected", "skipped"];

/** The states that stay when a receipt of this one is written. */
export function lastingAgainst(state: DeliveryState): readonly DeliveryState[] {
  return state === "delivered" ? ["delivered"] : LASTING_ENDS;
}

/** The update that replaces a receipt unless it is an end that lasts, and still counts. One write, without a read. */
export function receiptUpdate(
  record: DeliveryRecord,
  days: number,
  nowMs: number,
): Pick<
  UpdateItemCommandInput,
  "Key" | "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
> {
  const isFailure = ATTENTION_STATES.has(record.state);
  const day = new Date(record.updated_at).toISOString().slice(0, 10);
  const values: Record<string, AttributeValue | undefined> = {
    state: { S: record.state },
    attempts: record.attempts.length === 0 ? undefined : { S: packAttempts(record.attempts) },
    attempt_count: { N: String(record.attempt_count) },
    updated_at: { N: String(record.updated_at) },
    delivered_at: record.delivered_at === undefined ? undefined : { N: String(record.delivered_at) },
    replay: record.replay === undefined ? undefined : { S: record.replay },
    sent_as: record.sent_as === undefined ? undefined : { S: record.sent_as },
    merged: (record.merged ?? []).length === 0 ? undefined : { S: (record.merged ?? []).join(" ") },
    skip: record.skip === undefined ? undefined : { S: JSON.stringify([record.skip.code, record.skip.detail]) },
    reason: record.reason === undefined ? undefined : { S: record.reason },
    attention: isFailure ? { S: failureShard(partitionKey(record.key), record.lane, day) } : undefined,
    attention_at: isFailure ? { N: String(record.updated_at) } : undefined,
    expires_at: expiresAt(record.updated_at, days),
  };
  const names = Object.keys(values);
  // Moving an item within the index costs two more writes each time: it stays under the day it first failed.
  const stays = (name: string) => name === "attention" || name === "attention_at";
  const set = names
    .filter((name) => values[name] !== undefined)
    .map((name) => `#${name} = ${stays(name) ? `if_not_exists(#${name}, :${name})` : `:${name}`}`);
  const removed = names.filter((name) => values[name] === undefined).map((name) => `#${name}`);
  const given = Object.entries(values).flatMap(([name, value]): [string, AttributeValue][] =>
    value === undefined ? [] : [[`:${name}`, value]],
  );
  const lasting = lastingAgainst(record.state);
  return {
    Key: { pk: { S: partitionKey(record.key) }, sk: { S: receiptSortKey(record.key, record.lane) } },
    UpdateExpression: `SET ${set.join(", ")}${removed.length === 0 ? "" : ` REMOVE ${removed.join(", ")}`}`,
    ConditionExpression: `${NO_RECEIPT} OR (${lasting.map((state) => `#state <> :is_${state}`).join(" AND ")})`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(given),
      ...Object.fromEntries(lasting.map((state) => [`:is_${state}`, { S: state }])),
      ":now": { N: String(nowMs / 1_000) },
    },
  };
}

/** The same, unless the receipt is no more what was read. No two workers change one at the same ms into the same state. */
export function claimUpdate(
  record: DeliveryRecord,
  previous: DeliveryRecord | undefined,
  days: number,
  nowMs: number,
): ReturnType<typeof receiptUpdate> {
  const update = receiptUpdate(record, days, nowMs);
  const given = Object.entries(update.ExpressionAttributeValues ?? {});
  const unread = Object.fromEntries(given.filter(([name]) => !name.startsWith(":is_")));
  if (previous === undefined) {
    return { ...update, ConditionExpression: NO_RECEIPT, ExpressionAttributeValues: unread };
  }
  const { ":now": __, ...values } = unread;
  const read = { ":read_state": { S: previous.state }, ":read_at": { N: String(previous.updated_at) } };
  return {
    ...update,
    ConditionExpression: "#state = :read_state AND #updated_at = :read_at",
    ExpressionAttributeValues: { ...values, ...read },
  };
}

/** The receipt that any item of an event's partition holds, if it is one. */
function readReceipt(item: Item): DeliveryRecord | undefined {
  const key = keyOf(item);
  const lane = item.sk?.S?.split("#DEST#")[1];
  return key === undefined || lane === undefined ? undefined : receiptIn(item, key, lane);
}

/** The receipt in an item that was asked for by its event and lane: to read them from its keys again takes code. */
export function receiptIn(item: Item, key: EventKey, lane: string): DeliveryRecord | undefined {
  if (item.state?.S === undefined) return undefined;
  const skip = item.skip?.S === undefined ? undefined : (JSON.parse(item.skip.S) as [never, string]);
  return {
    key,
    lane,
    state: item.state.S as DeliveryState,
    attempts: item.attempts?.S === undefined ? [] : unpackAttempts(item.attempts.S),
    attempt_count: Number(item.attempt_count?.N ?? 0),
    updated_at: Number(item.updated_at?.N ?? 0),
    ...(item.delivered_at?.N === undefined ? {} : { delivered_at: Number(item.delivered_at.N) }),
    ...(item.replay?.S === undefined ? {} : { replay: item.replay.S }),
    ...(item.sent_as?.S === undefined ? {} : { sent_as: item.sent_as.S as PartialBehaviour }),
    ...(item.merged?.S === undefined ? {} : { merged: item.merged.S.split(" ") }),
    ...(skip === undefined ? {} : { skip: { code: skip[0], detail: skip[1] } }),
    ...(item.reason?.S === undefined ? {} : { reason: item.reason.S }),
  };
}

/** A quarantined event as an item. Its name is the sender's and may be anything. */
export function quarantineItem(entry: QuarantinedEvent, days: number): Item {
  const day = new Date(entry.received_at).toISOString().slice(0, 10);
  const name = entry.event_name.slice(0, MAX_NAME_LENGTH).replaceAll("#", "%23");
  return {
    pk: { S: partitionKey(entry) },
    sk: { S: `${name}#QUARANTINE` },
    event_name: { S: entry.event_name.slice(0, MAX_NAME_LENGTH) },
    source: { S: entry.source },
    received_at: { N: String(entry.received_at) },
    reasons: { S: JSON.stringify(entry.reasons) },
    raw: { S: entry.raw },
    ...(entry.origin === undefined ? {} : { origin: { S: JSON.stringify(entry.origin) } }),
    attention: { S: `QUARANTINE#${day}` },
    attention_at: { N: String(entry.received_at) },
    expires_at: expiresAt(entry.received_at, days),
  };
}

/** Adds one item of an event's partition to the story under its name. */
export function addStoredItem(stored: Map<string, StoredEvent>, item: Item): void {
  const { scope, id, name } = partsOf(item);
  if (scope === undefined || name === undefined) return;
  const event = stored.get(name) ?? {
    dedup_scope: scope,
    event_id: id,
    name: name.replaceAll("%23", "#"),
    records: [],
  };
  stored.set(name, event);
  const claim = claimedStory(item, scope);
  if (claim !== undefined) event.claim = claim;
  const record = readReceipt(item);
  if (record !== undefined) event.records.push(record);
  const copies = laterCopies(item);
  if (copies.length > 0) event.copies = copies;
  if (item.raw?.S !== undefined) event.quarantined = readQuarantined(item, event);
}

function readQuarantined(item: Item, { dedup_scope, event_id }: StoredEvent): QuarantinedEvent {
  return {
    dedup_scope,
    event_id,
    event_name: item.event_name?.S ?? "",
    source: item.source?.S ?? "",
    received_at: Number(item.received_at?.N ?? 0),
    reasons: JSON.parse(item.reasons?.S ?? "[]") as QuarantinedEvent["reasons"],
    raw: item.raw?.S ?? "",
    ...(item.origin?.S === undefined ? {} : { origin: JSON.parse(item.origin.S) as QuarantineOrigin }),
  };
}

/** A scope never holds `#` (the config refuses it), so the first one ends it; the rest of `pk` is the sender's id. */
function partsOf(item: Item): { scope?: string; id: string; name?: string } {
  const pk = item.pk?.S ?? "";
  const hash = pk.indexOf("#");
  const name = item.sk?.S?.split("#")[0];
  if (hash === -1 || name === undefined) return { id: pk };
  return { scope: pk.slice(0, hash), id: pk.slice(hash + 1), name };
}

/** The event that an item is of; undefined for what is no event's, and for names that this version does not know. */
export function keyOf(item: Item): EventKey | undefined {
  const { scope, id, name } = partsOf(item);
  if (scope === undefined || name === undefined) return undefined;
  if (name.startsWith("custom:")) {
    const custom_name = name.slice("custom:".length).replaceAll("%23", "#");
    return { dedup_scope: scope, event_name: "custom", custom_name, event_id: id };
  }
  if (!(EVENT_NAMES as readonly string[]).includes(name)) return undefined;
  return { dedup_scope: scope, event_name: name as EventName, event_id: id };
}
