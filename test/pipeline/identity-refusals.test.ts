import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { CONSENT_PURPOSES, type ConsentState } from "../../src/core/consent.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { hashedEvent } from "../support/events.ts";

const DENIED = Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, "denied"])) as ConsentState;
const USER = { user_id: "u-1", anonymous_id: "a-1", email: "ada@lovelace.dev" };
const TAG = { fbp: "fb.1.1700000000000.1234567890" };

async function see(store: MemoryIdentityStore, event: Partial<CanonicalEvent>) {
  const session = await openIdentities([hashedEvent({ browser_ids: {}, consent: {}, ...event })], store, {
    retentionMs: 180 * DAY_MS,
  });
  return session.identify(hashedEvent({ browser_ids: {}, consent: {}, ...event }));
}

/** The person whom one identifier leads to, as the next event with it alone would find them. */
async function personOf(store: MemoryIdentityStore, user: CanonicalEvent["user"]) {
  const { known } = await see(store, { user });
  const [person] = await store.readPersons([known?.person_id ?? ""]);
  return { id: known?.person_id, consent: known?.consent, person };
}

test("who refuses all storage is remembered for that, by every identifier, and for nothing else", async () => {
  const store = createMemoryIdentityStore();
  const { learned } = await see(store, { user: USER, browser_ids: TAG, consent: DENIED });
  expect(learned).toEqual(["consent"]);
  const ids = new Set<string | undefined>();
  for (const user of [{ user_id: "u-1" }, { anonymous_id: "a-1" }, { email: "ada@lovelace.dev" }]) {
    const { id, consent } = await personOf(store, user);
    ids.add(id);
    expect(consent).toMatchObject(DENIED);
  }
  // That they are of one person is what the graph must not know.
  expect(ids.size).toBe(3);
});

test("the facts of such an event are not kept", async () => {
  const store = createMemoryIdentityStore();
  const { known } = await see(store, { user: USER, browser_ids: TAG, consent: DENIED });
  const [person] = await store.readPersons([known?.person_id ?? ""]);
  expect(person).toMatchObject({ users: {}, hashes: {}, anonymous_ids: [], browser_ids: {}, click_ids: {} });
});

test("it joins nobody: two persons stay two, and both are known to have refused", async () => {
  const store = createMemoryIdentityStore();
  const [byAccount, byMail] = [await personOf(store, { user_id: "u-1" }), await personOf(store, { email: USER.email })];
  await see(store, { user: USER, consent: DENIED });
  const after = [await personOf(store, { user_id: "u-1" }), await personOf(store, { email: USER.email })];
  expect(after.map(({ id }) => id)).toEqual([byAccount.id, byMail.id]);
  expect(after.map(({ consent }) => consent?.ad_storage)).toEqual(["denied", "denied"]);
});

test("a stranger at a shared device refuses nothing for the person whose device it is", async () => {
  const store = createMemoryIdentityStore();
  await see(store, { user: { user_id: "u-owner", anonymous_id: "a-1" } });
  await see(store, { user: { user_id: "u-guest", anonymous_id: "a-1" }, consent: DENIED });
  expect((await personOf(store, { user_id: "u-owner" })).consent).toBeUndefined();
  expect((await personOf(store, { user_id: "u-guest" })).consent?.ad_storage).toBe("denied");
});

test("once they grant, everything is learned again and their identifiers come together", async () => {
  const store = createMemoryIdentityStore();
  const later = hashedEvent().event_time + 60_000;
  const granted = Object.fromEntries(CONSENT_PURPOSES.map((purpose) => [purpose, "granted"])) as ConsentState;
  await see(store, { user: USER, browser_ids: TAG, consent: DENIED });
  await see(store, { user: USER, browser_ids: TAG, consent: granted, event_time: later });
  const [byAccount, byMail] = [await personOf(store, { user_id: "u-1" }), await personOf(store, { email: USER.email })];
  expect(byMail.id).toBe(byAccount.id);
  expect(byMail.consent?.ad_storage).toBe("granted");
});

test("the same refusal again writes nothing", async () => {
  const store = createMemoryIdentityStore();
  await see(store, { user: USER, consent: DENIED });
  const { learned } = await see(store, { user: USER, consent: DENIED });
  expect(learned).toEqual([]);
});

test("a refusal of ads alone is learned from like any event", async () => {
  const store = createMemoryIdentityStore();
  const { learned } = await see(store, { user: USER, consent: { ad_storage: "denied", ad_user_data: "denied" } });
  expect(learned).toEqual(expect.arrayContaining(["user_id", "email_plain", "anonymous_id"]));
});
