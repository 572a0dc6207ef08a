import fc from "fast-check";
import { type AuditDraft, canonicalJson, chainEntry, checkAudit, NO_DIGEST } from "../../src/core/audit.ts";
import type { AuditEntry } from "../../src/core/audit-entry.ts";

const draft = (n: number): AuditDraft => ({
  at: 1_000 + n,
  actor: `key:${n % 3}`,
  action: "lane.pause",
  target: `lane-${n}`,
  details: { reason: `no ${n}`, count: n, dry_run: n % 2 === 0 },
});

function chainOf(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= length; n += 1) entries.push(chainEntry(entries.at(-1), draft(n)));
  return entries;
}

function verdictOf(entries: readonly AuditEntry[], marks: readonly AuditEntry[] = []) {
  const check = checkAudit(marks);
  for (const entry of entries) check.add(entry);
  return check.end();
}

/** Item at `index`, which the test knows to be there. */
function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

test("a log as it was written is whole, of any length", () => {
  fc.assert(
    fc.property(fc.nat(30), (length) => {
      const entries = chainOf(length);
      const verdict = verdictOf(entries, entries.slice(-1));
      expect(verdict).toEqual({ entries: length, ...(length === 0 ? {} : { last: entries.at(-1) }) });
    }),
  );
});

test("numbers begin at 1, and the first entry follows nothing", () => {
  expect(chainOf(2).map(({ number, previous }) => [number, previous === NO_DIGEST])).toEqual([
    [1, true],
    [2, false],
  ]);
});

const place = fc.record({ length: fc.integer({ min: 2, max: 20 }), seed: fc.nat() });

test("a change of any field of any entry is found there", () => {
  const change = fc.constantFrom<Partial<AuditEntry>>(
    { at: 1 },
    { actor: "key:nobody" },
    { action: "lane.resume" },
    { target: "" },
    { details: {} },
    { details: { reason: "no", extra: true } },
  );
  fc.assert(
    fc.property(place, change, ({ length, seed }, changed) => {
      const entries = chainOf(length);
      const index = seed % length;
      entries[index] = { ...at(entries, index), ...changed };
      expect(verdictOf(entries)).toMatchObject({ broken_at: index + 1 });
    }),
  );
});

test("so is one whose digest was made to fit, unless all that follow were made anew", () => {
  fc.assert(
    fc.property(place, ({ length, seed }) => {
      const entries = chainOf(length);
      const index = seed % (length - 1);
      entries[index] = chainEntry(entries[index - 1], { ...draft(index + 1), target: "another" });
      expect(verdictOf(entries)).toMatchObject({ broken_at: index + 2 });
    }),
  );
});

test("removal, doubling and a change of order are found", () => {
  fc.assert(
    fc.property(place, ({ length, seed }) => {
      const index = seed % (length - 1);
      const without = chainOf(length).filter((_, n) => n !== index);
      const twice = chainOf(length).flatMap((entry, n) => (n === index ? [entry, entry] : [entry]));
      const swapped = chainOf(length);
      [swapped[index], swapped[index + 1]] = [at(swapped, index + 1), at(swapped, index)];
      for (const entries of [without, twice, swapped]) expect(verdictOf(entries)).toHaveProperty("problem");
    }),
  );
});

test("a beginning that was cut off is found, however much of it", () => {
  fc.assert(
    fc.property(place, ({ length, seed }) => {
      expect(verdictOf(chainOf(length).slice(1 + (seed % (length - 1))))).toMatchObject({ broken_at: 1 });
    }),
  );
});

test("an end that was cut off is found by a mark, and only by a mark", () => {
  fc.assert(
    fc.property(place, ({ length, seed }) => {
      const entries = chainOf(length);
      const kept = entries.slice(0, seed % length);
      expect(verdictOf(kept)).toMatchObject({ entries: kept.length });
      expect(verdictOf(kept, entries.slice(-1))).toMatchObject({ broken_at: kept.length + 1 });
    }),
  );
});

test("a chain that was made anew is found by a digest that somebody noted before", () => {
  const entries = chainOf(5);
  const anew: AuditEntry[] = entries.slice(0, 2);
  for (let n = 3; n <= 5; n += 1) anew.push(chainEntry(anew.at(-1), { ...draft(n), target: "another" }));
  expect(verdictOf(anew)).toMatchObject({ entries: 5 });
  expect(verdictOf(anew, [at(entries, 3)])).toMatchObject({ broken_at: 4 });
  expect(verdictOf(anew, [at(entries, 1)])).toMatchObject({ entries: 5 });
});

test("canonical JSON does not depend on the order of names, and tells values apart", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined, A: true })).toBe(
    '{"A":true,"b":[1,{"c":"x","d":null}]}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // -0 is 0 in JSON, stored or not.
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
    }),
  );
});
