import type { RoutingDecision } from "../core/delivery-record.ts";
import { IDENTIFIERS, type Identifier } from "../core/destination.ts";
import type { Words } from "./words.ts";

const IDENTIFIER_LETTERS: Readonly<Record<Identifier, string>> = {
  email: "e",
  phone: "p",
  external_id: "x",
  click_id: "c",
  browser_id: "b",
  ip_and_user_agent: "i",
  name: "n",
  address: "a",
  date_of_birth: "d",
  gender: "g",
};

/** `points`: a character for each identifier, in the order of the two lists before it; absent in old stories. */
export type PackedQuality = [
  score: number,
  present: string,
  missing: string,
  points?: string,
  version?: number,
  doubts?: [identifier: string, factor: number, reason: number][],
];

/** Tenths of a point, 0 to 100, by their place: what JSON would escape is left out. */
const POINTS = Array.from({ length: 103 }, (_, index) => String.fromCodePoint(index + (index < 94 ? 33 : 67)))
  .filter((character) => character !== '"' && character !== "\\")
  .join("");

type Quality = NonNullable<RoutingDecision["quality"]>;

/** A score as short text; its reasons go into `words`. */
export function packQuality(
  { doubts, missing, points, present, score, version }: Quality,
  words: Words,
): PackedQuality {
  const lists = [score, identifierLetters(present), identifierLetters(missing)] as const;
  if (points === undefined || version === undefined) return [...lists];
  const packed = [...present, ...missing].map((it) => POINTS.charAt(Math.round((points[it] ?? 0) * 10))).join("");
  const reasons = Object.entries(doubts ?? {}).map(([identifier, { factor, reason }]) => {
    return [IDENTIFIER_LETTERS[identifier as Identifier], factor, words.indexOf(reason)] as [string, number, number];
  });
  return reasons.length === 0 ? [...lists, packed, version] : [...lists, packed, version, reasons];
}

/** The score that `packQuality` packed. */
export function unpackQuality(packed: PackedQuality, words: readonly string[]): Quality {
  const [score, presentLetters, missingLetters, points, version, doubts = []] = packed;
  const present = identifiersOf(presentLetters);
  const missing = identifiersOf(missingLetters);
  if (points === undefined || version === undefined) return { score, present, missing };
  const pointsOf = [...points].map((character) => POINTS.indexOf(character) / 10);
  return {
    score,
    present,
    missing,
    points: Object.fromEntries([...present, ...missing].map((it, index) => [it, pointsOf[index] ?? 0])),
    doubts: Object.fromEntries(
      doubts.flatMap(([letter, factor, reason]) => {
        return identifiersOf(letter).map((it) => [it, { factor, reason: words[reason] ?? "" }]);
      }),
    ),
    version,
  };
}

/** Identifiers as one letter each, in the order given. */
export function identifierLetters(identifiers: readonly Identifier[]): string {
  return identifiers.map((identifier) => IDENTIFIER_LETTERS[identifier]).join("");
}

/** The identifiers that the letters stand for; a letter of a later version stands for none. */
export function identifiersOf(letters: string): Identifier[] {
  return [...letters].flatMap((letter) => IDENTIFIERS.filter((it) => IDENTIFIER_LETTERS[it] === letter));
}
