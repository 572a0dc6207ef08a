import type { DeliveryState } from "../core/outcome.ts";

/** Meanings that have a colour of their own in everything that people read in a terminal. */
export type Tone = "good" | "bad" | "wait" | "dim" | "strong";
/** Colours a text for its meaning, or leaves it as it is where nobody watches. */
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, string>> = { good: "32", bad: "31", wait: "33", dim: "2", strong: "1" };

/** How meanings are shown where colours are wanted, or not. */
export function createPaint({ colours }: { readonly colours: boolean }): Paint {
  return (tone, text) => (colours ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text);
}

/** What the state of an event at a destination means to whoever waits for it. */
export const DELIVERY_TONES: Readonly<Record<DeliveryState, Tone>> = {
  delivered: "good",
  rejected: "bad",
  unauthorized: "bad",
  expired: "bad",
  retry: "wait",
  attempting: "wait",
  pending: "wait",
  skipped: "dim",
};
