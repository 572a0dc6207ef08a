import type { CanonicalEvent } from "./event.ts";
import { graphIdentifiers } from "./identity-identifiers.ts";

/**
 * Where the graph leads from an identifier today, seen from one person. `apart`: to somebody who was taken out of this
 * person again. `nobody`: it is not known, or suspect.
 */
export type Lead = "them" | "another" | "apart" | "nobody";

/** What an event is judged by. */
export interface OwnershipView {
  leadOf(key: string): Lead;
  /** Whether this is a person's id of theirs, those merged into them included. */
  isTheirs(personId: string): boolean;
}

/**
 * Whether an event is of this person and may be shown to them. The strongest identifier that leads anywhere decides:
 * what a person did under their own name at a household's device is not the household's. Of an event without a name
 * the graph said at its time whose it was. What is nobody's for sure is not handed out.
 */
export function isOfPerson(event: CanonicalEvent, view: OwnershipView): boolean {
  const leads = graphIdentifiers(event).map(({ key, strong }) => ({ strong, lead: view.leadOf(key) }));
  const named = leads.find(({ lead, strong }) => strong && lead !== "nobody");
  if (named !== undefined) return named.lead === "them";
  const weak = leads.filter(({ lead, strong }) => !strong && lead !== "nobody");
  if (event.known === undefined) return weak.length > 0 && weak.every(({ lead }) => lead === "them");
  // A browser follows whoever sat at it last, so that its lead says little of then; but a split says that it was wrong.
  const isSplitOff = weak.length > 0 && weak.every(({ lead }) => lead === "apart");
  return view.isTheirs(event.known.person_id) && !isSplitOff;
}
