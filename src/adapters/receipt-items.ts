import { createHash } from "node:crypto";
import type { AttributeValue, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import { type DeliveryRecord, partitionKey } from "../core/delivery-record.ts";
import type { EventKey } from "../core/event-key.ts";
import { ATTENTION_STATES, type DeliveryState } from "../core/outcome.ts";
import { utcDay } from "../core/utc-day.ts";
import { packAttempts, unpackAttempts } from "./attempt-text.ts";
import { expiresAt, keyOf, receiptSortKey } from "./delivery-items.ts";
import type { Item } from "./dynamo-client.ts";

/** Parts of one lane's and day's list of failures. */
const FAILURE_SHARDS = 8;

/** Nothing was written yet, or it is past its time. */
const NO_RECEIPT = "attribute_not_exists(#state) OR #expires_at <= :now";

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
  const day = utcDay(record.updated_at);
  const values: Record<string, AttributeValue | undefined> = {
    state: { S: record.state },
    attempts: record.attempts.length === 0 ? undefined : { S: packAttempts(record.attempts) },
    attempt_count: { N: String(record.attempt_count) },
    updated_at: { N: String(record.updated_at) },
    delivered_at: record.delivered_at === undefined ? undefined : { N: String(record.delivered_at) },
    replay: record.replay === undefined ? undefined : { S: record.replay },
    sent_as: record.sent_as === undefined ? undefined : { S: record.sent_as },
    merged: sourceList(record.merged),
    heard: sourceList(record.heard),
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

function sourceList(sources: readonly string[] = []): AttributeValue | undefined {
  return sources.length === 0 ? undefined : { S: sources.join(" ") };
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
export function readReceipt(item: Item): DeliveryRecord | undefined {
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
    ...(item.heard?.S === undefined ? {} : { heard: item.heard.S.split(" ") }),
    ...(skip === undefined ? {} : { skip: { code: skip[0], detail: skip[1] } }),
    ...(item.reason?.S === undefined ? {} : { reason: item.reason.S }),
  };
}

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
