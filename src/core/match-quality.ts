import { IDENTIFIERS, type Identifier } from "./destination.ts";

/** Version of formula, soundness rules and weights: scores of different versions must not be compared. */
export const MATCH_QUALITY_VERSION = 3;

/** Why an identifier that is sent finds fewer persons than one of its kind usually does. */
export interface Doubt {
  /** 0 to 1: the part of the identifier's weight that still counts. */
  readonly factor: number;
  /** In words, without the value. */
  readonly reason: string;
}

/** Identifiers that count less than whole; what is sound stands nowhere in it. */
export type Doubts = Readonly<Partial<Record<Identifier, Doubt>>>;

/** How well a platform could match the person of one outgoing event. */
export interface MatchQuality {
  /** 0 to 10 in steps of 0.1: the weight of what is sent out of the weight of everything the platform matches on. */
  readonly score: number;
  /** Identifiers that count here and are sent, heaviest first. */
  readonly present: Identifier[];
  /** Identifiers that would raise the score, the greatest gain first. */
  readonly missing: Identifier[];
  /** What each present identifier gives, which adds up to the score, and what each missing one would. In steps of 0.1. */
  readonly points: Readonly<Partial<Record<Identifier, number>>>;
  /** Of present identifiers that count less than in full. */
  readonly doubts: Doubts;
  readonly version: number;
}

/**
 * Scores the identifiers of one request against a destination's weights. A destination without match keys matches
 * nobody, misses nothing and scores 10: leave it out of averages.
 */
export function matchQuality(
  identifiers: ReadonlySet<Identifier>,
  matchKeys: Readonly<Partial<Record<Identifier, number>>>,
  doubts: Doubts = {},
): MatchQuality {
  const weight = (identifier: Identifier) => Math.max(matchKeys[identifier] ?? 0, 0);
  // The sort is stable: equal weights keep the order of IDENTIFIERS, whatever order the destination wrote them in.
  const keys = IDENTIFIERS.filter((identifier) => weight(identifier) > 0).sort((a, b) => weight(b) - weight(a));
  const present = keys.filter((identifier) => identifiers.has(identifier));
  const missing = keys.filter((identifier) => !identifiers.has(identifier));
  const whole = keys.reduce((total, identifier) => total + weight(identifier), 0);
  const tenths = present.map((it) => (weight(it) * (doubts[it]?.factor ?? 1) * 100) / whole);
  const given = roundedTogether(tenths);
  return {
    score: keys.length === 0 ? 10 : given.reduce((a, b) => a + b, 0) / 10,
    present,
    missing,
    points: Object.fromEntries([
      ...present.map((it, index) => [it, (given[index] ?? 0) / 10]),
      ...missing.map((it) => [it, Math.round((weight(it) * 100) / whole) / 10]),
    ]),
    doubts: Object.fromEntries(present.flatMap((it) => (doubts[it] === undefined ? [] : [[it, doubts[it]]]))),
    version: MATCH_QUALITY_VERSION,
  };
}

/**
 * The score of one event made of two: what either has is sent, and an identifier counts as its sounder copy does.
 * Scores of before doubts were kept count as without any.
 */
export function mergedQuality(
  copies: readonly (Pick<MatchQuality, "present"> & Partial<MatchQuality>)[],
  matchKeys: Readonly<Partial<Record<Identifier, number>>>,
): MatchQuality {
  const doubts: Partial<Record<Identifier, Doubt>> = {};
  const present = new Set(copies.flatMap((copy) => copy.present));
  for (const identifier of present) {
    const having = copies.filter((copy) => copy.present.includes(identifier));
    const found = having.flatMap((copy) => copy.doubts?.[identifier] ?? []);
    const [least] = found.sort((a, b) => b.factor - a.factor);
    if (least !== undefined && found.length === having.length) doubts[identifier] = least;
  }
  return matchQuality(present, matchKeys, doubts);
}

/** Whole numbers that add up to the rounded sum: those that lose most by being cut are rounded up. */
function roundedTogether(values: readonly number[]): number[] {
  const rounded = values.map(Math.floor);
  const lacking = Math.round(sumOf(values)) - sumOf(rounded);
  const byLoss = values.map((value, index) => ({ index, loss: value % 1 })).sort((a, b) => b.loss - a.loss);
  for (const { index } of byLoss.slice(0, lacking)) rounded[index] = (rounded[index] ?? 0) + 1;
  return rounded;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
