import { CONSENT_PURPOSES } from "../core/consent.ts";
import { listsPlace } from "../core/event-places.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { expandCountries } from "./countries.ts";

type DefaultRule = ParsedConfig["consent"]["defaults"][number];

/**
 * Every place must meet a rule, and every rule must be reachable. In the European Economic Area silence is no consent: a
 * rule that takes it for one needs a name and a reason, as an override does.
 */
export function checkConsentDefaults(rules: readonly DefaultRule[], problems: ConfigProblem[]): void {
  const decided = new Set<string>();
  rules.forEach((rule, index) => {
    const { countries } = rule;
    const field = `consent.defaults[${index}].countries`;
    const got = showValue(field, countries);
    const last = index === rules.length - 1;
    if (last && !countries.includes("*")) problems.push({ field, rule: 'of the last rule must hold "*"', got });
    if (!last && countries.includes("*")) {
      problems.push({ field, rule: 'may hold "*" only in the last rule: what follows would never apply', got });
    }
    const places = expandCountries(countries);
    const late = places.find((place) => place.includes("-") && (decided.has(place) || decided.has(place.slice(0, 2))));
    if (late !== undefined) {
      problems.push({
        field,
        rule: `must name ${late} before the rule that decides it already: the first decides`,
        got,
      });
    }
    for (const place of places) decided.add(place);
    checkLaw(rule, rules.slice(0, index), index, problems);
  });
}

function checkLaw(rule: DefaultRule, before: readonly DefaultRule[], index: number, problems: ConfigProblem[]): void {
  const { because, name, purposes } = rule;
  const granted = typeof purposes === "string" ? purposes === "granted" : Object.values(purposes).includes("granted");
  const isNamed = name !== undefined && because !== undefined;
  const lists = ({ countries }: DefaultRule, place: string) => listsPlace(expandCountries(countries), place);
  const decides = (country: string) => lists(rule, country) && !before.some((it) => lists(it, country));
  const regions = expandCountries(rule.countries).filter((place) => place.includes("-"));
  const places = [...EEA, ...regions.filter((place) => EEA.includes(place.slice(0, 2)))].filter(decides);
  if (!granted || isNamed || places.length === 0) return;
  const all =
    typeof purposes === "string" ? CONSENT_PURPOSES : CONSENT_PURPOSES.filter((it) => purposes[it] === "granted");
  const others = places.length > 3 ? ` and ${places.length - 3} more` : "";
  problems.push({
    field: `consent.defaults[${index}]`,
    rule:
      `takes silence for consent to ${all.join(", ")} in ${places.slice(0, 3).join(", ")}${others} of the EEA: ` +
      'deny it there in a rule before, or say so with a name and a reason: { name: "...", because: "..." }',
    got: showValue("rule", rule),
  });
}

const EEA = expandCountries(["EEA"]);
