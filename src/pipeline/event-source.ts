import type { ResolvedSource } from "../config/resolved-config.ts";
import type { CanonicalEvent } from "../core/event.ts";

/** What is needed of a source to name it in an event. */
export type NamedSource = Pick<ResolvedSource, "id" | "kind" | "dedupScope" | "identityScope" | "contactScope">;

/**
 * The source as its events carry it. The scopes travel with the event, so that whoever meets it later (a lane, the
 * archive, a replay) takes its identifiers for the same people as enrich did.
 */
export function eventSource(
  { id, kind, dedupScope, identityScope, contactScope }: NamedSource,
  dialect: CanonicalEvent["source"]["dialect"],
): CanonicalEvent["source"] {
  return {
    id,
    kind,
    dialect,
    dedup_scope: dedupScope,
    ...(identityScope === undefined ? {} : { identity_scope: identityScope }),
    ...(contactScope === undefined ? {} : { contact_scope: contactScope }),
  };
}
