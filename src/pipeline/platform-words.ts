import { createHash } from "node:crypto";

/** Longest text of a platform that is kept or logged. */
const LONGEST_WORDS = 300;
const LONGEST_ID = 64;

const SCRUBBED: readonly (readonly [RegExp, string])[] = [
  [/[^\s"<>(),;:@[\]\\]+(?:@|%40)[\p{L}\p{N}.-]+\.[\p{L}\p{N}-]+/giu, "[e-mail]"],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, "$1 [secret]"],
  [
    /\b((?:access_|api_|auth_)?(?:token|secret|key|password|signature))(["']?\s*[:=]\s*["']?)[^\s"'&,;]+/gi,
    "$1$2[secret]",
  ],
  [/\+\d[\d\s().-]{6,}\d/g, "[phone]"],
  // Hashes and tokens: long, unbroken, and with digits and letters mixed, which no word of a message is.
  [/\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}\b/gi, "[token]"],
];

/**
 * What a platform said, fit to be kept and logged: one line, at most 300 characters, without anything that looks
 * like an e-mail, a phone number or a token, and without any of the `hidden` texts. Platforms quote what they were
 * sent, so an error message can hold a person's address.
 */
export function platformWords(text: string, hidden: readonly string[] = []): string {
  // A whole response body may come in here; the patterns need only see what can survive the cut.
  let words = text.slice(0, LONGEST_WORDS * 10);
  for (const secret of hidden) {
    if (secret.length >= 4) words = words.replaceAll(secret, "[hidden]");
  }
  for (const [pattern, instead] of SCRUBBED) words = words.replaceAll(pattern, instead);
  words = words.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS - 1)}…` : words;
}

/**
 * An event id as it may be logged. Senders choose their ids: one that looks personal is shown as a short hash, which
 * is enough to find it again by, and a long one is cut.
 */
export function loggableId(eventId: string): string {
  // Digits alone are an order number more often than a phone.
  const isPhone = /^[+\d\s().-]{8,24}$/.test(eventId) && /[+\s().]/.test(eventId);
  if (isPhone || platformWords(eventId.slice(0, 200)).includes("[e-mail]")) {
    return `sha256:${createHash("sha256").update(eventId).digest("hex").slice(0, 16)}`;
  }
  return eventId.length > LONGEST_ID ? `${eventId.slice(0, LONGEST_ID - 1)}…` : eventId;
}
