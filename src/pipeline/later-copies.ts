import type { ArchivedEvent } from "../core/archived-event.ts";
import { CONSENT_PURPOSES, type ConsentState } from "../core/consent.ts";
import { vendorConsent } from "../core/consent-decision.ts";
import { withoutKnownContacts } from "../core/contact-text.ts";
import type { ClaimResult, CopyView, EventStory, LaterCopy } from "../core/delivery-record.ts";
import type { Destination } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import { mergedQuality } from "../core/match-quality.ts";
import { mergeFieldsOf, newParts, replacedFields } from "../core/merge-fields.ts";
import { type CopyConsent, mergedConsent } from "../core/merged-consent.ts";
import { partsOf } from "../core/merged-copies.ts";
import { present } from "../core/present.ts";
import { archivedQuality } from "../core/quality-rollup.ts";
import { behaviourOfCopy, eventForLane, type Lane, type Routed } from "../core/routing.ts";
import type { DeliveryStore } from "./ports.ts";
import type { QueuedRecord } from "./queued-record.ts";

/** What one copy may take of the item, bytes: DynamoDB takes 400 KB, and other sources have copies, too. */
const MAX_VIEWS_BYTES = 120_000;

/** A copy that lost the claim, complete and routed as if it had not. */
export interface LosingCopy {
  readonly copyId: string;
  readonly event: CanonicalEvent;
  readonly routed: Routed;
}

/** A later copy that is kept, and its line for the archive; a late one has none, for none of its values is sent. */
export interface KeptCopy {
  readonly copy: LaterCopy;
  readonly archived?: Omit<ArchivedEvent, "v" | "archived_at">;
}

/** A record that is a copy of a claimed event. */
export interface Duplicate {
  readonly record: QueuedRecord;
  /** Absent when it adds nothing. */
  readonly later?: KeptCopy;
}

/**
 * Keeps what a later copy brings to an event that waits for it. Undefined when the event waits for none, when the copy
 * is the same source's, or when it brings nothing: then nothing is written.
 */
export async function keepLaterCopy(
  losing: LosingCopy,
  { story }: Pick<ClaimResult, "story">,
  lanes: readonly Lane[],
  { now, store }: { readonly now: number; readonly store: Pick<DeliveryStore, "addCopy"> },
): Promise<KeptCopy | undefined> {
  const { copyId, event } = losing;
  const { merge } = story;
  const { source } = event;
  if (merge === undefined || event.test === true || source.id === story.source.id) return undefined;
  const fields = mergeFieldsOf(event);
  const adds = fields.filter((field) => !merge.fields.includes(field));
  const first = { isServer: story.source.kind === "server", fields: merge.fields };
  const replaces = replacedFields(fields, first, source.kind === "server");
  if (adds.length === 0 && replaces.length === 0 && !changesConsent(losing, story)) return undefined;
  const isLate = now >= merge.until;
  const wanted = lanes.filter(({ id }) => story.decisions.some((it) => it.lane === id && it.send));
  const copy: LaterCopy = {
    copy_id: copyId,
    source: { id: source.id, kind: source.kind },
    received_at: event.received_at,
    first_received_at: story.received_at,
    adds,
    replaces,
    ...(isLate ? { late: true } : {}),
    qualities: isLate ? [] : qualitiesOf(losing, story, wanted),
  };
  const views = isLate ? refusalIn(losing, wanted) : viewsOf(losing, wanted, [...adds, ...replaces]);
  const kept = await store.addCopy(eventKey(event), copy, views);
  // Another copy of the same source was faster.
  if (kept.copy_id !== copyId) return undefined;
  return kept.late === true ? { copy: kept } : { copy: kept, archived: lineOf(losing, story, kept) };
}

/** Whether this copy says something of consent that the first one leaves open, or refuses anything. */
function changesConsent({ routed }: LosingCopy, { consent: seen, merge }: EventStory): boolean {
  const { consent } = routed;
  if (consent.gpc === true || consent.limited_data_use === true || consent.refused_to !== undefined) return true;
  return CONSENT_PURPOSES.some((purpose) => {
    const isAnswer = consent[purpose] !== undefined && !routed.undecided.includes(purpose);
    if (merge?.undecided.includes(purpose) === true) return isAnswer;
    // A default's no is nothing beside the first copy's answer, but beside a default's yes it is.
    return consent[purpose] === "denied" && (isAnswer || (seen?.[purpose].by ?? "default") === "default");
  });
}

/** None where the copies together send nothing: a score of what stays here would only look like reach. */
function qualitiesOf(losing: LosingCopy, story: EventStory, lanes: readonly Lane[]): LaterCopy["qualities"] {
  return lanes.flatMap(({ destination, id }) => {
    const decision = story.decisions.find(({ lane }) => lane === id);
    const first = decision?.quality;
    if (decision === undefined || first === undefined) return [];
    const { consent } = consentOfBoth(losing, story, destination);
    if (decision.consent.required.some((purpose) => consent[purpose] === "denied")) return [];
    const own = losing.routed.decisions.find(({ lane }) => lane === id)?.quality;
    const copies = own === undefined ? [first] : [first, own];
    return [{ lane: id, quality: mergedQuality(copies, destination.matchKeys) }];
  });
}

/** What the lane will hear of consent, as far as a story keeps what the first copy said. */
function consentOfBoth({ event, routed }: LosingCopy, story: EventStory, { tcfVendorId }: Destination): CopyConsent {
  const { consent: seen, merge, source } = story;
  const said: ConsentState = {};
  for (const purpose of CONSENT_PURPOSES) {
    const { by, value } = seen?.[purpose] ?? {};
    // Granted by a default is no answer, and is not sent as one.
    if (value === "denied" || (by !== "default" && value !== undefined)) said[purpose] = value;
  }
  const { undecided } = routed;
  return mergedConsent([
    { kind: source.kind, consent: said, undecided: merge?.undecided ?? [] },
    { kind: event.source.kind, consent: vendorConsent(routed.consent, tcfVendorId), undecided },
  ]);
}

/** What each lane may have, once for all lanes that may have the same. */
function viewsOf(losing: LosingCopy, lanes: readonly Lane[], changed: LaterCopy["adds"]): readonly CopyView[] {
  const views = new Map<string, CopyView & { lanes: string[] }>();
  for (const lane of lanes) {
    const view = viewFor(losing, lane, changed);
    const key = JSON.stringify(view);
    const same = views.get(key);
    if (same === undefined) views.set(key, { ...view, lanes: [lane.id] });
    else same.lanes.push(lane.id);
  }
  return fitting([...views.values()]);
}

/** Items are all that is long in an event; where the item cannot hold them, they are the first copy's or nobody's. */
function fitting(views: readonly CopyView[]): readonly CopyView[] {
  if (Buffer.byteLength(JSON.stringify(views)) <= MAX_VIEWS_BYTES) return views;
  return views.map(({ parts: { items: _, ...parts }, ...view }) => ({ ...view, parts }));
}

/** What a late copy refuses, for lanes that have not sent yet: that the window is over gives nobody leave to send. */
function refusalIn({ event, routed }: LosingCopy, lanes: readonly Lane[]): CopyView[] {
  const { gpc, limited_data_use: limited, refused_to: refusedTo } = routed.consent;
  const refused = CONSENT_PURPOSES.filter((it) => routed.consent[it] === "denied" && !routed.undecided.includes(it));
  const consent: ConsentState = {
    ...Object.fromEntries(refused.map((purpose) => [purpose, "denied" as const])),
    ...present({ gpc: gpc || undefined, limited_data_use: limited || undefined, refused_to: refusedTo }),
  };
  if (Object.keys(consent).length === 0 || lanes.length === 0) return [];
  return [{ lanes: lanes.map(({ id }) => id), raw: false, kind: event.source.kind, parts: {}, consent, undecided: [] }];
}

/** A lane that this copy's own consent closes learns of the refusal alone. */
function viewFor({ event, routed }: LosingCopy, lane: Lane, changed: LaterCopy["adds"]): Omit<CopyView, "lanes"> {
  const { consent, undecided } = routed;
  const decision = routed.decisions.find((it) => it.lane === lane.id);
  const isRefused = decision?.skip?.code === "consent";
  const behaviour = decision === undefined ? undefined : behaviourOfCopy(decision);
  const { consent: said = {}, ...cut } = eventForLane(event, consent, lane, behaviour);
  return {
    raw: lane.destination.needsRawContact(lane.settings),
    kind: event.source.kind,
    parts: isRefused ? {} : newParts(partsOf(cut), changed),
    consent: said,
    undecided,
  };
}

function lineOf(
  { copyId, event, routed }: LosingCopy,
  story: EventStory,
  { qualities }: LaterCopy,
): NonNullable<KeptCopy["archived"]> {
  return {
    copy_id: copyId,
    copy_of: { received_at: story.received_at, source: story.source.id },
    event: withoutKnownContacts(event),
    consent: routed.consent,
    undecided: routed.undecided,
    decisions: story.decisions.map(({ awaits, lane, quality, send }) => {
      const merged = qualities.find((it) => it.lane === lane)?.quality;
      // Of a lane that waited for consent the first copy's score is in no account.
      const was = awaits === undefined ? archivedQuality(quality) : undefined;
      return { lane, send, ...present({ quality: archivedQuality(merged), was }) };
    }),
  };
}
