import { emailPlain } from "./email.ts";
import { sha256Hex } from "./hashing.ts";
import { holdsContact } from "./page-url.ts";

/** True for an id that is, or holds, somebody's e-mail address or international phone number. */
export function isContact(id: string): boolean {
  return id.includes("@") || holdsContact(id);
}

/**
 * An id of the sender's as it may leave in clear: one that is a contact becomes its SHA-256, so that it still tells
 * one thing from another. An e-mail address is hashed by the plain rule, like every other one.
 */
export function idInClear(id: string): string {
  return isContact(id) ? sha256Hex(emailPlain(id) ?? id.trim()) : id;
}
