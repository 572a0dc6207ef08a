import type { CanonicalEvent } from "./event.ts";
import { regionCode } from "./regions.ts";

/** In a rule's list of places: events that carry none. */
export const UNKNOWN_PLACE = "unknown";

/**
 * What senders call a jurisdiction that is no country of a rule. One member stands for the Union, whose countries have
 * one law; a rule for `EEA` lists them all.
 */
const COUNTRY_OF: ReadonlyMap<string, string> = new Map([
  ["EU", "BE"],
  ["UK", "GB"],
]);

const SEPARATOR = "-";

/**
 * Where an event may belong to by law, as ISO 3166 codes: a country (`DE`) or one of its regions (`US-CA`). The person's
 * address, the jurisdiction that the sender names, where the connection came from and where an order was placed that led
 * to the person may differ, and none of them is surely the right one, so that each is there. A country is left out beside
 * a region of its own. Empty: nothing is known.
 */
export function placesOf({
  consent,
  known,
  location,
  user,
}: Pick<CanonicalEvent, "consent" | "known" | "location" | "user">): readonly string[] {
  const places = [
    place(user.country, user.region),
    jurisdictionPlace(consent?.jurisdiction),
    place(location?.country, location?.region),
    ...(known?.places ?? []),
  ].filter((code) => code !== undefined);
  const finest = places.filter((code) => !places.some((other) => other.startsWith(code + SEPARATOR)));
  return [...new Set(finest)];
}

/** Whether a rule's list of places means this one; undefined is an event without any. A country stands for its regions. */
export function listsPlace(listed: readonly string[], code: string | undefined): boolean {
  if (listed.includes("*") || listed.includes(code ?? UNKNOWN_PLACE)) return true;
  return code !== undefined && listed.includes(code.slice(0, 2));
}

function jurisdictionPlace(jurisdiction: string | undefined): string | undefined {
  const [, country, region] = /^([A-Z]{2})(?:-(.+))?$/.exec(jurisdiction?.toUpperCase() ?? "") ?? [];
  return country === undefined ? undefined : place(COUNTRY_OF.get(country) ?? country, region);
}

// A region that is no code after all, such as a misspelt state, says less than none.
function place(country: string | undefined, region: string | undefined): string | undefined {
  const code = country?.toUpperCase();
  if (code === undefined || region === undefined) return code;
  const within = regionCode(region, code).toUpperCase();
  return /^[A-Z0-9]{1,3}$/.test(within) ? code + SEPARATOR + within : code;
}
