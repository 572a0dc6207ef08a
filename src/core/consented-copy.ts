import type { PartialBehaviour } from "./consent-behaviour.ts";
import { type LaneConsentRules, ruleForEvent } from "./consent-firewall.ts";
import type { CanonicalEvent } from "./event.ts";
import { BLOCKABLE_FIELDS, onlyPaths, withoutPath } from "./field-paths.ts";
import { withoutIdentifiers } from "./without-identifiers.ts";

/**
 * The event as consent lets one lane have it: without the fields that the lane's rule takes out, and limited or without
 * identifiers where that was decided. The event itself when nothing is taken.
 */
export function consentedCopy(
  event: CanonicalEvent,
  lane: LaneConsentRules,
  behaviour: PartialBehaviour | undefined,
): CanonicalEvent {
  const left = withAllowedFields(event, lane);
  if (behaviour === "without_identifiers") return withoutIdentifiers(left);
  // Destinations turn this into their platform's own flags, and are tested to.
  return behaviour === "limited" ? { ...left, consent: { ...left.consent, limited_data_use: true } } : left;
}

/** Where else a field may stand: in the campaigns that the identity graph remembers of the person. */
function rememberedAt(path: string): string[] {
  const name = path === "page.url" ? "page" : /^campaign\.(.+)$/.exec(path)?.[1];
  return name === undefined ? [] : [`known.campaigns.first.${name}`, `known.campaigns.last.${name}`];
}

function withAllowedFields(event: CanonicalEvent, lane: LaneConsentRules): CanonicalEvent {
  const { allowFields, denyFields = [] } = ruleForEvent(event, lane) ?? {};
  const denied = allowFields === undefined ? [] : BLOCKABLE_FIELDS.filter((field) => !allowFields.includes(field));
  const paths = [...denyFields, ...denied].flatMap((path) => [path, ...rememberedAt(path)]).map((it) => it.split("."));
  const left = paths.reduce<unknown>((value, path) => withoutPath(value, path), event) as CanonicalEvent;
  if (allowFields === undefined || left.properties === undefined) return left;
  const { properties, ...others } = left;
  const kept = onlyPaths(
    { properties },
    allowFields.map((path) => path.split(".")),
  );
  return { ...others, ...kept } as CanonicalEvent;
}
