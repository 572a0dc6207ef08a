import { createHash } from "node:crypto";

/** Longest text of a platform that is kept or logged. */
const LONGEST_WORDS = 300;
const LONGEST_ID = 64;

/** Shortest text that is hidden: shorter ones are parts of everything. */
const SHORTEST_HIDDEN = 4;

// Every repetition is bounded, or the search from each character of a long unbroken text would run to its end.
const SCRUBBED: readonly (readonly [RegExp, string | ((found: string) => string)])[] = [
  [/[^\s"<>(),;:@[\]\\]{1,64}(?:@|%40)[\p{L}\p{N}.-]{1,253}\.[\p{L}\p{N}-]{1,63}/giu, "[e-mail]"],
  [/\b(bearer|basic)\s{1,8}[^\s"',;]+/gi, "$1 [secret]"],
  [
    /\b((?:access_|api_|auth_)?(?:token|secret|key|password|signature))(["']?\s{0,8}[:=]\s{0,8}["']?)[^\s"'&,;]+/gi,
    "$1$2[secret]",
  ],
  [/\+\d[\d\s().-]{6,30}\d/g, "[phone]"],
  // Hashes and tokens: long, unbroken, and with digits and letters mixed, which no word of a message is.
  [/[\w-]{32,}/g, (run) => (/\d/.test(run) && /[a-z]/i.test(run) ? "[token]" : run)],
];

/**
 * What a platform said, fit to be kept and logged: one line, at most 300 characters, without anything that looks
 * like an e-mail, a phone number or a token, and without any of the `hidden` texts. Platforms quote what they were
 * sent, so an error message can hold a person's address.
 */
export function platformWords(text: string, hidden: readonly string[] = []): string {
  return createScrubber(hidden)(text);
}

/**
 * `platformWords` for many texts about the same events: each distinct one is worked on once, and the work does not
 * grow with the number of hidden texts.
 */
export function createScrubber(hidden: readonly string[]): (text: string) => string {
  const index = Map.groupBy(new Set(hidden.filter((text) => text.length >= SHORTEST_HIDDEN)), (text) =>
    text.slice(0, SHORTEST_HIDDEN),
  );
  // The longest first: a user id may begin like another.
  for (const texts of index.values()) texts.sort((a, b) => b.length - a.length);
  const done = new Map<string, string>();
  return (text) => {
    const known = done.get(text);
    if (known !== undefined) return known;
    const words = scrubbed(text, index);
    done.set(text, words);
    return words;
  };
}

function scrubbed(text: string, index: ReadonlyMap<string, readonly string[]>): string {
  let words = withoutHidden(beginning(text), index);
  for (const [pattern, instead] of SCRUBBED) {
    words = typeof instead === "string" ? words.replaceAll(pattern, instead) : words.replaceAll(pattern, instead);
  }
  words = words.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS - 1)}…` : words;
}

/** A whole response body may come in here. A word that the cut goes through would not be known for what it is. */
function beginning(text: string): string {
  const most = LONGEST_WORDS * 4;
  return text.length <= most ? text : text.slice(0, most).replace(/\S{1,300}$/, "");
}

/** Hidden texts by their first characters: one look-up per character of the text, however many there are. */
function withoutHidden(text: string, index: ReadonlyMap<string, readonly string[]>): string {
  if (index.size === 0) return text;
  let words = "";
  let kept = 0;
  for (let at = 0; at <= text.length - SHORTEST_HIDDEN; at += 1) {
    const candidates = index.get(text.slice(at, at + SHORTEST_HIDDEN));
    const found = candidates?.find((candidate) => text.startsWith(candidate, at) && !isPartOfWord(text, at, candidate));
    if (found === undefined) continue;
    words += `${text.slice(kept, at)}[hidden]`;
    kept = at + found.length;
    at = kept - 1;
  }
  return words + text.slice(kept);
}

/** A name or a city, found inside a longer word: somebody called Vali must not take the sense out of "Invalid". */
function isPartOfWord(text: string, at: number, candidate: string): boolean {
  if (!/^\p{L}+$/u.test(candidate)) return false;
  return /\p{L}/u.test(text[at - 1] ?? "") || /\p{L}/u.test(text[at + candidate.length] ?? "");
}

/**
 * An event id as it may be logged. Senders choose their ids: one that looks personal is shown as a short hash, which
 * is enough to find it again by, and a long one is cut.
 */
export function loggableId(eventId: string): string {
  // Digits alone are an order number more often than a phone.
  const isPhone = /^[+\d\s().-]{8,24}$/.test(eventId) && /[+\s().]/.test(eventId);
  if (isPhone || /\[(?:e-mail|phone)\]/.test(platformWords(eventId.slice(0, 200)))) {
    return `sha256:${createHash("sha256").update(eventId).digest("hex").slice(0, 16)}`;
  }
  return eventId.length > LONGEST_ID ? `${eventId.slice(0, LONGEST_ID - 1)}…` : eventId;
}
