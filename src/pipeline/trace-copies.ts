import type { DeliveryRecord, LaterCopy, RoutingDecision } from "../core/delivery-record.ts";
import { SECOND_MS } from "../core/durations.ts";
import { FINAL_STATES } from "../core/outcome.ts";
import type { StoredEvent, TracedDelivery } from "./trace.ts";

/**
 * Whether a lane asked for later copies before this one was there: it came while the window ended, between what the lane
 * read and what it sent. Undefined until the lane is done: what is tried again goes out with the copy.
 */
export function missed(
  record: Pick<DeliveryRecord, "heard" | "merged" | "state"> | undefined,
  { source }: { readonly source: Pick<LaterCopy["source"], "id"> },
): boolean | undefined {
  if (record === undefined || !FINAL_STATES.has(record.state)) return undefined;
  return ![...(record.merged ?? []), ...(record.heard ?? [])].includes(source.id);
}

/** The later copies as they came to be: one in time that every lane missed is as late as one that came after the window. */
export function toldCopies({
  claim,
  copies = [],
  records,
}: Pick<StoredEvent, "claim" | "copies" | "records">): LaterCopy[] {
  if (claim?.story.merge === undefined || records.length === 0) return copies;
  return copies.map((copy) => (records.every((record) => missed(record, copy)) ? { ...copy, late: true } : copy));
}

/** The sources of copies in time that a lane missed and others may have had, as a line of its delivery. */
export function missedLine(record: DeliveryRecord | undefined, event: Pick<StoredEvent, "claim" | "copies">): string[] {
  if (event.claim?.story.merge === undefined) return [];
  const without = (event.copies ?? []).filter((copy) => copy.late !== true && missed(record, copy) === true);
  if (without.length === 0) return [];
  const sources = without.map(({ source }) => source.id).join(", ");
  return [`    without  the copy of ${sources}: it came when the lane had asked for it already`];
}

/** How many copies there were, how long the first one waited, and what each later one brought, as lines of a story. */
export function copyLines({ claim, copies = [] }: Pick<StoredEvent, "claim" | "copies">): string[] {
  if (claim === undefined) return [];
  const { merge } = claim.story;
  const duplicates = claim.copies - 1;
  const first = duplicates === 0 ? "first and only one" : `first of ${claim.copies}; ${counted(duplicates)} dropped`;
  const idle = duplicates - copies.length;
  return [
    `  copies     ${first}`,
    ...(merge === undefined ? [] : [`  waited     for another copy until ${new Date(merge.until).toISOString()}`]),
    ...copies.map((copy) => (copy.late === true ? `  late       ${came(copy)}` : `  merged     ${came(copy)}`)),
    ...(merge === undefined || idle <= 0 ? [] : [`  unmerged   ${counted(idle)} added nothing`]),
  ];
}

function came({ adds, first_received_at: first, late, received_at: at, replaces, source }: LaterCopy): string {
  const seconds = Math.max(0, Math.round((at - first) / SECOND_MS));
  const brings = [
    ...(adds.length === 0 ? [] : [`${late === true ? "would have added" : "added"} ${adds.join(", ")}`]),
    ...(replaces.length === 0
      ? []
      : [`${late === true ? "would have been" : "is"} believed about ${replaces.join(", ")}`]),
  ];
  return `copy of ${source.id} ${seconds} s after the first; ${brings.join("; ") || "answered about consent"}`;
}

/** The score of what went out: of both copies together where both were in the request. */
export function sentQuality(
  decision: RoutingDecision,
  record: Pick<DeliveryRecord, "merged"> | undefined,
  copies: readonly LaterCopy[] = [],
): RoutingDecision["quality"] {
  const merged = copies.filter(({ source }) => record?.merged?.includes(source.id) === true);
  const scores = merged.flatMap(({ qualities }) => qualities.filter(({ lane }) => lane === decision.lane));
  return [decision.quality, ...scores.map(({ quality }) => quality)].reduce((best, it) => {
    return it !== undefined && it.score >= (best?.score ?? -1) ? it : best;
  }, undefined);
}

/**
 * What is decided over a lane that only a default closed stands until another copy answers. That answer is the lane's, and
 * in no decision: a delivery would stand below its refusal, and nobody could tell that it was right.
 */
export function beforeCopies({ decision, state }: Pick<TracedDelivery, "decision" | "state">): string {
  const { awaits } = decision ?? {};
  if (awaits === undefined || state === "skipped") return "";
  return state === "pending" ? "not yet answered; so far " : `another copy answered for ${awaits.join(", ")}; before `;
}

/** What the lane waits for, while nothing is known of it yet. */
export function waitingLine({ claim }: Pick<StoredEvent, "claim">, decision: RoutingDecision | undefined): string {
  const { merge } = claim?.story ?? {};
  if (merge === undefined) return "on its way: lanes gather events for some seconds; look again soon";
  const what = decision?.awaits === undefined ? "its other copy" : `an answer about ${decision.awaits.join(", ")}`;
  return `for ${what} until ${new Date(merge.until).toISOString()}; then it is on its way`;
}

function counted(duplicates: number): string {
  return `${duplicates} duplicate${duplicates === 1 ? "" : "s"}`;
}
