import fc from "fast-check";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { type IdentityStore, openIdentities } from "../../src/pipeline/identity.ts";
import { hashedEvent } from "../support/events.ts";

const YEAR_MS = 365 * 86_400_000;

/** Contacts of one person; nobody else has them. */
interface Human {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly userId: string;
}

const HUMANS: readonly Human[] = [0, 1, 2].map((n) => ({
  emails: [`a${n}@x.dev`, `b${n}@x.dev`],
  phones: [`+49151123456${n}1`, `+49151123456${n}2`],
  userId: `u-${n}`,
}));

function seen(user: User, at: number): CanonicalEvent {
  return hashedEvent({ user, browser_ids: {}, received_at: at });
}

/** An event that carries some of one person's contacts, none or one of each kind. */
const EVENT = fc
  .record({
    human: fc.constantFrom(...HUMANS),
    email: fc.option(fc.nat(1), { nil: undefined }),
    phone: fc.option(fc.nat(1), { nil: undefined }),
    isLoggedIn: fc.boolean(),
    at: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ at, email, human, isLoggedIn, phone }) => {
    const contacts = {
      ...(email === undefined ? {} : { email: human.emails[email] ?? "" }),
      ...(phone === undefined ? {} : { phone: human.phones[phone] ?? "" }),
      ...(isLoggedIn ? { user_id: human.userId } : {}),
    };
    return seen(contacts, at);
  });

/** The same events in another order, each of them twice. */
const ORDERS = fc.array(EVENT, { minLength: 1, maxLength: 9 }).chain((events) => {
  const twice = [...events, ...events];
  const shuffled = fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length });
  return fc.record({ events: fc.constant(events), shuffled });
});

/** Which identifiers are one person, from the events alone: those that some chain of events connects. */
function connected(events: readonly CanonicalEvent[]): string {
  let groups: Set<string>[] = [];
  for (const event of events) {
    const keys = new Set(graphIdentifiers(event).map(({ key }) => key));
    if (keys.size === 0) continue;
    const touched = groups.filter((group) => [...group].some((key) => keys.has(key)));
    groups = [
      ...groups.filter((group) => !touched.includes(group)),
      new Set([...keys, ...touched.flatMap((it) => [...it])]),
    ];
  }
  return told(groups);
}

function told(groups: Iterable<ReadonlySet<string>>): string {
  return [...groups]
    .map((keys) => [...keys].sort().join(" "))
    .sort()
    .join("\n");
}

/** Which identifiers lead to one person in the graph. */
function stored({ contents }: MemoryIdentityStore): string {
  const { persons, pointers } = contents();
  const root = (id: string): string => {
    const into = persons.find((it) => it.id === id)?.merged_into;
    return into === undefined ? id : root(into);
  };
  const groups = Map.groupBy(pointers, ({ person_id: id }) => root(id));
  return told([...groups.values()].map((list) => new Set(list.map(({ key }) => key))));
}

/** One λ: its batch read together, and what it could not do given back and read again. */
async function work(batch: readonly CanonicalEvent[], store: IdentityStore): Promise<void> {
  for (let left = batch; left.length > 0; ) {
    const session = await openIdentities(left, store, { retentionMs: YEAR_MS });
    const failed: CanonicalEvent[] = [];
    for (const event of left) await session.identify(event).catch(() => failed.push(event));
    left = failed;
  }
}

test("G19: strong identifiers, user ids among them, give the same people in any order and with any copies", async () => {
  await fc.assert(
    fc.asyncProperty(ORDERS, async ({ events, shuffled }) => {
      const store = createMemoryIdentityStore();
      for (const event of shuffled) await work([event], store);
      expect(stored(store)).toBe(connected(events));
    }),
    { numRuns: 300 },
  );
});

test("G19: and from workers that run into each other at any await", async () => {
  await fc.assert(
    fc.asyncProperty(ORDERS, fc.scheduler(), async ({ events, shuffled }, scheduler) => {
      const inner = createMemoryIdentityStore();
      const store: IdentityStore = {
        readPointers: scheduler.scheduleFunction(inner.readPointers),
        readPersons: scheduler.scheduleFunction(inner.readPersons),
        savePerson: scheduler.scheduleFunction(inner.savePerson),
        savePointer: scheduler.scheduleFunction(inner.savePointer),
      };
      const third = Math.ceil(shuffled.length / 3);
      const batches = [0, 1, 2].map((n) => shuffled.slice(n * third, (n + 1) * third));
      await scheduler.waitFor(Promise.all(batches.map((batch) => work(batch, store))));
      expect(stored(inner)).toBe(connected(events));
    }),
    { numRuns: 300 },
  );
});

test("G19: whoever has two user ids in one scope is two people, in any order", async () => {
  const user = fc.constantFrom("u-1", "u-2", undefined);
  const event = fc
    .record({ user, email: fc.constantFrom("a@x.dev", "b@x.dev", undefined), at: fc.integer({ min: 1, max: 50 }) })
    .map(({ at, email, user: id }) =>
      seen({ ...(id === undefined ? {} : { user_id: id }), ...(email === undefined ? {} : { email }) }, at),
    );
  const keyOf = (id: string) => graphIdentifiers(seen({ user_id: id }, 1))[0]?.key ?? "";
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 10 }), async (events) => {
      const store = createMemoryIdentityStore();
      for (const one of events) await work([one], store);
      for (const group of stored(store).split("\n")) {
        expect(group.includes(keyOf("u-1")) && group.includes(keyOf("u-2"))).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});
