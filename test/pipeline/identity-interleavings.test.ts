import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
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

const VAULT = createContactVault({ key: "k".repeat(64) });
const RULES = { retentionMs: YEAR_MS, keepsCampaigns: () => true, contacts: VAULT };

/** The sealed address of each hash: equal in every container, so that whoever learns it writes the same. */
const SEALED = new Map(
  EVENTS_OF_PEOPLE.map(({ hashes, user }) => [hashes?.email_plain, user.email && VAULT.seal("email", user.email)]),
);

/** Whom an event was claimed for, as its story keeps it. */
interface Claim {
  readonly event: CanonicalEvent;
  readonly personId: string;
}

interface Worked {
  /** How often an event went back to the queue. */
  readonly returned: number;
  readonly claims: readonly Claim[];
}

/**
 * One worker: its events read as one batch, and what failed put back and read again; after that, the refund of what it
 * claimed first, by the order alone.
 */
async function work(batch: readonly CanonicalEvent[], store: IdentityStore): Promise<Worked> {
  let returned = 0;
  const claims: Claim[] = [];
  for (let left = batch; left.length > 0; ) {
    const session = await openIdentities(left, store, RULES);
    const failed: CanonicalEvent[] = [];
    for (const event of left) {
      const identified = await session.identify(event).catch(() => failed.push(event));
      if (typeof identified !== "number" && identified.known) {
        claims.push({ event, personId: identified.known.person_id });
      }
    }
    returned += failed.length;
    left = failed;
  }
  const [bought] = claims;
  if (bought === undefined) return { returned, claims };
  const orders = { purchasersOf: async () => ({ ids: [bought.personId], places: [] }) };
  const refunded = await openIdentities([REFUND], store, RULES, orders).then((session) => session.identify(REFUND));
  return { returned, claims: [...claims, { event: bought.event, personId: refunded.known?.person_id ?? "nobody" }] };
}

const REFUND = hashedEvent({
  event_name: "refund",
  source: { ...hashedEvent().source, kind: "server" },
  user: {},
  browser_ids: {},
});

interface Group {
  readonly keys: ReadonlySet<string>;
  /** Sources of the campaigns, in the order of their visits. */
  readonly visits: readonly { readonly source: string; readonly at: number }[];
}

/** Which identifiers some chain of events connects: what the graph has to find, from the events alone. */
function connected(events: readonly CanonicalEvent[]): string {
  let groups: Group[] = [];
  for (const event of events) {
    const keys = graphIdentifiers(event).map(({ key }) => key);
    if (keys.length === 0) continue;
    const touched = groups.filter((group) => keys.some((key) => group.keys.has(key)));
    const union: Group = {
      keys: new Set([...keys, ...touched.flatMap((group) => [...group.keys])]),
      visits: [
        { source: event.campaign?.source ?? "", at: event.event_time },
        ...touched.flatMap(({ visits }) => visits),
      ].sort((a, b) => a.at - b.at),
    };
    groups = [...groups.filter((group) => !touched.includes(group)), union];
  }
  return told(groups.map(({ keys, visits }) => ({ keys, first: visits[0]?.source, last: visits.at(-1)?.source })));
}

function stored(store: MemoryIdentityStore, claims: readonly Claim[]): string {
  const { persons, pointers } = store.contents();
  const into = new Map(persons.map(({ id, merged_into }) => [id, merged_into]));
  const touches = new Map(persons.map((person) => [person.id, person.touches]));
  const root = (id: string): string => {
    const next = into.get(id);
    return next === undefined ? id : root(next);
  };
  const rootOf = new Map(pointers.map(({ key, person_id }) => [key, root(person_id)]));
  // A person of before a merge, and the one that the order's look-up found, must be the one that the identifiers lead to.
  const strayed = claims.filter(({ event, personId }) =>
    graphIdentifiers(event).some(({ key }) => rootOf.get(key) !== root(personId)),
  );
  if (strayed.length > 0) return `claimed for others: ${strayed.length}`;
  const mixed = persons.filter(({ contacts, hashes }) => contacts.email !== SEALED.get(hashes.email_plain));
  if (mixed.length > 0) return `addresses beside another's hash, or lost: ${mixed.length}`;
  const groups = Map.groupBy(rootOf.keys(), (key) => rootOf.get(key) ?? "");
  return told(
    [...groups].map(([person, keys]) => ({
      keys: new Set(keys),
      first: touches.get(person)?.["first#shop"]?.source,
      last: touches.get(person)?.["last#shop"]?.source,
    })),
  );
}

interface Told {
  readonly keys: ReadonlySet<string>;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

function told(groups: readonly Told[]): string {
  return groups
    .map(({ keys, first, last }) => [...[...keys].sort(), `from ${first} to ${last}`].join(" "))
    .sort()
    .join("\n");
}

test(`G19: ${WORLDS * INTERLEAVINGS} interleavings of ${WORKERS} workers end with the same people, campaigns, addresses and refunds`, async () => {
  let returned = 0;
  for (let world = 0; world < WORLDS; world += 1) {
    const draw = createSeeded(world);
    const events = Array.from({ length: EVENTS }, (_, n): CanonicalEvent => {
      const event = EVENTS_OF_PEOPLE[draw.whole(`event ${n}`, 0, EVENTS_OF_PEOPLE.length - 1)] ?? eventOf({});
      // Every event tells of a campaign of its own, at a time of its own that has nothing to do with when it came.
      const event_time = event.event_time + draw.whole(`time ${n}`, 0, 1_000) * EVENTS + n;
      return { ...event, event_time, received_at: draw.whole(`at ${n}`, 1, 20), campaign: { source: `s${n}` } };
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
      const worked = await workers;
      for (const one of worked) returned += one.returned;
      const people = stored(
        store,
        worked.flatMap(({ claims }) => claims),
      );
      // Not an assertion each: ten thousand of them take longer than the runs.
      if (people !== expected) expect({ world, run, people }).toEqual({ world, run, people: expected });
    }
  }
  // Rounds are bounded, and so many workers on two people still rarely need the queue.
  expect(returned).toBeLessThan(WORLDS * INTERLEAVINGS * EVENTS * 0.01);
}, 300_000);
