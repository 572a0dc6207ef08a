import type { ClaimResult } from "../core/delivery-record.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import { laterCopies } from "./copy-items.ts";
import { partsOf } from "./delivery-items.ts";
import type { Item } from "./dynamo-client.ts";
import { readQuarantined } from "./quarantine-items.ts";
import { readReceipt } from "./receipt-items.ts";
import { unpackStory } from "./story-text.ts";

/** The claim that an EVENT item holds. */
export function claimedStory(item: Item, dedupScope: string): Omit<ClaimResult, "owner"> | undefined {
  if (item.story?.S === undefined) return undefined;
  const story = unpackStory(item.story.S, dedupScope);
  return { story, copies: item.copies?.SS?.length ?? 0, first_received_at: story.received_at };
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
