import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentState, type ConsentValue } from "./consent.ts";

/** What a person last said of each purpose; `gpc: denied` is an opt-out by Global Privacy Control. */
export type ConsentMemory = Readonly<Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>>>;

/** One answer and when it was given: event time, epoch ms. */
interface ConsentAnswer {
  readonly value: ConsentValue;
  readonly at: number;
}

const REMEMBERED = [...CONSENT_PURPOSES, "gpc"] as const;

/** The same answer given again counts as news only after this long: every page view repeats it, and a write costs. */
const REPEATED_MS = 60 * 60_000;

/** The answers that an event carries. */
export function answersOf(consent: ConsentState | undefined, eventTime: number): ConsentMemory {
  const memory: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const value = consent?.[purpose];
    if (value !== undefined) memory[purpose] = { value, at: eventTime };
  }
  if (consent?.gpc !== undefined) memory.gpc = { value: consent.gpc ? "denied" : "granted", at: eventTime };
  return memory;
}

/** Of each purpose the later answer; of two at one moment the refusal. The order of the events does not matter. */
export function mergeAnswers(a: ConsentMemory, b: ConsentMemory): ConsentMemory {
  const merged: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = { ...a };
  for (const purpose of REMEMBERED) {
    const [mine, other] = [a[purpose], b[purpose]];
    if (other !== undefined && (mine === undefined || isLater(other, mine))) merged[purpose] = other;
  }
  return merged;
}

/** Whether `next` says something that is worth a write over `known`. */
export function isNews(known: ConsentMemory, next: ConsentMemory): boolean {
  return REMEMBERED.some((purpose) => {
    const [before, after] = [known[purpose], next[purpose]];
    if (after === undefined) return false;
    return before?.value !== after.value || after.at - before.at >= REPEATED_MS;
  });
}

/** The person's earlier answers to what this event leaves open; undefined when there is none. */
export function unansweredBy(consent: ConsentState | undefined, memory: ConsentMemory): ConsentState | undefined {
  const earlier: ConsentState = {};
  for (const purpose of CONSENT_PURPOSES) {
    const answer = memory[purpose];
    if (answer !== undefined && consent?.[purpose] === undefined) earlier[purpose] = answer.value;
  }
  if (memory.gpc !== undefined && consent?.gpc === undefined) earlier.gpc = memory.gpc.value === "denied";
  return Object.keys(earlier).length === 0 ? undefined : earlier;
}

function isLater(a: ConsentAnswer, b: ConsentAnswer): boolean {
  return a.at > b.at || (a.at === b.at && a.value === "denied");
}
