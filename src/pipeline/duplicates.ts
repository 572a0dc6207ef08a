import type { ClaimResult } from "../core/delivery-record.ts";
import type { Lane } from "../core/routing.ts";
import type { IdentitySession } from "./identity.ts";
import { copyToJoin } from "./joined-copies.ts";
import { type KeptCopy, keepLaterCopy, type LosingCopy } from "./later-copies.ts";
import type { Clock, DeliveryStore } from "./ports.ts";

/** What enrich hands to the work on a copy that lost the claim. */
interface DuplicateScope {
  readonly lanes: readonly Lane[];
  readonly session: Pick<IdentitySession, "join">;
  readonly ports: { readonly clock: Clock; readonly store: Pick<DeliveryStore, "addCopy"> };
}

/**
 * Takes from a copy that lost the claim what it is good for: what the waiting event lacks, and whose the device was. The
 * second only of a copy that is kept, which is one for each source: under an id that a broken tag gives to everybody's
 * purchases, no second buyer is joined with the first one.
 */
export async function takeDuplicate(
  losing: LosingCopy,
  claim: Pick<ClaimResult, "story" | "first_received_at">,
  { lanes, ports, session }: DuplicateScope,
): Promise<{ readonly later: KeptCopy | undefined; readonly detail: string }> {
  const { event } = losing;
  const { source } = claim.story;
  const later = await keepLaterCopy(losing, claim, lanes, { now: ports.clock.now(), store: ports.store });
  const other = later === undefined ? undefined : copyToJoin(losing, claim.story);
  const isJoined = other !== undefined && (await session.join(event, other));
  const first = `first from ${source.id} at ${new Date(claim.first_received_at).toISOString()}`;
  const joined = isJoined ? "; tells whose the device is" : "";
  return { later, detail: `from ${event.source.id}; ${first}; ${told(later)}${joined}` };
}

/** What a duplicate is to its event, in words for the log. */
function told(later: KeptCopy | undefined): string {
  if (later === undefined) return "adds nothing";
  const fields = [...later.copy.adds, ...later.copy.replaces].join(" ") || "consent";
  return later.copy.late === true ? `too late to add ${fields}` : `adds ${fields}`;
}
