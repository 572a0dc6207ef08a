import { CONSENT_PURPOSES, type ConsentPurpose } from "./consent.ts";
import {
  type ConsentBehaviour,
  type ConsentDeclaration,
  declaredBehaviour,
  isStricter,
  type PartialBehaviour,
  type WhenDenied,
} from "./consent-behaviour.ts";
import { decideConsent, denialOf, type EffectiveConsent } from "./consent-decision.ts";
import { type CanonicalEvent, displayName } from "./event.ts";
import { listsPlace, placesOf } from "./event-places.ts";
import { present } from "./present.ts";

/** Which events an entry of the config is for; an absent list means all of them. */
export interface ConsentScope {
  /** Canonical names, and the sender's own of custom events. */
  readonly events?: readonly string[];
  /** As in `consent.defaults`; one place of the event is enough. */
  readonly places?: readonly string[];
  /** Ids of sources. */
  readonly sources?: readonly string[];
}

/** What the config asks of one lane beyond its destination's declaration. It can only let less through. */
export interface ConsentRule extends ConsentScope {
  readonly name?: string;
  readonly whenDenied?: WhenDenied;
  /** Whatever was answered. */
  readonly send?: Exclude<ConsentBehaviour, "send">;
  /** Paths that are taken out of this lane's copy; see `BLOCKABLE_FIELD`. */
  readonly denyFields?: readonly string[];
  /** Of the same fields, the only ones that stay in it. */
  readonly allowFields?: readonly string[];
}

/** Where the config lets more through than the declaration, by name, so that whoever reads a decision sees it. */
export interface ConsentOverride extends ConsentScope {
  readonly name: string;
  readonly because: string;
  readonly whenDenied: WhenDenied;
}

/** What the config says about consent at one lane. */
export interface LaneConsentRules {
  /** Purposes without which nothing is sent, beside the destination's own. */
  readonly consent?: readonly ConsentPurpose[];
  /** The first whose scope fits an event decides. */
  readonly consentRules?: readonly ConsentRule[];
  readonly consentOverrides?: readonly ConsentOverride[];
}

/** The part of a lane's configuration that is about consent. */
export function consentRulesOf({ consent, consentOverrides, consentRules }: LaneConsentRules): LaneConsentRules {
  return present({ consent, consentRules, consentOverrides });
}

/** A lane as far as consent is concerned. */
export interface ConsentLane extends LaneConsentRules {
  readonly destination: ConsentDeclaration;
}

/** Whether one lane may have an event, and in which form, in words that trace shows. */
export interface LaneConsent {
  readonly allowed: boolean;
  readonly reason: string;
  /** Purposes without which the event would not be sent. */
  readonly required: ConsentPurpose[];
  /** Absent: whole, or not at all. */
  readonly behaviour?: PartialBehaviour;
  /** What decided: `declaration`, `consent`, `consentRules[0]` or `consentRules <name>`, `override <name>`. */
  readonly rule: string;
}

const DECLARATION = "declaration";

/** The event as scopes look at it. */
type Scoped = Pick<CanonicalEvent, "event_name" | "custom_name" | "source" | "user" | "consent" | "location">;

/**
 * Decides about one event at one lane: what the destination declares of each refused purpose, loosened by the first
 * override that fits, made stricter by the lane's list of purposes and by the first rule that fits. Of all that is said
 * the strictest counts. Asked by enrich, and by the lane once more before it sends.
 */
export function decideForLane(event: Scoped, lane: ConsentLane, effective: EffectiveConsent): LaneConsent {
  const override = firstFitting(lane.consentOverrides, event)?.entry;
  const fitting = firstFitting(lane.consentRules, event);
  const asked: TitledRule = fitting === undefined ? {} : { ...fitting.entry, title: titleOf(fitting) };
  const verdicts = CONSENT_PURPOSES.map((purpose) => verdictOf(purpose, lane, override, asked));
  const required = verdicts.filter(({ behaviour }) => behaviour === "drop").map(({ purpose }) => purpose);
  const denied = verdicts.filter(({ purpose }) => effective.purposes[purpose].value === "denied");
  const strictest = strictestOf(denied);
  const touched = denied.some(({ loosened }) => loosened) ? override : undefined;
  if (asked.send !== undefined && isStricter(asked.send, strictest?.behaviour ?? "send")) {
    const rule = asked.title ?? DECLARATION;
    const how = asked.send === "drop" ? "held back" : sentAs(asked.send);
    return decided(asked.send, { reason: `${how} by ${rule}`, required, rule }, touched);
  }
  const behaviour = strictest?.behaviour ?? "send";
  const rule = strictest?.by ?? (touched === undefined ? DECLARATION : `override ${touched.name}`);
  if (behaviour === "send" || behaviour === "drop") {
    return decided(behaviour, { reason: decideConsent(required, effective).reason, required, rule }, touched);
  }
  const whose = denied.filter((verdict) => verdict.behaviour === behaviour);
  const why = whose.map(({ purpose }) => denialOf(purpose, effective)).join("; ");
  return decided(behaviour, { reason: `${sentAs(behaviour)}: ${why}`, required, rule }, touched);
}

/** The first rule of the lane that fits the event, whatever was answered. */
export function ruleForEvent(event: Scoped, { consentRules }: LaneConsentRules): ConsentRule | undefined {
  return firstFitting(consentRules, event)?.entry;
}

/** A rule with what it is called in decisions. */
interface TitledRule extends ConsentRule {
  readonly title?: string;
}

interface Verdict {
  readonly purpose: ConsentPurpose;
  readonly behaviour: ConsentBehaviour;
  readonly by: string;
  /** An override lets more through here than the declaration does. */
  readonly loosened: boolean;
}

function verdictOf(
  purpose: ConsentPurpose,
  { consent, destination }: ConsentLane,
  override: ConsentOverride | undefined,
  rule: TitledRule,
): Verdict {
  const declared = declaredBehaviour(destination, purpose);
  const instead = override?.whenDenied[purpose] ?? declared;
  const loosened = override !== undefined && isStricter(declared, instead);
  const law = loosened
    ? { behaviour: instead, by: `override ${override.name}` }
    : { behaviour: declared, by: DECLARATION };
  const wishes: { behaviour: ConsentBehaviour; by: string }[] = [
    { behaviour: consent?.includes(purpose) ? "drop" : "send", by: "consent" },
    { behaviour: rule.whenDenied?.[purpose] ?? "send", by: rule.title ?? DECLARATION },
  ];
  const strictest = wishes.reduce((a, b) => (isStricter(b.behaviour, a.behaviour) ? b : a), law);
  return { purpose, ...strictest, loosened: loosened && strictest === law };
}

/** The first of the strictest; undefined when nothing was refused that matters here. */
function strictestOf(denied: readonly Verdict[]): Verdict | undefined {
  return denied
    .filter(({ behaviour }) => behaviour !== "send")
    .reduce<Verdict | undefined>(
      (a, b) => (a === undefined || isStricter(b.behaviour, a.behaviour) ? b : a),
      undefined,
    );
}

function decided(
  behaviour: ConsentBehaviour,
  { reason, required, rule }: { reason: string; required: ConsentPurpose[]; rule: string },
  override: ConsentOverride | undefined,
): LaneConsent {
  return {
    allowed: behaviour !== "drop",
    reason: override === undefined ? reason : `${reason}; loosened by override ${override.name}`,
    required,
    ...(behaviour === "send" || behaviour === "drop" ? {} : { behaviour }),
    rule,
  };
}

function sentAs(behaviour: PartialBehaviour): string {
  return behaviour === "limited" ? "limited use" : "without identifiers";
}

function titleOf({ entry, index }: { readonly entry: ConsentRule; readonly index: number }): string {
  return entry.name === undefined ? `consentRules[${index}]` : `consentRules ${entry.name}`;
}

function firstFitting<Entry extends ConsentScope>(
  entries: readonly Entry[] | undefined,
  event: Scoped,
): { entry: Entry; index: number } | undefined {
  const index = entries?.findIndex((entry) => fits(entry, event)) ?? -1;
  const entry = entries?.[index];
  return entry === undefined ? undefined : { entry, index };
}

function fits({ events, places, sources }: ConsentScope, event: Scoped): boolean {
  if (events !== undefined && !events.includes(event.event_name) && !events.includes(displayName(event))) return false;
  if (sources !== undefined && !sources.includes(event.source.id)) return false;
  if (places === undefined) return true;
  const own = placesOf(event);
  return (own.length === 0 ? [undefined] : own).some((place) => listsPlace(places, place));
}
