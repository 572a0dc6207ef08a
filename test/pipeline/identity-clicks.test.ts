import fc from "fast-check";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { ClickId } from "../../src/core/click-ids.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { BrowserIds, CanonicalEvent, User } from "../../src/core/event.ts";
import { personKeys } from "../../src/core/person-keys.ts";
import { DEVICE_COOKIES } from "../../src/core/scoped-digest.ts";
import { type Identified, openIdentities } from "../../src/pipeline/identity.ts";
import { erasePerson } from "../../src/pipeline/identity-edit.ts";
import { hashedEvent } from "../support/events.ts";

const RULES = { retentionMs: 365 * DAY_MS };
const AT = hashedEvent().event_time;
const ADA = { email: "ada@lovelace.dev" };
const GRACE = { email: "grace@hopper.dev" };

interface Sent {
  readonly click?: string;
  readonly name?: ClickId;
  readonly browser_ids?: BrowserIds;
  readonly consent?: CanonicalEvent["consent"];
}

function sent(user: User, { browser_ids = {}, click, consent, name = "gclid" }: Sent = {}): CanonicalEvent {
  const clicks = click === undefined ? {} : { click_ids: { [name]: { value: click, seen_at: AT } } };
  return hashedEvent({ user, browser_ids, ...clicks, ...(consent === undefined ? {} : { consent }) });
}

function fromServer(user: User, more: Sent = {}): CanonicalEvent {
  return { ...sent(user, more), source: { id: "crm", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } };
}

async function see(store: MemoryIdentityStore, event: CanonicalEvent): Promise<Identified> {
  return (await openIdentities([event], store, RULES)).identify(event);
}

const visitor = (n: number): User => ({ anonymous_id: `visitor-${n}` });

test("a lead that a back end sends with the visit's click is of that visitor", async () => {
  const store = createMemoryIdentityStore();
  const visit = await see(store, sent(visitor(1), { click: "Cj0KCQ-1" }));
  const lead = await see(store, fromServer(ADA, { click: "Cj0KCQ-1" }));
  expect(lead).toMatchObject({ known: { person_id: visit.known?.person_id, anonymous_id: "visitor-1" } });
  expect(lead.found_by).toBeUndefined();
  expect((await see(store, sent(visitor(1)))).filled).toContain("email_plain");
});

test("a back end's event with nothing but the click finds who came by it, and says so", async () => {
  const store = createMemoryIdentityStore();
  await see(store, sent({ ...visitor(1), ...ADA }, { click: "Cj0KCQ-1" }));
  const won = await see(store, fromServer({}, { click: "Cj0KCQ-1" }));
  expect(won).toMatchObject({ found_by: "click", filled: expect.arrayContaining(["email_plain", "anonymous_id"]) });
});

test("a click that nobody came by is nobody, and is not kept", async () => {
  const store = createMemoryIdentityStore();
  expect(await see(store, fromServer({}, { click: "Cj0KCQ-1" }))).toEqual({ learned: [] });
  expect(store.writes()).toBe(0);
});

test("Meta's cookie holds the same click as its parameter", async () => {
  const store = createMemoryIdentityStore();
  await see(store, sent({ ...visitor(1), ...ADA }, { browser_ids: { fbc: `fb.1.${AT}.IwAR-1.x` } }));
  expect(await see(store, fromServer({}, { click: "IwAR-1.x", name: "fbclid" }))).toMatchObject({ found_by: "click" });
});

test.each<ClickId>(["gbraid", "wbraid"])("%s is made for several people at once and leads to none", async (name) => {
  const store = createMemoryIdentityStore();
  await see(store, sent({ ...visitor(1), ...ADA }, { click: "0AAAA-1", name }));
  expect((await see(store, fromServer({}, { click: "0AAAA-1", name }))).known).toBeUndefined();
});

test.each(["organic", "newsletter", "1", "fb-12"])(
  "what forms leave in the field of a click is none: %s",
  async (click) => {
    const store = createMemoryIdentityStore();
    await see(store, sent({ ...visitor(1), ...ADA }, { click }));
    expect((await see(store, fromServer({}, { click }))).known).toBeUndefined();
  },
);

test("a link that was sent on with its click id leads to nobody any more", async () => {
  const store = createMemoryIdentityStore();
  await see(store, sent(visitor(1), { click: "Cj0KCQ-1" }));
  await see(store, sent(visitor(2), { click: "Cj0KCQ-1" }));
  const lead = await see(store, fromServer(ADA, { click: "Cj0KCQ-1" }));
  expect(lead.known?.anonymous_id).toBeUndefined();
  for (const n of [1, 2]) expect((await see(store, sent(visitor(n)))).filled).not.toContain("email_plain");
});

test.each([
  { sends: "another visitor", user: visitor(2) },
  { sends: "somebody else's name", user: GRACE },
  { sends: "nothing", user: {} },
])("a browser that sends $sends with a click is not taken for the person behind it", async ({ user }) => {
  const store = createMemoryIdentityStore();
  const ada = await see(store, sent({ ...visitor(1), ...ADA }, { click: "Cj0KCQ-1" }));
  const other = await see(store, sent(user, { click: "Cj0KCQ-1" }));
  expect(ada.known?.person_id).toBeDefined();
  expect(other.known?.person_id).not.toBe(ada.known?.person_id);
});

test("a back end's event that names a device goes by the device", async () => {
  const store = createMemoryIdentityStore();
  const ada = await see(store, sent({ ...visitor(1), ...ADA }, { click: "Cj0KCQ-1" }));
  const other = await see(store, fromServer(visitor(2), { click: "Cj0KCQ-1" }));
  expect(other.known?.person_id).not.toBe(ada.known?.person_id);
});

test("a click of one person in the lead of another joins them not, and leads to nobody from then on", async () => {
  const store = createMemoryIdentityStore();
  const ada = await see(store, sent({ ...visitor(1), ...ADA }, { click: "Cj0KCQ-1" }));
  const grace = await see(store, fromServer(GRACE, { click: "Cj0KCQ-1" }));
  expect(grace.known?.person_id).not.toBe(ada.known?.person_id);
  expect((await see(store, fromServer({}, { click: "Cj0KCQ-1" }))).known).toBeUndefined();
});

test("who refuses all storage leaves no click behind", async () => {
  const store = createMemoryIdentityStore();
  const consent = { ad_storage: "denied", analytics_storage: "denied" } as const;
  await see(store, sent(visitor(1), { click: "Cj0KCQ-1", consent }));
  expect(store.contents().pointers.filter(({ key }) => key.startsWith("click#"))).toEqual([]);
});

test("the same click on every page writes nothing more, until half of its ninety days are over", async () => {
  const store = createMemoryIdentityStore();
  const visit = sent(visitor(1), { click: "Cj0KCQ-1" });
  await see(store, visit);
  const writes = store.writes();
  await see(store, visit);
  await see(store, { ...visit, received_at: visit.received_at + 44 * DAY_MS });
  expect(store.writes()).toBe(writes);
  const click = store.contents().pointers.find(({ key }) => key.startsWith("click#"));
  expect(click?.expires_at).toBe(visit.received_at + 90 * DAY_MS);
});

test("a click looks its person up, and goes with the person", async () => {
  const store = createMemoryIdentityStore();
  const ada = await see(
    store,
    sent({ ...visitor(1), ...ADA }, { click: "Cj0KCQ-1", browser_ids: { fbc: `fb.1.${AT}.IwAR-123` } }),
  );
  for (const text of ["Cj0KCQ-1", "IwAR-123", `fb.1.${AT}.IwAR-123`]) {
    const pointers = await store.readPointers(personKeys(text, { scopes: ["shop"] }));
    expect(pointers.flatMap((it) => it?.person_id ?? [])).toContain(ada.known?.person_id);
  }
  await erasePerson(ada.known?.person_id ?? "", ["shop"], store);
  expect(store.contents()).toEqual({ persons: [], pointers: [] });
});

test.each(DEVICE_COOKIES)("a browser is known again by %s alone", async (cookie) => {
  const store = createMemoryIdentityStore();
  const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  await see(store, sent(ADA, { browser_ids: { [cookie]: id } }));
  expect((await see(store, sent({}, { browser_ids: { [cookie]: id } }))).filled).toContain("email_plain");
  const [pointer] = (await store.readPointers(personKeys(id, { scopes: ["shop"] }))).filter((it) => it !== undefined);
  expect(pointer?.key).toMatch(new RegExp(`^${cookie}#`));
});

test("no chain of clicks makes one person of two who are named", async () => {
  const event = fc.record({
    email: fc.constantFrom(undefined, "a@x.dev", "b@x.dev", "c@x.dev"),
    visitor: fc.constantFrom(undefined, 1, 2, 3),
    click: fc.constantFrom(undefined, "click-01", "click-02"),
    isServer: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const store = createMemoryIdentityStore();
      for (const { click, email, isServer, visitor: n } of events) {
        const user = { ...(n === undefined ? {} : visitor(n)), ...(email === undefined ? {} : { email }) };
        await see(store, (isServer ? fromServer : sent)(user, click === undefined ? {} : { click }));
      }
      const { persons, pointers } = store.contents();
      const root = (id: string): string => {
        const into = persons.find((it) => it.id === id)?.merged_into;
        return into === undefined ? id : root(into);
      };
      const named = pointers.filter(({ key }) => key.startsWith("email#"));
      expect(new Set(named.map(({ person_id }) => root(person_id))).size).toBe(named.length);
    }),
    { numRuns: 500 },
  );
});
