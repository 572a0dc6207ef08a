import { CONSENT_PURPOSES, type ConsentPurpose } from "./consent.ts";

/**
 * What becomes of an event of somebody who refused a purpose, from the least strict to the strictest. `limited`: with the
 * platform's own flags for limited use. `without_identifiers`: as an event of nobody, see `without-identifiers.ts`.
 */
export const CONSENT_BEHAVIOURS = ["send", "limited", "without_identifiers", "drop"] as const;
export type ConsentBehaviour = (typeof CONSENT_BEHAVIOURS)[number];

/** What becomes of the event when a purpose is refused; a purpose that is not in it is not asked about. */
export type WhenDenied = Readonly<Partial<Record<ConsentPurpose, ConsentBehaviour>>>;

/** The behaviours between all and nothing: only where a platform says that it takes such events. */
export type PartialBehaviour = Exclude<ConsentBehaviour, "send" | "drop">;

/** As much of a destination as a decision on consent depends on. */
export interface ConsentDeclaration {
  readonly consent: readonly ConsentPurpose[];
  readonly whenDenied?: WhenDenied;
  readonly takesPartial?: readonly PartialBehaviour[];
}

/** Whether `a` lets less through than `b`. */
export function isStricter(a: ConsentBehaviour, b: ConsentBehaviour): boolean {
  return CONSENT_BEHAVIOURS.indexOf(a) > CONSENT_BEHAVIOURS.indexOf(b);
}

/** What the declaration says of a refusal of this purpose, whatever the config adds. */
export function declaredBehaviour(
  { consent, whenDenied }: ConsentDeclaration,
  purpose: ConsentPurpose,
): ConsentBehaviour {
  return whenDenied?.[purpose] ?? (consent.includes(purpose) ? "drop" : "send");
}

/** What the config may ask of this destination: all or nothing everywhere, the rest where the platform takes it. */
export function isTaken(
  { takesPartial = [] }: Pick<ConsentDeclaration, "takesPartial">,
  behaviour: ConsentBehaviour,
): boolean {
  return behaviour === "send" || behaviour === "drop" || takesPartial.includes(behaviour);
}

/** The declaration spelt out, purpose by purpose. */
export function declaredBehaviours(destination: ConsentDeclaration): Record<ConsentPurpose, ConsentBehaviour> {
  const entries = CONSENT_PURPOSES.map((purpose) => [purpose, declaredBehaviour(destination, purpose)]);
  return Object.fromEntries(entries) as Record<ConsentPurpose, ConsentBehaviour>;
}
