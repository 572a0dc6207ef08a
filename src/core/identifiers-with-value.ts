import type { Identifier } from "./destination.ts";

/** The identifiers that have a value: for `identifiers`, from the very fields that the request is made of. */
export function identifiersWithValue(sent: Readonly<Partial<Record<Identifier, unknown>>>): ReadonlySet<Identifier> {
  return new Set((Object.keys(sent) as Identifier[]).filter((identifier) => sent[identifier] !== undefined));
}
