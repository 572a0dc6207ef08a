import { jurisdictionOf, limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { present } from "../../core/present.ts";

/** Nextdoor's only country, and its numbers of the states whose law knows the right to opt out. */
const UNITED_STATES = 1;
const STATES: ReadonlyMap<string, number> = new Map(
  "CA CO CT IA OR TX MT DE NE NH NJ UT VA MN TN MD".split(" ").map((state, index) => [state, 1000 + index]),
);

/**
 * Restricted Data Usage: Nextdoor then uses the event for reports only. It has a number for the United States and for
 * some of their states; of other places none is named.
 * Source: https://developer.nextdoor.com/reference/privacy-and-restricted-data-usage
 */
export function restrictedUse(event: CanonicalEvent) {
  if (!limitsDataUse(event)) return {};
  const { country, region } = jurisdictionOf(event);
  const isHere = country === "US";
  return present({
    restricted_data_usage: 1,
    restricted_data_usage_country: isHere ? UNITED_STATES : undefined,
    restricted_data_usage_state: isHere && region !== undefined ? STATES.get(region) : undefined,
  });
}
