import { createHash } from "node:crypto";
import type { CanonicalEvent } from "../../core/event.ts";
import { eventKey } from "../../core/event-key.ts";

/** Crockford's base 32: digits and letters without I, L, O and U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LETTERS = 10;
const HASH_BYTES = 10;

/**
 * The event's ULID: Customer.io ignores a second event with the same one, and takes ids in other forms for none. The time
 * is the event's (48 bits, ms), and in place of chance stand 80 bits of the SHA-256 of its key, so that every attempt has
 * the same, and every copy that names the same time. Source: https://github.com/ulid/spec
 */
export function eventUlid(event: CanonicalEvent): string {
  const { dedup_scope: scope, event_name: name, custom_name: ownName = "", event_id: id } = eventKey(event);
  const key = JSON.stringify([scope, name, ownName, id]);
  return timeLetters(event.event_time) + hashLetters(createHash("sha256").update(key).digest());
}

function timeLetters(epochMs: number): string {
  let rest = epochMs;
  let letters = "";
  for (let place = 0; place < TIME_LETTERS; place += 1) {
    letters = ALPHABET.charAt(rest % 32) + letters;
    rest = Math.floor(rest / 32);
  }
  return letters;
}

/** Five bits a letter: 80 bits are 16 letters, with nothing left over. */
function hashLetters(digest: Buffer): string {
  let letters = "";
  let pending = 0;
  let bits = 0;
  for (const byte of digest.subarray(0, HASH_BYTES)) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      letters += ALPHABET.charAt((pending >> bits) & 31);
    }
    pending &= (1 << bits) - 1;
  }
  return letters;
}
