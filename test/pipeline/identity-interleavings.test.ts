import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { type IdentityStore, openIdentities } from "../../src/pipeline/identity.ts";
import { createSeeded, type Seeded } from "../simulation/seeded.ts";
import { hashedEvent } from "../support/events.ts";

const YEAR_MS = 365 * 86_400_000;
const WORLDS = 100;
const INTERLEAVINGS = 100;
const EVENTS = 5;
const WORKERS = 4;
/** More than any worker needs from the answer of one call to its next call. */
const MICROTASKS = 24;

/** Contacts of two people with an account, two e-mails and two phones each. All events that they can cause, made once. */
const EVENTS_OF_PEOPLE: readonly CanonicalEvent[] = [0, 1].flatMap((human) => {
  const emails = [undefined, `a${human}@x.dev`, `b${human}@x.dev`];
  const phones = [undefined, `+49151123456${human}1`, `+49151123456${human}2`];
  const users = [undefined, `u-${human}`];
  return users.flatMap((user_id) =>
    emails.flatMap((email) => phones.map((phone) => eventOf({ ...present({ user_id, email, phone }) }))),
  );
});

function present(user: { [Name in keyof User]: User[Name] | undefined }): User {
  return Object.fromEntries(Object.entries(user).filter(([, value]) => value !== undefined)) as User;
}

function eventOf(user: User): CanonicalEvent {
  return hashedEvent({ user, browser_ids: {} });
}

/** Lets one call of all that wait go on at a time, as the seed picks it. */
function createTurns(random: Seeded) {
  const waiting: (() => void)[] = [];
  const turn = <Input extends unknown[], Output>(call: (...input: Input) => Promise<Output>) => {
    return async (...input: Input): Promise<Output> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return call(...input);
    };
  };
  return {
    over: ({ readPersons, readPointers, savePerson, savePointer }: IdentityStore): IdentityStore => ({
      readPointers: turn(readPointers),
      readPersons: turn(readPersons),
      savePerson: turn(savePerson),
      savePointer: turn(savePointer),
    }),
    async run(work: Promise<unknown>): Promise<void> {
      let isDone = false;
      const end = work.finally(() => {
        isDone = true;
      });
      for (let step = 0; !isDone; step += 1) {
        // Everybody who can go on without a call does, before the next call is picked.
        for (let microtask = 0; microtask < MICROTASKS; microtask += 1) await undefined;
        waiting.splice(random.whole(`turn ${step}`, 0, Math.max(0, waiting.length - 1)), 1)[0]?.();
      }
      await end;
    },
  };
}

/** One worker: its events read as one batch, and what failed put back and read again. Answers how often that was. */
async function work(batch: readonly CanonicalEvent[], store: IdentityStore): Promise<number> {
  let returned = 0;
  for (let left = batch; left.length > 0; ) {
    const session = await openIdentities(left, store, { retentionMs: YEAR_MS });
    const failed: CanonicalEvent[] = [];
    for (const event of left) await session.identify(event).catch(() => failed.push(event));
    returned += failed.length;
    left = failed;
  }
  return returned;
}

/** Which identifiers some chain of events connects: what the graph has to find, from the events alone. */
function connected(events: readonly CanonicalEvent[]): string {
  let groups: Set<string>[] = [];
  for (const event of events) {
    const keys = graphIdentifiers(event).map(({ key }) => key);
    if (keys.length === 0) continue;
    const touched = groups.filter((group) => keys.some((key) => group.has(key)));
    const union = new Set([...keys, ...touched.flatMap((group) => [...group])]);
    groups = [...groups.filter((group) => !touched.includes(group)), union];
  }
  return told(groups);
}

function stored(store: MemoryIdentityStore): string {
  const { persons, pointers } = store.contents();
  const into = new Map(persons.map(({ id, merged_into }) => [id, merged_into]));
  const root = (id: string): string => {
    const next = into.get(id);
    return next === undefined ? id : root(next);
  };
  const groups = Map.groupBy(pointers, ({ person_id }) => root(person_id));
  return told([...groups.values()].map((list) => new Set(list.map(({ key }) => key))));
}

function told(groups: readonly ReadonlySet<string>[]): string {
  return groups
    .map((keys) => [...keys].sort().join(" "))
    .sort()
    .join("\n");
}

test(`G19: ${WORLDS * INTERLEAVINGS} interleavings of ${WORKERS} workers end with the same people`, async () => {
  let returned = 0;
  for (let world = 0; world < WORLDS; world += 1) {
    const draw = createSeeded(world);
    const events = Array.from({ length: EVENTS }, (_, n): CanonicalEvent => {
      const event = EVENTS_OF_PEOPLE[draw.whole(`event ${n}`, 0, EVENTS_OF_PEOPLE.length - 1)] ?? eventOf({});
      return { ...event, received_at: draw.whole(`at ${n}`, 1, 20) };
    });
    const expected = connected(events);
    for (let run = 0; run < INTERLEAVINGS; run += 1) {
      const random = createSeeded(world * INTERLEAVINGS + run);
      const order = events.toSorted(
        (a, b) => random.fraction(`${events.indexOf(a)}`) - random.fraction(`${events.indexOf(b)}`),
      );
      const store = createMemoryIdentityStore();
      const turns = createTurns(random);
      const shares = Array.from({ length: WORKERS }, (_, worker) => order.filter((_, n) => n % WORKERS === worker));
      const workers = Promise.all(shares.map((share) => work(share, turns.over(store))));
      await turns.run(workers);
      for (const count of await workers) returned += count;
      const people = stored(store);
      // Not an assertion each: ten thousand of them take longer than the runs.
      if (people !== expected) expect({ world, run, people }).toEqual({ world, run, people: expected });
    }
  }
  // Rounds are bounded, and so many workers on two people still rarely need the queue.
  expect(returned).toBeLessThan(WORLDS * INTERLEAVINGS * EVENTS * 0.01);
}, 300_000);
