import { emailPlain } from "./email.ts";

const LONGEST = 254;
const LONGEST_LOCAL = 64;

/** Words of RFC 5322's atoms with single dots between; no quotes, comments or letters outside of ASCII. */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?:[a-z]{2,63}|xn--[a-z\d-]{2,59})$/;

/**
 * The address as tools take it that write to people: trimmed and lower case. Undefined when they would refuse it, and
 * with it the whole event: what is no mailbox, such as `x@y` or a digest, and letters that few mail systems take.
 */
export function emailInClear(raw: string | undefined): string | undefined {
  const plain = raw === undefined ? undefined : emailPlain(raw);
  if (plain === undefined || plain.length > LONGEST) return undefined;
  const at = plain.lastIndexOf("@");
  const isMailbox = at <= LONGEST_LOCAL && LOCAL.test(plain.slice(0, at)) && DOMAIN.test(plain.slice(at + 1));
  return isMailbox ? plain : undefined;
}
