import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentValue } from "../core/consent.ts";
import type { PartialBehaviour } from "../core/consent-behaviour.ts";
import type { ConsentDecider } from "../core/consent-decision.ts";
import type { ConsentSeen } from "../core/consent-seen.ts";
import type { RoutingDecision } from "../core/delivery-record.ts";

/** Consent as short text within a story: the item it is part of is paid for by the kilobyte. */

const DECIDERS: Readonly<Record<ConsentDecider, string>> = {
  person: "p",
  tcf: "t",
  tcf_vendor: "v",
  gpp: "q",
  us_privacy: "u",
  earlier: "e",
  gpc: "g",
  default: "d",
  no_rule: "n",
  decided: "x",
  later: "l",
  other_copy: "o",
  no_copy: "c",
};

const BEHAVIOURS: Readonly<Record<PartialBehaviour, string>> = { limited: "l", without_identifiers: "w" };

/**
 * Two letters for each purpose, whether it was granted and by whom, then 1 or 0 for the signal and a space, then places:
 * `gpgpdegd1 US-CA,DE`.
 */
export function packSeen(seen: ConsentSeen): string {
  const answers = CONSENT_PURPOSES.map((purpose) => `${seen[purpose].value[0]}${DECIDERS[seen[purpose].by]}`);
  const gpc = seen.gpc === undefined ? "" : Number(seen.gpc);
  return `${answers.join("")}${gpc} ${seen.places.join(",")}`;
}

/** The consent that `packSeen` packed. */
export function unpackSeen(text: string): ConsentSeen {
  const [letters = "", places = ""] = text.split(" ");
  const answer = (purpose: ConsentPurpose): ConsentSeen[ConsentPurpose] => {
    const at = CONSENT_PURPOSES.indexOf(purpose) * 2;
    const value: ConsentValue = letters[at] === "g" ? "granted" : "denied";
    return { value, by: keyOf(DECIDERS, letters[at + 1]) ?? "no_rule" };
  };
  const gpc = letters[CONSENT_PURPOSES.length * 2];
  return {
    ad_storage: answer("ad_storage"),
    ad_user_data: answer("ad_user_data"),
    ad_personalization: answer("ad_personalization"),
    analytics_storage: answer("analytics_storage"),
    ...(gpc === undefined ? {} : { gpc: gpc === "1" }),
    places: places === "" ? [] : places.split(","),
  };
}

/** How a decision differs from what nearly all are: the whole event or none of it, by the declaration. */
export type PackedForm = [behaviour: string, rule: number];

const USUAL_RULE = "declaration";

/** Undefined for what is usual. */
export function packForm(
  { behaviour, rule }: RoutingDecision["consent"],
  indexOf: (text: string) => number,
): PackedForm | undefined {
  if (behaviour === undefined && (rule === undefined || rule === USUAL_RULE)) return undefined;
  return [behaviour === undefined ? "" : BEHAVIOURS[behaviour], rule === undefined ? -1 : indexOf(rule)];
}

/** The form that `packForm` packed. `isTold` is false in stories of before rules were kept. */
export function unpackForm(
  packed: PackedForm | undefined,
  words: readonly string[],
  isTold: boolean,
): Pick<RoutingDecision["consent"], "behaviour" | "rule"> {
  const [letter, index = -1] = packed ?? [];
  const behaviour = keyOf(BEHAVIOURS, letter);
  const rule = packed === undefined ? (isTold ? USUAL_RULE : undefined) : words[index];
  return { ...(behaviour === undefined ? {} : { behaviour }), ...(rule === undefined ? {} : { rule }) };
}

function keyOf<Key extends string>(
  letters: Readonly<Record<Key, string>>,
  letter: string | undefined,
): Key | undefined {
  return (Object.keys(letters) as Key[]).find((key) => letters[key] === letter);
}
