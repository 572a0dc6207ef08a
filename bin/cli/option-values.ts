import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a moment: `90m`, `24h` or `7d` ago, an ISO date or time (UTC where it names no zone), or epoch ms. */
export function momentBefore(now: () => number): (given: string) => number {
  return (given) => {
    const ago = /^(\d{1,6})([smhd])$/.exec(given);
    if (ago !== null) return now() - Number(ago[1]) * (UNIT_MS[ago[2] ?? ""] ?? 0);
    if (/^\d{13}$/.test(given)) return Number(given);
    const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(given);
    const ms =
      iso === null ? Number.NaN : Date.parse(iso[1] === undefined || iso[4] !== undefined ? given : `${given}Z`);
    if (Number.isNaN(ms))
      throw new InvalidArgumentError("Give 90m, 24h or 7d (ago), or a time such as 2026-11-23T12:00Z.");
    return ms;
  };
}

/** Reads a whole number of a range. */
export function wholeNumber(from: number, to: number): (given: string) => number {
  return (given) => {
    const number = Number(given);
    if (/^\d+$/.test(given) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

/** Reads words with commas between them; an option that is repeated adds to them. */
export function wordList(given: string, before: readonly string[] = []): string[] {
  const words = given.split(",").map((word) => word.trim());
  if (words.includes("")) throw new InvalidArgumentError("Give names with commas between them.");
  return [...before, ...words];
}

/** The same, where only some words exist. */
export function wordsOf(known: readonly string[]): (given: string, before?: readonly string[]) => string[] {
  return (given, before) => {
    const words = wordList(given, before);
    const wrong = words.find((word) => !known.includes(word));
    if (wrong === undefined) return words;
    throw new InvalidArgumentError(`${wrong} is none of ${known.join(", ")}.`);
  };
}
