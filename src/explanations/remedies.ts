import type { Explained } from "./entry.ts";

/** What to do about a credential; `how` is where a new one is made. */
export function newCredential(how: string): string {
  return `${how} Put what is new into the secret of \`<lane>\`.`;
}

/** What to change in `tracklayer.config.ts`; `what` goes on in the middle of a sentence. */
export function setting(what: string): string {
  return `In tracklayer.config.ts, ${what}; then deploy.`;
}

/** For what passes by itself. */
export const PASSES = "Nothing: the lane sends it again by itself.";

/** For trouble of the platform that may last. */
export const PASSES_OR_STATUS_PAGE =
  "Nothing: the lane sends it again by itself. When it lasts for more than an hour, look at the platform's status page.";

/** What becomes of the event once that is done, by what happened to it. */
export const AFTERWARDS: Readonly<Partial<Record<Explained, string>>> = {
  unauthorized: "What waits then goes out by itself within half an hour.",
  rejected: "This event stays rejected; those after it pass.",
  retry: "It is sent again by itself until the lane's time is up.",
};
