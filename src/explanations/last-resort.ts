import type { Explained, ExplanationEntry } from "./entry.ts";
import { PASSES_OR_STATUS_PAGE } from "./remedies.ts";

/** What is left to say when nothing knows the words: what happens next, and where to look. */
export const LAST_RESORT: Readonly<Record<Explained, Omit<ExplanationEntry, "of" | "when" | "shown">>> = {
  rejected: {
    means: "The platform refuses this event for the reason that it gives, and would refuse it again.",
    todo: "Change in the sender or in the lane's `settings` what the reason names.",
  },
  retry: {
    means: "The platform did not take the event now, and nothing says that it never will.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  unauthorized: {
    means:
      "The platform refuses the lane's credentials, rights or ids; no event of the lane passes until that is mended.",
    todo: "Mend what the reason names: at the platform, in the lane's secret, or in its `settings`.",
  },
  consent: {
    means: "The consent that this platform needs is not there.",
    todo: "Nothing, when the answer is right: it was not to be sent.",
  },
  not_configured: {
    means: "The lane's configuration leaves this event out.",
    todo: "Nothing, when that is meant. Otherwise change what the reason names in tracklayer.config.ts and deploy.",
  },
  too_old: {
    means: "The event is older than the platform accepts.",
    todo: "Send events when they happen. This one cannot be sent.",
  },
  incomplete: {
    means: "The event lacks what the platform insists on.",
    todo: "Send what the reason names with the event.",
  },
  routing: {
    means: "Whoever sent the event said that it is not for this destination.",
    todo: "Nothing, when that is meant.",
  },
  test_event: {
    means: "The event says that it is a test, and this lane would count it as a real one.",
    todo: "Nothing. To try the lane, run `npx tracklayer test <lane>`.",
  },
  erased: {
    means: "The event came before its person was erased, and goes nowhere any more.",
    todo: "Nothing: it was not to be sent.",
  },
};
