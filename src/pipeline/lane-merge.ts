import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import type { ConsentDecider } from "../core/consent-decision.ts";
import type { LaneCopy } from "../core/delivery-record.ts";
import { mergedConsent } from "../core/merged-consent.ts";
import { mergedEvent } from "../core/merged-copies.ts";
import { withoutRefused } from "../core/withheld-identifiers.ts";
import type { MergedCopies, ReadMessage } from "./lane.ts";
import { type LaneScope, putOff } from "./put-off.ts";

/**
 * Events that waited for their other copy, completed by what came of it. Whatever made the message come (a first try, a
 * retry, a redrive), the other copies are asked for, so that every request of one event is made of the same. Without
 * knowing them nothing is sent: the person may have refused in the other copy.
 */
export async function withOtherCopies(reads: readonly ReadMessage[], scope: LaneScope): Promise<ReadMessage[]> {
  const { lane, store } = scope.deps;
  const waited = reads.filter(({ body }) => body.merge !== undefined);
  if (waited.length === 0) return [...reads];
  try {
    const found = await store.readCopies(
      lane.id,
      waited.map(({ key }) => key),
    );
    const copies = new Map(waited.map((read, index) => [read, found[index] ?? []]));
    return reads.map((read) => {
      const others = copies.get(read);
      return others === undefined ? read : merged(read, others);
    });
  } catch (error) {
    putOff(waited, { said: "other copies could not be read; what waited for them was not sent", error }, scope);
    return reads.filter((read) => !waited.includes(read));
  }
}

function merged(read: ReadMessage, found: readonly LaneCopy[]): ReadMessage {
  const { body } = read;
  const { event, merge } = body;
  const others = found.filter((copy) => copy.first_received_at === event.received_at);
  const first = { kind: event.source.kind, consent: event.consent ?? {}, undecided: merge?.undecided ?? [] };
  const { consent, undecided } = mergedConsent([first, ...others]);
  const scores = [merge?.score, ...others.map(({ score }) => score)].filter((score) => score !== undefined);
  const wait: MergedCopies = {
    sources: others.filter((copy) => !isEmpty(copy)).map(({ source }) => source),
    heard: others.filter(isEmpty).map(({ source }) => source),
    ...(scores.length === 0 ? {} : { score: Math.max(...scores) }),
    unanswered: undecided,
    refused: CONSENT_PURPOSES.filter((it) => consent[it] === "denied" && first.consent[it] !== "denied"),
  };
  const union = { ...mergedEvent(event, others), consent };
  // Whichever copy refused: into the other one the graph had filled what it knew.
  return {
    ...read,
    merged: wait,
    body: { ...body, event: others.length === 0 ? union : withoutRefused(union, undecided) },
  };
}

function isEmpty({ parts }: LaneCopy): boolean {
  return Object.keys(parts).length === 0;
}

/** Who refused a purpose that is denied in what the lane has. */
export function deciderOf(purpose: ConsentPurpose, { merged, takenBack }: ReadMessage): ConsentDecider {
  if (takenBack?.has(purpose) === true) return "later";
  if (merged?.unanswered.includes(purpose) === true) return "no_copy";
  return merged?.refused.includes(purpose) === true ? "other_copy" : "decided";
}
