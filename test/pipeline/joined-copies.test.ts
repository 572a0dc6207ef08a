import fc from "fast-check";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { ConsentState } from "../../src/core/consent.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import type { IdentityStore } from "../../src/pipeline/identity.ts";
import { erasePerson } from "../../src/pipeline/identity-edit.ts";
import { DENIED, GRANTED, GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { tcString } from "../support/consent-strings.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { hashedEvent, purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const AT = purchaseEvent().received_at;
const settings: EnrichSettings = {
  ...enrichingFor([testLane("meta")]),
  merge: { events: ["purchase"], windowSeconds: 30, scopes: ["shop"] },
};

const world = () => ({ ...enrichPorts(["meta"], AT + 1_000), archive: createMemoryEventArchive() });

type Ports = Omit<ReturnType<typeof world>, "identities"> & { readonly identities: IdentityStore };

const copyIds = new Map<CanonicalEvent, string>();
const ids = Array.from({ length: 1_000 }, (_, n) => `id-${n}`).values();
const nextId = () => ids.next().value ?? "more";

/** Answers whether the record was taken, as a worker would that reads it once. The same event again is a redelivery. */
async function enrich(event: CanonicalEvent, ports: Ports, consent = GRANTED_BY_DEFAULT): Promise<boolean> {
  const copyId = copyIds.get(event) ?? nextId();
  copyIds.set(event, copyId);
  return (await enrichBatch([queuedCopy(event, copyId, copyId)], { ...settings, consent }, ports)).length === 0;
}

const device = (user: User, changes: Partial<CanonicalEvent> = {}) =>
  purchaseEvent({ user: { ip: "203.0.113.7", ...user }, browser_ids: {}, consent: GRANTED, ...changes });

function server(user: User, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const source = { id: "back-end", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } as const;
  return device(user, { source, ...changes });
}

function visit(user: User, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return device(user, { event_id: `visit-${nextId()}`, event_name: "page_view", ...changes });
}

/** What the graph adds to a page view: the e-mail's hash says whether the browser is the buyer's by now. */
async function filledIn(event: CanonicalEvent, ports: Ports): Promise<string[]> {
  expect(await enrich(event, ports)).toBe(true);
  const [story] = await ports.store.readStory(event.event_id, ["shop"]);
  return story?.claim?.story.identity.filled ?? [];
}

const keyOf = (user: User) => graphIdentifiers(hashedEvent({ user, browser_ids: {} }))[0]?.key ?? "";

const ADA = { email: "ada@lovelace.dev" };
const GRACE = { email: "grace@hopper.dev" };
const PHONE = { anonymous_id: "ada's phone" };

describe.each([
  { order: "the device's copy first", sort: (a: CanonicalEvent, b: CanonicalEvent) => [a, b] },
  { order: "the server's copy first", sort: (a: CanonicalEvent, b: CanonicalEvent) => [b, a] },
])("two copies without an identifier in common, $order", ({ sort }) => {
  async function bought(deviceCopy: CanonicalEvent, serverCopy: CanonicalEvent, ports: Ports): Promise<void> {
    for (const copy of sort(deviceCopy, serverCopy)) expect(await enrich(copy, ports)).toBe(true);
  }

  test("make one person of visitor and buyer, with what both had done", async () => {
    const ports = world();
    await enrich(
      visit(PHONE, { click_ids: { gclid: { value: "Cj0KCQ-first", seen_at: purchaseEvent().event_time } } }),
      ports,
    );
    await bought(device(PHONE), server(ADA), ports);
    expect(await filledIn(visit(PHONE), ports)).toEqual(expect.arrayContaining(["email_plain", "gclid"]));
    expect(await filledIn(visit(ADA), ports)).toEqual(expect.arrayContaining(["anonymous_id", "gclid"]));
    const persons = ports.identities.contents().persons.filter(({ merged_into }) => merged_into === undefined);
    expect(persons).toHaveLength(1);
    expect(persons[0]?.merge_records).toEqual([expect.objectContaining({ event_id: "order-100017" })]);
    expect(JSON.stringify(ports.log.lines)).toContain("tells whose the device is");
  });

  test("a browser that was another buyer's follows the newer one, and the two stay two", async () => {
    const ports = world();
    await enrich(visit({ ...PHONE, ...GRACE }), ports);
    await bought(device(PHONE), server(ADA), ports);
    const { persons, pointers } = ports.identities.contents();
    expect(persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
    const owner = (user: User) => pointers.find(({ key }) => key === keyOf(user))?.person_id;
    expect(owner(PHONE)).toBe(owner(ADA));
    expect(owner(PHONE)).not.toBe(owner(GRACE));
  });

  test("a device that names somebody itself is believed", async () => {
    const ports = world();
    await bought(device({ ...PHONE, ...GRACE }), server(ADA), ports);
    const { persons } = ports.identities.contents();
    expect(persons.filter(({ merged_into }) => merged_into === undefined)).toHaveLength(2);
    expect(JSON.stringify(ports.log.lines)).not.toContain("tells whose");
  });

  test("a server that names nobody joins nobody: its constant id would make one person of all visitors", async () => {
    const ports = world();
    await bought(device(PHONE), server({ anonymous_id: "backend" }), ports);
    expect(ports.identities.contents().persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
  });

  test("whom a back end's constant id leads to is not who bought: a stranger's browser would be taken for them", async () => {
    const ports = world();
    const constant = { anonymous_id: "backend" };
    await enrich(server({ ...constant, ...GRACE }, { event_id: "earlier order" }), ports);
    await bought(device(PHONE), server(constant), ports);
    expect(await filledIn(visit(PHONE), ports)).not.toContain("email_plain");
  });

  test("an address that is suspect by now does not say who bought, and nor does the constant id beside it", async () => {
    const ports = world();
    const till = { phone: "+4915112345678", anonymous_id: "backend" };
    const cookies = { browser_ids: { ga_client_id: "555.1700000000" } };
    for (const n of [1, 2, 3])
      await enrich(server({ ...till, email: `n${n}@hopper.dev` }, { ...cookies, event_id: `o-${n}` }), ports);
    await bought(device(PHONE), server(till, cookies), ports);
    expect(await filledIn(visit(PHONE), ports)).not.toContain("email_plain");
  });

  test("what the device refused outlasts the server's grant of the same purchase, a second later", async () => {
    const ports = world();
    const time = purchaseEvent().event_time;
    const refused: ConsentState = { ...GRANTED, ad_user_data: "denied" };
    await bought(device(PHONE, { consent: refused }), server(ADA, { event_time: time + 1_000 }), ports);
    for (const user of [PHONE, ADA]) {
      const event_id = `silent-${nextId()}`;
      await enrich(visit(user, { event_id, consent: {}, event_time: time + 60_000 }), ports);
      const [story] = await ports.store.readStory(event_id, ["shop"]);
      expect(story?.claim?.story.consent?.ad_user_data).toEqual({ value: "denied", by: "earlier" });
    }
    // At the device they may grant it again.
    const granted = visit(PHONE, { event_time: time + 120_000 });
    expect(await filledIn(granted, ports)).toContain("email_plain");
    expect(await filledIn(visit(PHONE, { consent: {}, event_time: time + 180_000 }), ports)).toContain("email_plain");
  });

  test("what a tag refused with the purchase is taken back by the string that the device shows after it", async () => {
    const ports = world();
    const time = purchaseEvent().event_time;
    await bought(device(PHONE, { consent: { ...GRANTED, ad_user_data: "denied" } }), server(ADA), ports);
    const tcf = tcString({ purposes: [1, 3, 4, 7], updatedAt: time - 20 * DAY_MS });
    const shown = visit(PHONE, { consent: { tcf }, event_time: time + 60_000 });
    expect(await filledIn(shown, ports)).toContain("email_plain");
  });

  test("a grant at the device takes back no refusal by name", async () => {
    const ports = world();
    const time = purchaseEvent().event_time;
    await enrich(visit(ADA, { consent: { ad_user_data: "denied" }, event_time: time - 60_000 }), ports);
    await bought(device(PHONE), server(ADA, { consent: {} }), ports);
    const event_id = `silent-${nextId()}`;
    await enrich(visit(ADA, { event_id, consent: {}, event_time: time + 60_000 }), ports);
    const [story] = await ports.store.readStory(event_id, ["shop"]);
    expect(story?.claim?.story.consent?.ad_user_data).toEqual({ value: "denied", by: "earlier" });
  });

  test.each<{ who: string; user: User }>([
    { who: "the device", user: PHONE },
    { who: "the buyer", user: ADA },
  ])("nothing is joined where $who had said no to storage earlier, and nothing since", async ({ user }) => {
    const ports = world();
    const consent: ConsentState = { ad_storage: "denied", analytics_storage: "denied" };
    await enrich(visit(user, { consent, event_time: purchaseEvent().event_time - 60_000 }), ports);
    await bought(device(PHONE, { consent: {} }), server(ADA, { consent: {} }), ports);
    expect(ports.identities.contents().persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
  });

  test.each([
    { by: "a default", defaults: [{ countries: ["*"], purposes: DENIED }] },
    { by: "the lack of one", defaults: [] },
  ])("the no of $by is nobody's refusal", async ({ defaults }) => {
    const ports = world();
    for (const copy of sort(device(PHONE, { consent: {} }), server(ADA, { consent: {} }))) {
      expect(await enrich(copy, ports, { defaults, honourGpc: true })).toBe(true);
    }
    expect(ports.identities.contents().persons.filter(({ merged_into }) => merged_into !== undefined)).toHaveLength(1);
  });

  test("Global Privacy Control holds for the buyer until it is off again", async () => {
    const ports = world();
    const time = purchaseEvent().event_time;
    await bought(device(PHONE, { consent: { gpc: true } }), server(ADA, { consent: {} }), ports);
    const silent = visit(ADA, { consent: {}, event_time: time + 60_000 });
    const off = visit(PHONE, { consent: { gpc: false }, event_time: time + 120_000 });
    for (const [event, value] of [
      [silent, { value: "denied", by: "gpc" }],
      [off, { value: "granted", by: "default" }],
    ] as const) {
      await enrich(event, ports);
      const [story] = await ports.store.readStory(event.event_id, ["shop"]);
      expect(story?.claim?.story.consent?.ad_user_data).toEqual(value);
    }
  });

  test("a buyer who is erased takes along the browser that was somebody else's before", async () => {
    const ports = world();
    await enrich(visit({ ...PHONE, ...GRACE }, { browser_ids: { fbp: "fb.1.1700000000000.7" } }), ports);
    await bought(device(PHONE, { browser_ids: { fbp: "fb.1.1700000000000.7" } }), server(ADA), ports);
    const person = ports.identities.contents().pointers.find(({ key }) => key === keyOf(ADA))?.person_id ?? "";
    await erasePerson(person, ["shop"], ports.identities);
    expect(ports.identities.contents().pointers.filter(({ person_id }) => person_id === person)).toEqual([]);
  });

  test.each<{ who: string; refusing: (copy: CanonicalEvent) => boolean }>([
    { who: "the device", refusing: ({ source }) => source.kind !== "server" },
    { who: "the server", refusing: ({ source }) => source.kind === "server" },
  ])("nothing is joined where $who was told not to store anything", async ({ refusing }) => {
    const ports = world();
    const refused: ConsentState = { ad_storage: "denied", analytics_storage: "denied" };
    const [a, b] = [device(PHONE), server(ADA)].map((copy) => (refusing(copy) ? { ...copy, consent: refused } : copy));
    await enrich(visit(PHONE), ports);
    await enrich(visit(ADA), ports);
    if (a !== undefined && b !== undefined) await bought(a, b, ports);
    expect(ports.identities.contents().persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
  });

  test("who is gone from the graph when the second copy comes is not brought back", async () => {
    const ports = world();
    const [first, second] = sort(device(PHONE), server(ADA));
    if (first === undefined || second === undefined) throw new Error("two copies");
    await enrich(first, ports);
    const before = ports.identities.contents();
    for (const pointer of before.pointers) await ports.identities.deletePointer(pointer);
    for (const person of before.persons) await ports.identities.deletePerson(person);
    await enrich(second, ports);
    const keys = ports.identities.contents().pointers.map(({ key }) => key);
    expect(keys.filter((key) => before.pointers.some((it) => it.key === key))).toEqual([]);
  });

  test.each([1, 2, 3, 4])("a join that dies after write %d is done when the copy comes again", async (last) => {
    const ports = world();
    const [first, second] = sort(device(PHONE), server(ADA));
    if (first === undefined || second === undefined) throw new Error("two copies");
    await enrich(first, ports);
    await enrich(visit(second.user), ports);
    let writes = 0;
    const write = <Args extends unknown[]>(save: (...args: Args) => Promise<boolean>) => {
      return async (...args: Args) => {
        writes += 1;
        if (writes > last) throw new Error("gone");
        return save(...args);
      };
    };
    const { savePerson, savePointer } = ports.identities;
    const dying = { ...ports.identities, savePerson: write(savePerson), savePointer: write(savePointer) };
    await enrich(second, { ...ports, identities: dying });
    expect(await enrich(second, ports)).toBe(true);
    const { persons, pointers } = ports.identities.contents();
    const root = (id: string): string => {
      const into = persons.find((it) => it.id === id)?.merged_into;
      return into === undefined ? id : root(into);
    };
    expect(new Set(pointers.map(({ person_id }) => root(person_id))).size).toBe(1);
  });

  test("what the store refuses is done when the copy comes again", async () => {
    const ports = world();
    const [first, second] = sort(device(PHONE), server(ADA));
    if (first === undefined || second === undefined) throw new Error("two copies");
    await enrich(first, ports);
    let saves = 0;
    const failing: IdentityStore = {
      ...ports.identities,
      async savePerson(person) {
        saves += 1;
        // The first is the copy's own person, the second the join.
        if (saves > 1) throw new Error("throttled");
        return ports.identities.savePerson(person);
      },
    };
    expect(await enrich(second, { ...ports, identities: failing })).toBe(false);
    expect(await enrich(second, ports)).toBe(true);
    expect(await filledIn(visit(PHONE), ports)).toContain("email_plain");
    const writes = ports.identities.writes();
    expect(await enrich(second, ports)).toBe(true);
    expect(ports.identities.writes()).toBe(writes);
  });
});

test.each([
  { whose: "nobody's", before: [] },
  { whose: "somebody's", before: [visit({ ...PHONE, email: "joan@clarke.dev" })] },
])(
  "a browser that was $whose and has somebody else's name since is not the late server's buyer's",
  async ({ before }) => {
    const ports = world();
    const used = [...before, device(PHONE), visit({ ...PHONE, ...GRACE }), server(ADA)];
    for (const event of used) await enrich(event, ports);
    const { pointers } = ports.identities.contents();
    const owner = (user: User) => pointers.find(({ key }) => key === keyOf(user))?.person_id;
    expect(owner(PHONE)).toBe(owner(GRACE));
    expect(owner(PHONE)).not.toBe(owner(ADA));
  },
);

test("whoever opens the page of an order again an hour later is not the buyer for that", async () => {
  const ports = world();
  const { event_time } = server(ADA);
  await enrich(server(ADA), ports);
  await enrich(device(PHONE, { event_time: event_time + HOUR_MS + 1 }), ports);
  expect(await filledIn(visit(PHONE), ports)).not.toContain("email_plain");
});

test("a kiosk that many use is not the device of who bought at it", async () => {
  const ports = world();
  for (let n = 0; n < 12; n += 1) {
    await enrich(visit({ ...PHONE, email: `guest-${n}@hopper.dev` }), ports);
  }
  await enrich(server(ADA), ports);
  await enrich(device(PHONE), ports);
  expect(await filledIn(visit(ADA), ports)).not.toContain("anonymous_id");
});

test("an event id that a broken tag gives to everybody joins one visitor with one buyer at most", async () => {
  const ports = world();
  await enrich(server(ADA), ports);
  for (let n = 0; n < 20; n += 1) await enrich(device({ anonymous_id: `visitor ${n}` }), ports);
  const { persons } = ports.identities.contents();
  expect(persons.filter(({ merged_into }) => merged_into !== undefined)).toHaveLength(1);
});

test("a story does not keep by which keys a device that names somebody is known, nor those of a server", async () => {
  const ports = world();
  await enrich(device({ ...PHONE, ...ADA }), ports);
  await enrich(server(ADA, { event_id: "other" }), ports);
  for (const id of ["order-100017", "other"]) {
    const [story] = await ports.store.readStory(id, ["shop"]);
    expect(story?.claim?.story.merge).toBeDefined();
    expect(story?.claim?.story.merge?.device_keys).toBeUndefined();
  }
});

test("G19: whatever comes in between, and from whichever worker, visitor and buyer end as one person", async () => {
  const others = [
    visit(PHONE),
    visit(ADA),
    visit({ ...ADA, phone: "+4915112345678" }),
    visit({ phone: "+4915112345678" }),
  ];
  const shuffled = fc.shuffledSubarray([device(PHONE), server(ADA), ...others], { minLength: 6 });
  await fc.assert(
    fc.asyncProperty(shuffled, fc.scheduler(), async (events, scheduler) => {
      const { identities, ...rest } = world();
      const ports: Ports = {
        ...rest,
        identities: {
          readPointers: scheduler.scheduleFunction(identities.readPointers),
          readPersons: scheduler.scheduleFunction(identities.readPersons),
          savePerson: scheduler.scheduleFunction(identities.savePerson),
          savePointer: scheduler.scheduleFunction(identities.savePointer),
        },
      };
      const untilTaken = async (event: CanonicalEvent) => {
        while (!(await enrich(event, ports)));
      };
      await scheduler.waitFor(Promise.all(events.map(untilTaken)));
      const { persons, pointers } = identities.contents();
      const root = (id: string): string => {
        const into = persons.find((it) => it.id === id)?.merged_into;
        return into === undefined ? id : root(into);
      };
      expect(new Set(pointers.map(({ person_id }) => root(person_id))).size).toBe(1);
    }),
    { numRuns: 200 },
  );
});
