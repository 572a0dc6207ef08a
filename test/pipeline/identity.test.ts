import fc from "fast-check";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { type CanonicalEvent, HASH_VARIANTS, type User } from "../../src/core/event.ts";
import { variantsOf } from "../../src/core/hashing.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { MAX_PERSONS_PER_BROWSER } from "../../src/core/suspect-identifiers.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { hashedEvent } from "../support/events.ts";

const YEAR_MS = 365 * 86_400_000;
const EMAIL_VARIANTS = variantsOf("email");

function of(user: User, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return hashedEvent({ user, browser_ids: {}, ...changes });
}

async function see(store: MemoryIdentityStore, ...events: CanonicalEvent[]) {
  const session = await openIdentities(events, store, { retentionMs: YEAR_MS });
  const results = [];
  for (const event of events) results.push(await session.identify(event));
  return results;
}

async function personOf(store: MemoryIdentityStore, event: CanonicalEvent): Promise<string | undefined> {
  const session = await openIdentities([event], store, { retentionMs: YEAR_MS });
  return (await session.identify(event)).known?.person_id;
}

describe("filling", () => {
  test("an identify before the purchase gives the purchase its e-mail hashes", async () => {
    const store = createMemoryIdentityStore();
    const identify = of(
      { user_id: "u-1", email: "Ada@Lovelace.dev", phone: "+4915112345678" },
      { event_name: "identify" },
    );
    await see(store, identify);
    const [purchase] = await see(store, of({ user_id: "u-1" }));
    expect(purchase?.known?.hashes).toEqual(identify.hashes);
    expect(purchase?.filled).toEqual([...HASH_VARIANTS]);
    expect(purchase?.learned).toEqual([]);
  });

  test("a purchase without e-mail gets the one that its anonymous id is known by", async () => {
    const store = createMemoryIdentityStore();
    const [, purchase] = await see(
      store,
      of({ anonymous_id: "a-1", email: "ada@lovelace.dev" }),
      of({ anonymous_id: "a-1" }),
    );
    expect(purchase?.filled).toEqual(EMAIL_VARIANTS);
  });

  test("the event's own e-mail is never joined by another one of the same person", async () => {
    const store = createMemoryIdentityStore();
    const [, second] = await see(
      store,
      of({ user_id: "u-1", email: "old@lovelace.dev" }),
      of({ user_id: "u-1", email: "new@lovelace.dev" }),
    );
    expect(second?.filled).toEqual([]);
    expect(second?.learned).toEqual(EMAIL_VARIANTS);
  });

  test("click ids are given within their platform's window only, and never after the fact", async () => {
    const store = createMemoryIdentityStore();
    const at = of({}).event_time;
    const day = 86_400_000;
    const click_ids = {
      gclid: { value: "g", seen_at: at - 89 * day },
      ttclid: { value: "t", seen_at: at - 29 * day },
      msclkid: { value: "m", seen_at: at + 1 },
    };
    const [, later] = await see(store, of({ user_id: "u-1" }, { click_ids }), of({ user_id: "u-1" }));
    expect(later?.known?.click_ids).toEqual({ gclid: click_ids.gclid });
  });

  test("a user id that is an e-mail address finds the person and is not stored", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ user_id: "ada@lovelace.dev", anonymous_id: "a-1" }));
    const [byDevice] = await see(store, of({ anonymous_id: "a-1" }));
    expect(byDevice?.known?.user_id).toBeUndefined();
    expect(byDevice?.known?.person_id).toBeDefined();
    expect(JSON.stringify(store.contents())).not.toContain("lovelace");
  });

  test("nothing raw is stored", async () => {
    const store = createMemoryIdentityStore();
    await see(store, hashedEvent());
    const text = JSON.stringify(store.contents());
    for (const raw of ["lovelace", "4915112345678", "15112345678", "203.0.113.7"]) expect(text).not.toContain(raw);
  });
});

describe("joining", () => {
  test("two persons joined by an e-mail become the older one, and its pointers follow", async () => {
    const store = createMemoryIdentityStore();
    const phoneOnly = of({ phone: "+4915112345678" }, { received_at: 1_000 });
    const mailOnly = of({ email: "ada@lovelace.dev" }, { received_at: 2_000 });
    await see(store, phoneOnly, mailOnly);
    const older = await personOf(store, phoneOnly);
    expect(await personOf(store, mailOnly)).not.toBe(older);
    const [both] = await see(store, of({ phone: "+4915112345678", email: "ada@lovelace.dev" }, { received_at: 3_000 }));
    expect(both?.learned).toContain("merge");
    expect(await personOf(store, mailOnly)).toBe(older);
    expect(await personOf(store, phoneOnly)).toBe(older);
  });

  test("one e-mail never merges two user ids", async () => {
    const store = createMemoryIdentityStore();
    await see(
      store,
      of({ user_id: "u-1", email: "family@lovelace.dev" }),
      of({ user_id: "u-2", email: "family@lovelace.dev" }),
    );
    const first = await personOf(store, of({ user_id: "u-1" }));
    expect(await personOf(store, of({ user_id: "u-2" }))).not.toBe(first);
    // It may be either's: neither gets what the other did, and both keep it as theirs.
    expect(await personOf(store, of({ email: "family@lovelace.dev" }))).toBeUndefined();
    for (const user_id of ["u-1", "u-2"]) {
      const [account] = await see(store, of({ user_id }));
      expect(account?.filled).toEqual(EMAIL_VARIANTS);
    }
  });

  test("user ids of different scopes are different identifiers and do not contradict each other", async () => {
    const store = createMemoryIdentityStore();
    const other = { ...of({}).source, dedup_scope: "till" };
    await see(store, of({ user_id: "7" }), of({ user_id: "7" }, { source: other }));
    const [shop, till] = [
      await personOf(store, of({ user_id: "7" })),
      await personOf(store, of({ user_id: "7" }, { source: other })),
    ];
    expect(shop).not.toBe(till);
    await see(store, of({ user_id: "7", email: "a@b.dev" }), of({ user_id: "7", email: "a@b.dev" }, { source: other }));
    expect(await personOf(store, of({ user_id: "7" }))).toBe(
      await personOf(store, of({ user_id: "7" }, { source: other })),
    );
  });

  test("a device that logs in as another user is repointed and merges nobody", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ user_id: "u-1", anonymous_id: "a-1" }));
    const first = await personOf(store, of({ user_id: "u-1" }));
    expect(await personOf(store, of({ anonymous_id: "a-1" }))).toBe(first);
    await see(store, of({ user_id: "u-2", anonymous_id: "a-1" }));
    const second = await personOf(store, of({ user_id: "u-2" }));
    expect(second).not.toBe(first);
    expect(await personOf(store, of({ anonymous_id: "a-1" }))).toBe(second);
    expect(await personOf(store, of({ user_id: "u-1" }))).toBe(first);
  });

  test("two guests with different e-mails on one device stay two people", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ anonymous_id: "a-1", email: "one@lovelace.dev", phone: "+4915112345678" }));
    const [second] = await see(store, of({ anonymous_id: "a-1", email: "two@lovelace.dev" }));
    expect(second?.filled).toEqual([]);
  });

  test("what was browsed before the login belongs to the person who logged in", async () => {
    const store = createMemoryIdentityStore();
    const gclid = { value: "g", seen_at: of({}).event_time - 1_000 };
    await see(
      store,
      of({ anonymous_id: "a-1" }, { click_ids: { gclid } }),
      of({ user_id: "u-1", anonymous_id: "a-1" }),
    );
    const [fromServer] = await see(store, of({ user_id: "u-1" }));
    expect(fromServer?.known).toMatchObject({ anonymous_id: "a-1", click_ids: { gclid } });
  });

  test.each([
    { user_id: "null" },
    { user_id: "undefined" },
    { anonymous_id: "anonymous" },
    { email: "test@test.com" },
    { email: "TEST@shop.dev" },
    { phone: "+490000000000" },
    { email: "not an address" },
    { email_sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  ])("a placeholder joins nobody: %j", async (placeholder) => {
    const store = createMemoryIdentityStore();
    const [result] = await see(store, of(placeholder));
    expect(result?.known).toBeUndefined();
    await see(store, of({ user_id: "u-1", ...placeholder }));
    expect(store.contents().pointers.filter(({ key }) => !key.startsWith("user_id#"))).toEqual([]);
  });

  test("a browser that too many people use stops finding and joining", async () => {
    const store = createMemoryIdentityStore();
    const at = { anonymous_id: "kiosk" };
    for (let n = 0; n <= MAX_PERSONS_PER_BROWSER; n += 1) await see(store, of({ user_id: `u-${n}`, ...at }));
    expect(await personOf(store, of(at))).toBeUndefined();
  });

  test("a guest order by a family's e-mail joins nobody's phone or browser to another's account", async () => {
    const store = createMemoryIdentityStore();
    const email = "family@lovelace.dev";
    await see(store, of({ user_id: "u-1", email }), of({ user_id: "u-2", email, anonymous_id: "a-2" }));
    await see(store, of({ email, phone: "+4915112345678" }));
    const byPhone = await personOf(store, of({ phone: "+4915112345678" }));
    expect(byPhone).not.toBe(await personOf(store, of({ user_id: "u-1" })));
    // The browser tells which of them it was.
    const second = await personOf(store, of({ user_id: "u-2" }));
    expect(await personOf(store, of({ email, anonymous_id: "a-2" }))).toBe(second);
  });

  test("a call centre's phone joins no third customer, gives nobody's e-mail, and stays so", async () => {
    const store = createMemoryIdentityStore();
    const order = (n: number) => of({ email: `customer-${n}@x.dev`, phone: "+4915112345678" });
    for (let n = 0; n < 30; n += 1) await see(store, order(n));
    const people = new Set<string | undefined>();
    for (let n = 0; n < 30; n += 1) people.add(await personOf(store, of({ email: `customer-${n}@x.dev` })));
    expect(people.size).toBe(29);
    const [byPhone] = await see(store, of({ phone: "+4915112345678" }));
    expect(byPhone?.known).toBeUndefined();
    const before = store.writes();
    await see(store, order(3), order(29));
    expect(store.writes()).toBe(before);
  });

  test("a company's shared mailbox joins nobody and is filled into nobody's event", async () => {
    const store = createMemoryIdentityStore();
    const office = "info@lovelace.dev";
    await see(store, of({ email: office, user_id: "u-1" }), of({ email: office, phone: "+4915112345678" }));
    expect(await personOf(store, of({ email: office }))).toBeUndefined();
    const [filled] = await see(store, of({ user_id: "u-1" }));
    expect(filled?.known?.hashes).toBeUndefined();
  });

  test("a kiosk joins no two guests, also when one left an e-mail and the other a phone", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ anonymous_id: "kiosk", email: "one@lovelace.dev" }));
    const [second] = await see(store, of({ anonymous_id: "kiosk", phone: "+4915112345678" }));
    expect(second?.filled).toEqual([]);
    expect(await personOf(store, of({ email: "one@lovelace.dev" }))).not.toBe(
      await personOf(store, of({ phone: "+4915112345678" })),
    );
  });

  test("a merge is told with its event and the identifiers that stood in it", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ email: "ada@lovelace.dev" }, { received_at: 1 }), of({ phone: "+4915112345678" }));
    const both = of({ email: "ada@lovelace.dev", phone: "+4915112345678" }, { event_id: "both", received_at: 9 });
    const [joined] = await see(store, both);
    const winner = store.contents().persons.find(({ id }) => id === joined?.known?.person_id);
    expect(winner?.merge_records).toMatchObject([
      {
        at: 9,
        event_id: "both",
        joined_by: [expect.stringMatching(/^email#.{8}$/), expect.stringMatching(/^phone#.{8}$/)],
      },
    ]);
  });

  test("a person that stands at the end of a long line of merges is found, and without a detour the next time", async () => {
    const store = createMemoryIdentityStore();
    // Each event joins an ever older person, so that the first pointer leads through all of them.
    for (let n = 0; n < 12; n += 1) await see(store, of({ email: `e${n}@x.dev` }, { received_at: 1_000 - n }));
    for (let n = 0; n < 11; n += 1) {
      const phone = `+49151123456${10 + n}`;
      await see(store, of({ email: `e${n}@x.dev`, phone }), of({ email: `e${n + 1}@x.dev`, phone }));
    }
    const first = of({ email: "e0@x.dev" });
    expect(await personOf(store, of({ email: "e11@x.dev" }))).toBe(await personOf(store, first));
    const before = store.writes();
    await personOf(store, first);
    expect(store.writes()).toBe(before);
  });

  test("a sender's digest and our own hash of the same address are one identifier", async () => {
    const store = createMemoryIdentityStore();
    const raw = of({ email: "ada@lovelace.dev" });
    await see(store, raw);
    const digest = raw.hashes?.email_plain ?? "";
    const [hashed] = await see(store, of({ email_sha256: digest }));
    expect(hashed?.filled).toEqual(EMAIL_VARIANTS);
  });
});

describe("cost and concurrency", () => {
  test("a second look at the same person writes nothing", async () => {
    const store = createMemoryIdentityStore();
    await see(store, hashedEvent());
    const before = store.writes();
    await see(store, hashedEvent(), hashedEvent({ event_id: "other" }));
    expect(store.writes()).toBe(before);
  });

  test("a batch costs two reads, whatever its size and the persons' history", async () => {
    const store = createMemoryIdentityStore();
    for (let n = 0; n < 40; n += 1) {
      const click_ids = { gclid: { value: `g-${n}`, seen_at: n } };
      await see(store, of({ anonymous_id: `a-${n}` }), of({ anonymous_id: `a-${n}`, user_id: "u-1" }, { click_ids }));
    }
    let reads = 0;
    const counted = {
      ...store,
      readPointers: (keys: readonly string[]) => {
        reads += 1;
        return store.readPointers(keys);
      },
      readPersons: (ids: readonly string[]) => {
        reads += 1;
        return store.readPersons(ids);
      },
    };
    const events = Array.from({ length: 10 }, (_, n) => of({ user_id: `u-${n}`, email: `p${n}@lovelace.dev` }));
    const session = await openIdentities(events, counted, { retentionMs: YEAR_MS });
    for (const event of events) await session.identify(event);
    expect(reads).toBe(2);
  });

  test("an event that teaches nothing writes nothing, also of a person that others were merged into", async () => {
    const store = createMemoryIdentityStore();
    const [phone, email] = [{ phone: "+4915112345678" }, { email: "ada@lovelace.dev" }];
    const events = [
      of({ ...phone, anonymous_id: "a" }, { received_at: 1 }),
      of({ ...email }),
      of({ ...email, ...phone }),
    ];
    await see(store, ...events);
    await see(store, ...events);
    const before = store.writes();
    for (const event of events) await see(store, event);
    expect(store.writes()).toBe(before);
  });

  test("somebody who keeps coming back is kept beyond the retention of the first visit", async () => {
    const store = createMemoryIdentityStore();
    await see(store, of({ user_id: "u-1" }));
    const later = of({}).received_at + YEAR_MS * 0.6;
    await see(store, of({ user_id: "u-1" }, { received_at: later }));
    const { persons, pointers } = store.contents();
    for (const { expires_at } of [...persons, ...pointers]) expect(expires_at).toBe(later + YEAR_MS);
  });

  test("sessions that race on one person lose nothing", async () => {
    const store = createMemoryIdentityStore();
    const events = [
      of({ user_id: "u-1", email: "ada@lovelace.dev" }),
      of({ email: "ada@lovelace.dev", phone: "+4915112345678" }),
      of({ phone: "+4915112345678", anonymous_id: "a-1" }),
      of({ user_id: "u-1", anonymous_id: "a-2" }),
    ];
    const sessions = await Promise.all(events.map((event) => openIdentities([event], store, { retentionMs: YEAR_MS })));
    await Promise.all(sessions.map((session, n) => session.identify(events[n] ?? of({}))));
    const ids = new Set<string | undefined>();
    for (const event of events) ids.add(await personOf(store, event));
    expect(ids.size).toBe(1);
  });

  test("a crash after any write is mended by the redelivery", async () => {
    const history = [
      of({ phone: "+4915112345678" }, { received_at: 1 }),
      of({ email: "ada@lovelace.dev", anonymous_id: "a-1" }),
    ];
    const joining = of({ user_id: "u-1", phone: "+4915112345678", email: "ada@lovelace.dev", anonymous_id: "a-1" });
    for (let crashAt = 1; ; crashAt += 1) {
      const store = createMemoryIdentityStore();
      await see(store, ...history);
      let writes = 0;
      const tick = () => {
        writes += 1;
        if (writes === crashAt) throw new Error("crash");
      };
      const crashing = {
        ...store,
        savePerson: async (...args: Parameters<typeof store.savePerson>) => {
          tick();
          return store.savePerson(...args);
        },
        savePointer: async (...args: Parameters<typeof store.savePointer>) => {
          tick();
          return store.savePointer(...args);
        },
      };
      const crashed = await openIdentities([joining], crashing, { retentionMs: YEAR_MS }).then((session) =>
        session.identify(joining).then(
          () => false,
          () => true,
        ),
      );
      await see(store, joining);
      const ids = new Set<string | undefined>();
      for (const event of [joining, ...history, of({ user_id: "u-1" })]) ids.add(await personOf(store, event));
      expect(ids.size).toBe(1);
      if (!crashed) {
        expect(crashAt).toBeGreaterThan(5);
        return;
      }
    }
  });
});

/** Which events are one person, as text that does not depend on ids or order. */
async function partition(store: MemoryIdentityStore, events: readonly CanonicalEvent[]): Promise<string> {
  const { persons, pointers } = store.contents();
  const root = (id: string | undefined): string | undefined => {
    const person = persons.find((it) => it.id === id);
    return person?.merged_into === undefined ? person?.id : root(person.merged_into);
  };
  const groups = new Map<string, Set<string>>();
  for (const { key } of events.flatMap(graphIdentifiers)) {
    const id = root(pointers.find((pointer) => pointer.key === key)?.person_id) ?? "none";
    groups.set(id, (groups.get(id) ?? new Set()).add(key));
  }
  return [...groups.values()]
    .map((keys) => [...keys].sort().join(" "))
    .sort()
    .join("\n");
}

// Holds while nothing is suspect: a phone may have two e-mails, and of more the order decides which two it joins.
test("e-mails and phones give the same people in any order and with any duplicates", async () => {
  const email = fc.constantFrom("a@x.dev", "b@x.dev", undefined);
  const phone = fc.constantFrom("+4915112345671", "+4915112345672", "+4915112345673", "+4915112345674", undefined);
  const event = fc
    .record({ email, phone, at: fc.integer({ min: 1, max: 50 }) })
    .map(({ email: mail, phone: number, at }) =>
      of(
        { ...(mail === undefined ? {} : { email: mail }), ...(number === undefined ? {} : { phone: number }) },
        { received_at: at },
      ),
    );
  const orders = fc.array(event, { minLength: 1, maxLength: 8 }).chain((events) =>
    fc.record({
      events: fc.constant(events),
      shuffled: fc.shuffledSubarray([...events, ...events], {
        minLength: events.length * 2,
        maxLength: events.length * 2,
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(orders, async ({ events, shuffled }) => {
      const [one, two] = [createMemoryIdentityStore(), createMemoryIdentityStore()];
      await see(one, ...events);
      for (const each of shuffled) await see(two, each);
      expect(await partition(two, events)).toBe(await partition(one, events));
    }),
    { numRuns: 150 },
  );
});
