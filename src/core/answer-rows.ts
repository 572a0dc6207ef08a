import { isObject } from "./safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Rows of an answer by the place that each gives itself as `index`; those without one speak of no event. */
export function rowsByIndex(rows: unknown): ReadonlyMap<number, Fields> {
  const found = Array.isArray(rows) ? rows.filter(isObject) : [];
  return new Map(found.flatMap((row) => (Number.isInteger(row.index) ? [[Number(row.index), row]] : [])));
}

/**
 * The place of the first event: some APIs count from 1. So does an answer that has each place from 1 to `count` and
 * none else; all other ones are read as counting from 0.
 */
export function firstIndex(indices: Iterable<number>, count: number): 0 | 1 {
  const distinct = new Set(indices);
  return distinct.size === count && Array.from({ length: count }, (_, row) => row + 1).every((at) => distinct.has(at))
    ? 1
    : 0;
}
