import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import {
  CONSENT_BEHAVIOURS,
  type ConsentBehaviour,
  type ConsentDeclaration,
  declaredBehaviour,
  isStricter,
  isTaken,
  type WhenDenied,
} from "../core/consent-behaviour.ts";
import type { ConsentOverride, ConsentRule, ConsentScope, LaneConsentRules } from "../core/consent-firewall.ts";
import { listsPlace, UNKNOWN_PLACE } from "../core/event-places.ts";
import { present } from "../core/present.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { expandCountries } from "./countries.ts";
import { withHint } from "./schema-problems.ts";

type ParsedRule = ParsedConfig["destinations"][string]["consentRules"][number];
type ScopedEntry = Pick<ParsedRule, "countries" | "events" | "sources">;
type ParsedOverride = ParsedConfig["consent"]["overrides"][number];

/** The lane that is resolved; a type without a declaration of consent is one that is not known at all. */
interface ConsentingLane {
  readonly id: string;
  readonly field: string;
  readonly destination: (ConsentDeclaration & { readonly name: string }) | undefined;
}

/**
 * What the config says of consent at one lane. It may ask for more than the destination declares; for less it needs an
 * override with a name and a reason, so that nobody loosens anything by leaving a word out.
 */
export function resolveLaneConsent(
  lane: ConsentingLane,
  config: ParsedConfig,
  problems: ConfigProblem[],
): LaneConsentRules {
  const given = config.destinations[lane.id];
  const overrides = config.consent.overrides.filter(({ destination }) => destination === lane.id);
  if (given === undefined) return {};
  checkList(lane, given.consent, overrides, problems);
  const fieldAt = (index: number) => `${lane.field}.consentRules[${index}]`;
  given.consentRules.forEach((rule, index) => {
    checkRule(lane, fieldAt(index), rule, config, problems);
    const earlier = given.consentRules.slice(0, index);
    checkReached(
      fieldAt(index),
      rule,
      earlier.map((entry, at) => ({ entry, field: `consentRules[${at}]` })),
      problems,
    );
    if (rule.name === undefined || !earlier.some(({ name }) => name === rule.name)) return;
    const differ = "must differ from the names of the lane's other rules: decisions are told by it";
    problems.push({ field: `${fieldAt(index)}.name`, rule: differ, got: showValue("name", rule.name) });
  });
  return {
    ...(given.consent === undefined ? {} : { consent: given.consent }),
    ...(given.consentRules.length === 0 ? {} : { consentRules: given.consentRules.map(resolveRule) }),
    ...(overrides.length === 0 ? {} : { consentOverrides: overrides.map(resolveOverride) }),
  };
}

/** Overrides are checked together, since they stand in one list for all lanes. */
export function checkOverrides(
  config: ParsedConfig,
  declarations: Readonly<Record<string, ConsentingLane["destination"]>>,
  problems: ConfigProblem[],
): void {
  const lanes = Object.keys(config.destinations);
  const names = new Set<string>();
  config.consent.overrides.forEach((override, index) => {
    const field = `consent.overrides[${index}]`;
    const problem = (part: string, rule: string, got: unknown) =>
      problems.push({ field: `${field}.${part}`, rule, got: showValue(part, got) });
    const { destination, name, whenDenied } = override;
    if (names.has(name)) problem("name", "must differ from the other overrides' names", name);
    names.add(name);
    checkSources(field, override, config, problems);
    const earlier = config.consent.overrides
      .slice(0, index)
      .flatMap((entry, at) =>
        entry.destination === destination ? [{ entry, field: `consent.overrides[${at}]` }] : [],
      );
    checkReached(field, override, earlier, problems);
    if (!lanes.includes(destination)) {
      problem("destination", withHint("must be a destination of this configuration", destination, lanes), destination);
    }
    const declared = declarations[destination];
    if (declared === undefined) return;
    for (const [purpose, behaviour] of entriesOf(whenDenied)) {
      const own = declaredBehaviour(declared, purpose);
      if (!isStricter(own, behaviour)) {
        problem(`whenDenied.${purpose}`, `is no looser than ${destination}'s own "${own}": leave it out`, behaviour);
      }
      checkTaken(`${field}.whenDenied.${purpose}`, declared, behaviour, problems);
      if (config.destinations[destination]?.consent?.includes(purpose)) {
        const rule = `has no effect: destinations.${destination}.consent asks for this purpose`;
        problem(`whenDenied.${purpose}`, rule, behaviour);
      }
    }
  });
}

/** The first entry that fits an event decides: what stands behind a wider one would be read as if it worked. */
function checkReached(
  field: string,
  entry: ScopedEntry,
  earlier: readonly { readonly entry: ScopedEntry; readonly field: string }[],
  problems: ConfigProblem[],
): void {
  const wider = earlier.find((it) => covers(scopeOf(it.entry), scopeOf(entry)));
  if (wider === undefined) return;
  const rule = `never applies: ${wider.field} fits every event that it fits, and the first decides`;
  problems.push({ field, rule, got: showValue("rule", entry) });
}

/** Whether every event that `narrow` is for is one that `wide` is for. */
function covers(wide: ConsentScope = {}, narrow: ConsentScope = {}): boolean {
  const holds = (all: readonly string[] | undefined, some: readonly string[] | undefined) =>
    all === undefined || some?.every((it) => all.includes(it)) === true;
  const { places } = wide;
  const holdsPlaces =
    places === undefined ||
    narrow.places?.every((place) => listsPlace(places, place === UNKNOWN_PLACE ? undefined : place)) === true;
  return holdsPlaces && holds(wide.events, narrow.events) && holds(wide.sources, narrow.sources);
}

/** The list adds to the destination's own. One that leaves some of them out was meant to replace them. */
function checkList(
  { destination, field, id }: ConsentingLane,
  list: readonly ConsentPurpose[] | undefined,
  overrides: readonly ParsedOverride[],
  problems: ConfigProblem[],
): void {
  if (list === undefined || destination === undefined) return;
  const missing = CONSENT_PURPOSES.filter(
    (purpose) =>
      declaredBehaviour(destination, purpose) === "drop" &&
      !list.includes(purpose) &&
      !overrides.some(({ whenDenied }) => whenDenied[purpose] !== undefined),
  );
  if (missing.length === 0) return;
  const example = `{ name: "...", destination: "${id}", because: "...", whenDenied: { ${missing[0]}: "send" } }`;
  const rule =
    `must also hold ${missing.join(", ")}, without which ${destination.name} gets nothing; ` +
    `to let more through, say so by name in consent.overrides: ${example}`;
  problems.push({ field: `${field}.consent`, rule, got: showValue("consent", list) });
}

function checkRule(
  { destination, id }: ConsentingLane,
  field: string,
  rule: ParsedRule,
  config: ParsedConfig,
  problems: ConfigProblem[],
): void {
  const { allowFields, denyFields, require: required, send, whenDenied = {} } = rule;
  if ([allowFields, denyFields, required, send, rule.whenDenied].every((part) => part === undefined)) {
    const nothing = "must say what to do: require, whenDenied, send, denyFields or allowFields";
    problems.push({ field, rule: nothing, got: showValue("rule", rule) });
  }
  if (allowFields !== undefined && denyFields !== undefined) {
    problems.push({ field, rule: "must have one of denyFields and allowFields", got: showValue("rule", rule) });
  }
  checkSources(field, rule, config, problems);
  if (destination === undefined) return;
  if (send !== undefined) checkTaken(`${field}.send`, destination, send, problems);
  for (const [purpose, behaviour] of entriesOf(whenDenied)) {
    const at = `${field}.whenDenied.${purpose}`;
    checkTaken(at, destination, behaviour, problems);
    const own = declaredBehaviour(destination, purpose);
    if (!isStricter(own, behaviour)) continue;
    const looser =
      `may not be looser than ${id}'s own "${own}"; ` +
      "to let more through, say so by name and with a reason in consent.overrides";
    problems.push({ field: at, rule: looser, got: showValue("whenDenied", behaviour) });
  }
}

function checkTaken(
  field: string,
  destination: NonNullable<ConsentingLane["destination"]>,
  behaviour: ConsentBehaviour,
  problems: ConfigProblem[],
): void {
  if (isTaken(destination, behaviour)) return;
  const taken = CONSENT_BEHAVIOURS.filter((it) => it !== "send" && isTaken(destination, it));
  const rule = `must be ${taken.join(" or ")}: ${destination.name} documents no other way to take less of an event`;
  problems.push({ field, rule, got: showValue("behaviour", behaviour) });
}

function checkSources(
  field: string,
  { sources = [] }: { readonly sources?: readonly string[] | undefined },
  config: ParsedConfig,
  problems: ConfigProblem[],
): void {
  const known = Object.keys(config.sources);
  sources.forEach((source, index) => {
    if (known.includes(source)) return;
    const rule = withHint("must be a source of this configuration", source, known);
    problems.push({ field: `${field}.sources[${index}]`, rule, got: showValue("source", source) });
  });
}

function resolveRule({ require: required = [], whenDenied = {}, ...rule }: ParsedRule): ConsentRule {
  const drops = Object.fromEntries(required.map((purpose) => [purpose, "drop"]));
  const denied: WhenDenied = { ...whenDenied, ...drops };
  const { allowFields, denyFields, name, send } = rule;
  return present({
    name,
    ...scopeOf(rule),
    send,
    denyFields,
    allowFields,
    whenDenied: Object.keys(denied).length === 0 ? undefined : denied,
  });
}

function resolveOverride({ because, name, whenDenied, ...scope }: ParsedOverride): ConsentOverride {
  return { name, because, whenDenied: whenDenied as WhenDenied, ...scopeOf(scope) };
}

/** Undefined when it is for every event. */
function scopeOf({ countries, events, sources }: ScopedEntry): ConsentScope | undefined {
  const places = countries === undefined ? undefined : expandCountries(countries);
  const isEverywhere = places === undefined || places.includes("*");
  if (isEverywhere && events === undefined && sources === undefined) return undefined;
  return present({ events, places: isEverywhere ? undefined : places, sources });
}

function entriesOf(whenDenied: ParsedOverride["whenDenied"]): [ConsentPurpose, ConsentBehaviour][] {
  return Object.entries(whenDenied) as [ConsentPurpose, ConsentBehaviour][];
}
