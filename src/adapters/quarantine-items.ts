import { partitionKey, type QuarantinedEvent, type QuarantineOrigin } from "../core/delivery-record.ts";
import { utcDay } from "../core/utc-day.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import { expiresAt } from "./delivery-items.ts";
import type { Item } from "./dynamo-client.ts";

/** DynamoDB takes 1 KB of sort key; a name from a broken sender may be longer. */
const MAX_NAME_LENGTH = 200;

/** A quarantined event as an item. Its name is the sender's and may be anything. */
export function quarantineItem(entry: QuarantinedEvent, days: number): Item {
  const day = utcDay(entry.received_at);
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

/** The refused event that `quarantineItem` wrote; its partition names it. */
export function readQuarantined(
  item: Item,
  { dedup_scope, event_id }: Pick<StoredEvent, "dedup_scope" | "event_id">,
): QuarantinedEvent {
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
