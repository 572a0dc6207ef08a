import type { GraphView, Lesson } from "./identity.ts";
import type { GraphIdentifier } from "./identity-identifiers.ts";
import type { Suspicion } from "./suspect-identifiers.ts";

/** An identifier with what it was seen beside, this event included. */
export interface Sighting extends GraphIdentifier {
  readonly beside: readonly string[];
  readonly suspicion: Suspicion | undefined;
}

/** The write that makes an identifier suspect for everyone; none when it was before. */
export function markSuspect({ beside, key }: Sighting, view: GraphView, expiry: Expiry): PointerWrite[] {
  const was = view.pointer(key);
  if (was === undefined || (was.beside === beside && !isStale(was.expires_at, expiry))) return [];
  return [{ pointer: { ...was, beside, expires_at: expiry.now + expiry.retentionMs }, was }];
}

/**
 * The write that has an identifier lead to this person; none when it does. A strong one that leads to somebody else stays
 * there and remembers both, a weak one follows who was last seen with it.
 */
export function repoint(
  { beside, key, strong }: Sighting,
  personId: string,
  alias: ReadonlySet<string>,
  view: GraphView,
  expiry: Expiry,
): PointerWrite[] {
  const was = view.pointer(key);
  const expires_at = expiry.now + expiry.retentionMs;
  if (was === undefined) return [{ pointer: { key, person_id: personId, seen_with: [], beside, expires_at }, was }];
  // A pointer to a person that is gone (expired) is as good as none.
  const root = view.person(was.person_id)?.id ?? personId;
  const isNew = beside !== was.beside;
  if (alias.has(root)) {
    if (was.person_id === personId && !isNew && !isStale(was.expires_at, expiry)) return [];
    return [{ pointer: { ...was, person_id: personId, beside, expires_at }, was }];
  }
  const other = strong ? personId : root;
  const seen_with = was.seen_with.includes(other) ? was.seen_with : [...was.seen_with, other];
  if (strong && !isNew && seen_with === was.seen_with) return [];
  return [{ pointer: { key, person_id: strong ? was.person_id : personId, seen_with, beside, expires_at }, was }];
}

/** One pointer to store, and what was read in its place. */
export type PointerWrite = Lesson["pointers"][number];

/** How long what is written now lives. */
export interface Expiry {
  readonly now: number;
  readonly retentionMs: number;
}

/** Past half of its life: rewritten when seen, so that who keeps coming back is kept, at few writes. */
export function isStale(expiresAt: number, { now, retentionMs }: Expiry): boolean {
  return expiresAt < now + retentionMs / 2;
}
