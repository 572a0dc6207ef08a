/**
 * A number in [0, 1) that depends on the seed and the key alone, not on how many were drawn before: taking one fault or
 * one event out of a run leaves what was drawn for the others as it was.
 */
function fractionOf(seed: number, key: string): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  // FNV alone leaves keys that differ in their last digit close together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Draws under one seed; every draw names what it is for. */
export interface Seeded {
  fraction(key: string): number;
  /** A whole number from `least` to `most`, both included. */
  whole(key: string, least: number, most: number): number;
  chance(key: string, share: number): boolean;
  pick<const T>(key: string, choices: readonly [T, ...T[]]): T;
}

/** Draws of one run. */
export function createSeeded(seed: number): Seeded {
  const fraction = (key: string) => fractionOf(seed, key);
  return {
    fraction,
    whole: (key, least, most) => least + Math.floor(fraction(key) * (most - least + 1)),
    chance: (key, share) => fraction(key) < share,
    pick: (key, choices) => choices[Math.floor(fraction(key) * choices.length)] ?? choices[0],
  };
}
