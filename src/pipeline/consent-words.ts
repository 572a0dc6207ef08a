import { CONSENT_PURPOSES, type ConsentPurpose } from "../core/consent.ts";
import type { ConsentDecider } from "../core/consent-decision.ts";
import type { ConsentSeen } from "../core/consent-seen.ts";
import type { RoutingDecision } from "../core/delivery-record.ts";

const DECIDERS: Readonly<Record<ConsentDecider, string>> = {
  tcf: "by the TCF string",
  tcf_vendor: "for this vendor by the TCF string",
  gpp: "by the GPP string",
  us_privacy: "by the US Privacy string",
  person: "by the person",
  earlier: "by the person earlier",
  gpc: "by Global Privacy Control",
  default: "by default",
  no_rule: "for want of a rule",
  decided: "as decided",
  later: "by the person after the event",
  other_copy: "by another copy",
  no_copy: "by default",
};

/** One lane's decision in one line; the rule is named where it is not the destination's own declaration. */
export function consentLine({ allowed, reason, required, rule }: RoutingDecision["consent"]): string {
  const needs = required.length === 0 ? "" : ` (needs ${required.join(", ")})`;
  const by = rule === undefined || rule === "declaration" ? "" : `; rule: ${rule}`;
  return `${allowed ? "allowed" : "refused"}: ${reason}${needs}${by}`;
}

/** What the decisions of an event went by, in one line. */
export function consentSeenLine(seen: ConsentSeen): string {
  const answer = (purpose: ConsentPurpose) => `${purpose} ${seen[purpose].value} ${DECIDERS[seen[purpose].by]}`;
  const gpc = seen.gpc === undefined ? [] : [`GPC ${seen.gpc ? "on" : "off"}`];
  const place = seen.places.length === 0 ? "place unknown" : `in ${seen.places.join(" and ")}`;
  return [...CONSENT_PURPOSES.map(answer), ...gpc, place].join("; ");
}
