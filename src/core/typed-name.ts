import { holdsContact } from "./page-url.ts";

/**
 * Whether a name can be one that somebody typed into a field of the platform, which then knows events by it letter by
 * letter: one line, no white space around it. A sender's own name that is an address is none, and stays here.
 */
export function isTypedName(name: string): boolean {
  return TYPED.test(name) && !holdsContact(name);
}

const TYPED = /^(?!\s)[^\p{Cc}\p{Cs}]{1,255}(?<!\s)$/u;
