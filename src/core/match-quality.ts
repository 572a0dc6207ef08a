import { IDENTIFIERS, type Identifier } from "./destination.ts";

/** How well a platform could match the person of one outgoing event. */
export interface MatchQuality {
  /** 0 to 10 in steps of 0.1: the weight of what is sent out of the weight of everything the platform matches on. */
  readonly score: number;
  /** Identifiers that count here and are sent, heaviest first. */
  readonly present: Identifier[];
  /** Identifiers that would raise the score, the greatest gain first. */
  readonly missing: Identifier[];
}

/**
 * Scores the identifiers of one request against a destination's weights. A destination without match keys matches
 * nobody, misses nothing and scores 10: leave it out of averages.
 */
export function matchQuality(
  identifiers: ReadonlySet<Identifier>,
  matchKeys: Readonly<Partial<Record<Identifier, number>>>,
): MatchQuality {
  const weight = (identifier: Identifier) => Math.max(matchKeys[identifier] ?? 0, 0);
  // The sort is stable: equal weights keep the order of IDENTIFIERS, whatever order the destination wrote them in.
  const keys = IDENTIFIERS.filter((identifier) => weight(identifier) > 0).sort((a, b) => weight(b) - weight(a));
  const present = keys.filter((identifier) => identifiers.has(identifier));
  const missing = keys.filter((identifier) => !identifiers.has(identifier));
  const sum = (list: Identifier[]) => list.reduce((total, identifier) => total + weight(identifier), 0);
  const score = keys.length === 0 ? 10 : Math.round((sum(present) / sum(keys)) * 100) / 10;
  return { score, present, missing };
}
