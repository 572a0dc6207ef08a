import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import { present } from "../../src/core/present.ts";
import { createCopyFinder } from "../../src/pipeline/archived-copies.ts";
import { hashedEvent } from "../support/events.ts";

const EVENT = hashedEvent({ user: { ip: "203.0.113.7" } });
const AT = EVENT.received_at + 1_000;

const FIRST: ArchivedEvent = {
  v: 1,
  archived_at: AT,
  copy_id: "first",
  merge_until: AT + 30_000,
  undecided: ["ad_storage"],
  event: EVENT,
  consent: { ad_storage: "denied" },
  decisions: [],
};

const LATER: ArchivedEvent = {
  v: 1,
  archived_at: AT + 20_000,
  copy_id: "second",
  copy_of: { received_at: EVENT.received_at, source: "web" },
  undecided: [],
  event: {
    ...hashedEvent({ user: { email: "ada@lovelace.dev" }, value: "150" }),
    source: { ...EVENT.source, id: "back-end", kind: "server" },
    received_at: EVENT.received_at + 19_000,
  },
  consent: { ad_storage: "granted" },
  decisions: [],
};

const KNOWN = { person_id: "ann", hashes: { email_plain: "hash" } };

async function archiveOf(...batches: ArchivedEvent[][]) {
  const archive = createMemoryEventArchive({ now: () => AT });
  for (const batch of batches) await archive.put(batch);
  return archive;
}

test("an event gets what its later copy brought, and the answer that it lacked", async () => {
  const { completed } = createCopyFinder(await archiveOf([FIRST], [LATER, LATER]));
  const [whole] = await completed([FIRST]);
  expect(whole).toMatchObject({
    copy_id: "first",
    consent: { ad_storage: "granted" },
    undecided: [],
    event: { value: "150", user: { ip: "203.0.113.7", email: "ada@lovelace.dev" }, source: { id: "web" } },
  });
});

test.each<[string, Partial<ArchivedEvent>, Partial<ArchivedEvent>, object]>([
  ["the first copy", { consent: { ad_user_data: "denied" } }, {}, { person_id: "ann" }],
  ["the later one", {}, { consent: { ad_user_data: "denied" } }, { person_id: "ann" }],
  ["a default", { consent: { ad_user_data: "denied" }, undecided: ["ad_user_data"] }, {}, KNOWN],
])("what the graph filled into either copy is there as far as %s did not refuse it", async (_, first, later, known) => {
  for (const [a, b] of [
    [undefined, KNOWN],
    [KNOWN, undefined],
  ] as const) {
    const archived = { ...FIRST, ...first, event: { ...FIRST.event, ...present({ known: a }) } };
    const silent = { ...LATER.event, user: { user_id: "u-1" }, hashes: {}, ...present({ known: b }) };
    const { completed } = createCopyFinder(await archiveOf([archived, { ...LATER, ...later, event: silent }]));
    const [whole] = await completed([archived]);
    expect(whole?.event.known).toEqual(known);
  }
});

test("without a copy, or with one of an earlier event of this id, it is as it is", async () => {
  const other = { ...LATER, copy_of: { received_at: 1, source: "web" } };
  const { completed } = createCopyFinder(await archiveOf([FIRST, other]));
  expect(await completed([FIRST])).toEqual([FIRST]);
});

test("an event that waited for nothing costs no look into the archive", async () => {
  const archive = await archiveOf([FIRST]);
  let listed = 0;
  const counting = {
    lines: archive.lines,
    async objects(from: number, to: number) {
      listed += 1;
      return archive.objects(from, to);
    },
  };
  const { merge_until: _, ...plain } = FIRST;
  const finder = createCopyFinder(counting);
  expect(await finder.completed([plain])).toEqual([plain]);
  expect(listed).toBe(0);
  await finder.completed([FIRST, plain]);
  expect(listed).toBe(1);
});

test("an object whose days are over adds nothing; one that cannot be read stops the replay", async () => {
  const failing = (name: string) => ({
    objects: async () => [{ key: "gone", bytes: 1, from: AT, to: AT + MINUTE_MS }],
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    async *lines(): AsyncGenerator<string> {
      throw Object.assign(new Error(name), { name });
    },
  });
  expect(await createCopyFinder(failing("NoSuchKey")).completed([FIRST])).toEqual([FIRST]);
  await expect(createCopyFinder(failing("SlowDown")).completed([FIRST])).rejects.toThrow("SlowDown");
});
