import { withoutAddresses } from "./page-url.ts";
import { isClickParameter, isSearchParameter, kindOfNamed } from "./sensitive-name.ts";
import {
  decoded,
  kindOfValue,
  REDACTED,
  SENSITIVE_KINDS,
  type SensitiveKind,
  withoutNumbers,
} from "./sensitive-value.ts";

/** How a text is cleaned, and who is told what was found. */
export interface Cleaning {
  readonly kinds: ReadonlySet<SensitiveKind>;
  /** What was looked for goes as well, wherever an address tells it. */
  readonly searchTerms?: true;
  /** `parameter` is the name that told what the value is; never one that only happened to stand before it. */
  readonly onFound: (kind: SensitiveKind | "search_term", parameter?: string) => void;
}

/** Everything that may be taken out. */
export const ALL_KINDS: ReadonlySet<SensitiveKind> = new Set(SENSITIVE_KINDS);

/**
 * An address without what it tells of a person: in its path, in its query, in its fragment, and in addresses that are
 * values of its parameters, encoded however often. What is left is the same address: it still groups and attributes.
 */
export function cleanUrl(url: string, cleaning: Cleaning): string {
  // `user:password@host`: what follows the host is the page all the same.
  const anonymous = url.replace(/^(\s*[a-z][a-z\d+.-]*:\/\/)[^/?#\s]*@/i, (_, scheme: string) => {
    cleaning.onFound("password");
    return scheme;
  });
  const clean = anonymous.replace(/[^/?&#;\s]+/g, (piece) => cleanPiece(piece, cleaning));
  if (!cleaning.kinds.has("email")) return clean;
  // The rule at the door of each platform: it must find nothing to do any more.
  const left = withoutAddresses(clean);
  if (left !== clean) cleaning.onFound("email");
  return left;
}

/** A text that people read, or wrote: words that are addresses, and numbers that are secrets, are taken out one by one. */
export function cleanText(text: string, cleaning: Cleaning): string {
  if (!MAY_BE_SENSITIVE.test(text)) return text;
  if (ADDRESS.test(text)) return cleanUrl(text, cleaning);
  const words = text.replace(/[^\s<>"'(),]+/g, (word) => cleanWord(word, cleaning));
  const clean = withoutNumbers(words, cleaning.kinds, cleaning.onFound);
  if (!cleaning.kinds.has("email")) return clean;
  const left = withoutAddresses(clean);
  if (left !== clean) cleaning.onFound("email");
  return left;
}

/** True of few texts: an `@` or a percent sign, many digits, a word of the length of an encoded address, an address. */
const MAY_BE_SENSITIVE = /[@%]|(?:\d\D{0,2}){8}|[\w+/-]{12}|:\/\/|[?&#]\S*=|^\s*\//;

/** A whole address, or one from its path or query on. */
const ADDRESS = /^\s*(?:[a-z][a-z\d+.-]*:\/\/\S|\/[^\s/]|[?#]\S*=)\S*\s*$/i;

function cleanPiece(piece: string, cleaning: Cleaning): string {
  const equals = piece.indexOf("=");
  if (equals > 0) return cleanPair(piece.slice(0, equals), piece.slice(equals + 1), cleaning);
  const kind = hiddenKind(piece, cleaning);
  if (kind === undefined) return piece;
  cleaning.onFound(kind);
  return REDACTED;
}

function cleanPair(name: string, value: string, cleaning: Cleaning): string {
  const plainName = decoded(name);
  const nameKind = kindOfValue(plainName, cleaning.kinds);
  if (nameKind !== undefined) {
    cleaning.onFound(nameKind);
    return `${REDACTED}=${value === "" ? "" : REDACTED}`;
  }
  if (value === "" || value === REDACTED) return `${name}=${value}`;
  const plain = decoded(value);
  if (isClickParameter(plainName)) {
    // Opaque; but no platform makes one with an `@`, and somebody's address must not hide behind the name.
    if (!plain.includes("@") || kindOfValue(plain, CONTACT) === undefined) return `${name}=${value}`;
    cleaning.onFound("email");
    return `${name}=${REDACTED}`;
  }
  const named = kindOfNamed(plainName, plain);
  if (named !== undefined && cleaning.kinds.has(named)) {
    cleaning.onFound(named, plainName);
    return `${name}=${REDACTED}`;
  }
  if (cleaning.searchTerms === true && isSearchParameter(plainName)) {
    cleaning.onFound("search_term", plainName);
    return `${name}=${REDACTED}`;
  }
  const kind = hiddenKind(value, cleaning);
  if (kind === undefined) return `${name}=${value}`;
  cleaning.onFound(kind);
  return `${name}=${REDACTED}`;
}

const CONTACT: ReadonlySet<SensitiveKind> = new Set(["email"]);

/** The kind of what a value is, or of what the address in it holds. */
function hiddenKind(value: string, cleaning: Cleaning): Cleaned | undefined {
  const plain = decoded(value);
  const kind = kindOfValue(plain, cleaning.kinds) ?? (plain === value ? undefined : kindOfValue(value, cleaning.kinds));
  if (kind !== undefined || !/[=/?&#;\s]/.test(plain)) return kind;
  let inner: Cleaned | undefined;
  const look: Cleaning = { ...cleaning, onFound: (found) => (inner ??= found) };
  // Without this a value that decodes into itself would be looked into for ever.
  if (plain !== value) for (const [piece] of plain.matchAll(/[^/?&#;\s]+/g)) cleanPiece(piece, look);
  return inner;
}

type Cleaned = Parameters<Cleaning["onFound"]>[0];

function cleanWord(word: string, cleaning: Cleaning): string {
  if (/:\/\/|[?&#/]\S*=/.test(word)) return cleanUrl(word, cleaning);
  if (word.length < SHORTEST_ADDRESS) return word;
  const plain = decoded(word);
  const kind = kindOfValue(plain, cleaning.kinds);
  if (kind === undefined) return word;
  // Numbers are looked for over the whole text, where their digits may stand in several words.
  if (plain === word && withoutNumbers(word, cleaning.kinds, () => {}) !== word && kind !== "email") return word;
  cleaning.onFound(kind);
  return REDACTED;
}

/** `a@b.co` */
const SHORTEST_ADDRESS = 6;
