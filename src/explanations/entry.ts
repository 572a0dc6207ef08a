import type { SkipCode } from "../core/destination.ts";
import type { Outcome } from "../core/outcome.ts";

/** What an entry can explain: an outcome that is no delivery, or a reason for sending nothing. */
export type Explained = Exclude<Outcome["kind"], "delivered"> | SkipCode;

/** One known failure. Nothing in it is filled in from the event, so that it can quote nobody; `<lane>` is the lane's id. */
export interface ExplanationEntry {
  readonly of: Explained | readonly Explained[];
  /** What it looks for in the reason as `classify` writes it, or in the detail of a skip. */
  readonly when: RegExp;
  /** The codes or words that it stands for, as people search for them. */
  readonly shown: string;
  /** One sentence in the words of the person who runs the ads. */
  readonly means: string;
  /** An instruction: where to click, which setting, which command; or that nothing is to be done. */
  readonly todo: string;
  /** In place of the destination's page. */
  readonly docs?: string;
}

/** What is known of one destination: the first entry that fits explains a failure. */
export interface DestinationExplanations {
  /** The platform's page about its answers. */
  readonly docs?: string;
  readonly entries: readonly ExplanationEntry[];
}

/** Whether the entry is about this kind of failure and these words. */
export function fits(entry: ExplanationEntry, kinds: readonly Explained[], words: string): boolean {
  return kinds.some((kind) => entry.of === kind || entry.of.includes(kind)) && entry.when.test(words);
}
