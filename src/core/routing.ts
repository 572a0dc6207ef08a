import { type ConsentPurpose, type ConsentState, vendorRefusals, withVendorsOf } from "./consent.ts";
import type { PartialBehaviour } from "./consent-behaviour.ts";
import {
  type ConsentRules,
  consentToSend,
  type EffectiveConsent,
  effectiveConsent,
  undecidedPurposes,
  vendorConsent,
  withGranted,
  withVendorRefusals,
} from "./consent-decision.ts";
import { decideForLane, type LaneConsentRules } from "./consent-firewall.ts";
import { type ConsentSeen, seenConsent } from "./consent-seen.ts";
import { consentedCopy } from "./consented-copy.ts";
import { withoutKnownContacts } from "./contact-text.ts";
import type { RoutingDecision } from "./delivery-record.ts";
import { type Destination, type Identifier, isSentAsTest, type SkipReason, wireName } from "./destination.ts";
import { type CanonicalEvent, displayName, type User } from "./event.ts";
import { placesOf } from "./event-places.ts";
import { type LaneEventRules, rulesOf, unmetCondition, withRuledValue } from "./event-rules.ts";
import { preHashed } from "./hashing.ts";
import { type HealthScreen, screenEvent } from "./health-terms.ts";
import { doubtOfClick, identifierDoubts } from "./identifier-soundness.ts";
import { type Doubts, type MatchQuality, matchQuality } from "./match-quality.ts";
import { propertiesForPlatforms, type SensitiveDataRules } from "./sensitive-data.ts";

/** One configured lane as routing sees it: the declaration, and what the config says about it. */
export interface Lane extends LaneEventRules, LaneConsentRules {
  readonly id: string;
  readonly destination: Destination;
  readonly settings: unknown;
  readonly testMode: boolean;
  /** What the platform may not learn of people's health; absent where it may, and where nobody asked for it. */
  readonly health?: HealthScreen;
}

/** What routing knows besides the event. */
export interface RoutingRules {
  readonly lanes: readonly Lane[];
  readonly consent: ConsentRules;
  readonly defaultCountry?: string;
  /** Absent: the defaults. */
  readonly sensitiveData?: SensitiveDataRules;
}

/** What routing made of one event. */
export interface Routed {
  /** One per lane, in the order of the config; none for `identify`, which only teaches the identity graph. */
  readonly decisions: RoutingDecision[];
  /** Consent for every outgoing copy: answers and refusals. An absent purpose was granted by a default. */
  readonly consent: ConsentState;
  /** What the decisions went by. */
  readonly seen: ConsentSeen;
  /** Purposes that `consent` refuses although nobody did but a default. */
  readonly undecided: readonly ConsentPurpose[];
  /** Lanes whose declaration failed on this event, by id: a defect to log; the event is sent without a score. */
  readonly unscored: readonly { readonly lane: string; readonly error: unknown }[];
}

/**
 * Decides which lanes get the event and why not. `event` is complete: hashed, and filled by the identity graph. What
 * depends on the moment of sending (age, completeness) is the lane's to decide. An event that waits for its other copy
 * also goes to lanes that only a default closed: the other copy may bring the person's answer.
 */
export function routeEvent(
  event: CanonicalEvent,
  rules: RoutingRules,
  now: number,
  { waits = false }: { readonly waits?: boolean } = {},
): Routed {
  const effective = effectiveConsent(event.consent, placesOf(event), rules.consent, event.known?.consent);
  const said = withVendorsOf(event.consent, event.known?.consent);
  const consent = consentToSend(said, effective);
  const unscored: { lane: string; error: unknown }[] = [];
  const lanes = event.event_name === "identify" ? [] : rules.lanes;
  const grantedTo = ({ destination }: Lane) =>
    withVendorRefusals(effective, vendorRefusals(said, destination.tcfVendorId));
  // Of the whole event: a lane's copy no longer has the raw values.
  const doubts = identifierDoubts(event);
  const decisions = lanes.map((lane): RoutingDecision => {
    const granted = grantedTo(lane);
    const decided = decide(event, lane, granted);
    const decision = waits ? awaiting(decided, event, lane, granted) : decided;
    // Who matches nobody has no match quality: a full score would be read as praise.
    if (!decision.send || Object.keys(lane.destination.matchKeys).length === 0) return decision;
    try {
      const sent = sentIdentifiers(eventForLane(event, consent, lane, behaviourOfCopy(decision)), lane, rules, now);
      return { ...decision, quality: quality(event, sent, lane.destination, doubts) };
    } catch (error) {
      unscored.push({ lane: lane.id, error });
      return decision;
    }
  });
  return { decisions, consent, seen: seenConsent(event, effective), undecided: undecidedPurposes(effective), unscored };
}

/** Opens a lane that only a default closed, or narrowed: the other copy may bring the person's answer. */
function awaiting(
  decided: RoutingDecision,
  event: CanonicalEvent,
  lane: Lane,
  effective: EffectiveConsent,
): RoutingDecision {
  const { skip, ...kept } = decided;
  const awaits = undecidedPurposes(effective);
  if (awaits.length === 0 || (skip !== undefined && skip.code !== "consent")) return decided;
  const { allowed, behaviour } = decideForLane(event, lane, withGranted(effective, awaits));
  const isWider = !decided.consent.allowed || decided.consent.behaviour !== behaviour;
  return allowed && behaviour !== "without_identifiers" && isWider ? { ...kept, send: true, awaits } : decided;
}

/** How much of the event a lane's message holds: where answers may come yet, all of it, and the lane cuts it down. */
export function behaviourOfCopy({ awaits, consent }: RoutingDecision): PartialBehaviour | undefined {
  return awaits === undefined ? consent.behaviour : undefined;
}

/**
 * The copy of the event that one lane gets: decided consent, and no raw e-mail or phone where the platform takes only
 * hashes, which travel beside them. Names and addresses stay raw: each platform normalises those in its own way. What consent
 * keeps from the lane is not in it.
 */
export function eventForLane(
  event: CanonicalEvent,
  consent: ConsentState,
  lane: Lane,
  behaviour?: PartialBehaviour,
): CanonicalEvent {
  const own = vendorConsent(consent, lane.destination.tcfVendorId);
  const { user, ...left } = consentedCopy({ ...withoutForbidden(event, lane), consent: own }, lane, behaviour);
  if (behaviour === "without_identifiers") return { ...left, user, ...deliveryIds(event) };
  if (lane.destination.needsRawContact(lane.settings)) return { ...left, user };
  const { phone_e164: _, ...hashed } = withoutKnownContacts(left);
  return { ...hashed, user: withoutRawContact(user) };
}

/**
 * What the lane needs of an event of nobody: the id that its receipt stands under, and the opaque id by which it asks for
 * later refusals. It takes both out before it sends.
 */
function deliveryIds({ event_id, event_id_origin, known }: CanonicalEvent): Partial<CanonicalEvent> {
  return { event_id, event_id_origin, ...(known === undefined ? {} : { known: { person_id: known.person_id } }) };
}

/** Without what the platform may not learn: of anybody's health, and contacts among the sender's own properties. */
function withoutForbidden(event: CanonicalEvent, lane: Lane): CanonicalEvent {
  const screened = lane.health === undefined ? event : screenEvent(event, lane.health).event;
  const { properties } = screened;
  const mayHoldContacts = lane.destination.firstParty === true && lane.destination.needsRawContact(lane.settings);
  if (properties === undefined || mayHoldContacts) return screened;
  const clean = propertiesForPlatforms(properties);
  return clean === properties ? screened : { ...screened, properties: clean };
}

function withoutRawContact(user: User): User {
  const { email, phone, ...kept } = user;
  // Some senders put a digest into the raw field; it is not raw, and it is all there is.
  const emailDigest = kept.email_sha256 ?? preHashed(email);
  const phoneDigest = kept.phone_sha256 ?? preHashed(phone);
  return {
    ...kept,
    ...(emailDigest === undefined ? {} : { email_sha256: emailDigest }),
    ...(phoneDigest === undefined ? {} : { phone_sha256: phoneDigest }),
  };
}

function decide(event: CanonicalEvent, lane: Lane, effective: EffectiveConsent): RoutingDecision {
  const consent = decideForLane(event, lane, effective);
  const skip = routingSkip(event, lane) ?? (consent.allowed ? undefined : consentSkip(consent.reason));
  return { lane: lane.id, send: skip === undefined, ...(skip === undefined ? {} : { skip }), consent };
}

/** What never depends on the person comes first: it is what somebody debugging the configuration looks for. */
function routingSkip(event: CanonicalEvent, lane: Lane): SkipReason | undefined {
  if (wireName(event, lane.destination, lane) === undefined) {
    return { code: "not_configured", detail: `${displayName(event)} is not sent to ${lane.id}` };
  }
  const unmet = unmetCondition(event, lane);
  if (unmet !== undefined) {
    return { code: "not_configured", detail: `${lane.id} takes ${displayName(event)} only if ${unmet}` };
  }
  if (event.test === true && !isSentAsTest(event, lane.destination, lane)) {
    return { code: "test_event", detail: "a test event is sent only in test mode, which this destination lacks" };
  }
  const forbidden = lane.health === undefined ? undefined : healthSkip(event, lane.health);
  if (forbidden !== undefined) return forbidden;
  const asked = event.destinations?.[lane.id] ?? event.destinations?.[lane.destination.id];
  if (asked === false) return { code: "routing", detail: "the sender excluded this destination" };
  if (asked === undefined && event.destinations?.all === false) {
    return { code: "routing", detail: "the sender excluded all destinations that it did not name" };
  }
  return undefined;
}

/** A field can be left out; the name of an event cannot. */
function healthSkip(event: CanonicalEvent, health: HealthScreen): SkipReason | undefined {
  const { fields } = screenEvent(event, health);
  const isKept = health.drops === "field" && !fields.includes("custom_name");
  if (fields.length === 0 || isKept) return undefined;
  return { code: "routing", detail: `held back: a health term in ${fields.join(", ")}` };
}

function consentSkip(detail: string): SkipReason {
  return { code: "consent", detail };
}

function quality(
  event: CanonicalEvent,
  sent: ReadonlySet<Identifier>,
  { id, matchKeys }: Destination,
  doubts: Doubts,
): MatchQuality {
  const click = doubtOfClick(event, id);
  return matchQuality(sent, matchKeys, click === undefined ? doubts : { ...doubts, click_id: click });
}

function sentIdentifiers(event: CanonicalEvent, lane: Lane, rules: RoutingRules, now: number): ReadonlySet<Identifier> {
  return lane.destination.identifiers(withRuledValue(event, lane), {
    lane: lane.id,
    settings: lane.settings,
    credentials: {},
    now,
    ...(rules.defaultCountry === undefined ? {} : { defaultCountry: rules.defaultCountry }),
    ...rulesOf(lane),
    testMode: isSentAsTest(event, lane.destination, lane),
  });
}
