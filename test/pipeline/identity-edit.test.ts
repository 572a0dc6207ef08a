import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { type ErasableIdentityStore, erasePerson, splitPerson } from "../../src/pipeline/identity-edit.ts";
import { hashedEvent } from "../support/events.ts";

const YEAR_MS = 365 * 86_400_000;
const SCOPES = ["shop"];
const ADA = { email: "ada@lovelace.dev", user_id: "u-ada" };
const BOB = { phone: "+4915112345678", anonymous_id: "bobs-phone" };

function of(user: User, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return hashedEvent({ user, browser_ids: {}, ...changes });
}

async function see(store: MemoryIdentityStore, ...events: CanonicalEvent[]) {
  const session = await openIdentities(events, store, { retentionMs: YEAR_MS });
  const results = [];
  for (const event of events) results.push(await session.identify(event));
  return results;
}

async function personOf(store: MemoryIdentityStore, user: User): Promise<string> {
  const [result] = await see(store, of(user));
  return result?.known?.person_id ?? "nobody";
}

/** Ada, and Bob who was taken for her because he once gave her e-mail with his phone. */
async function mistaken() {
  const store = createMemoryIdentityStore();
  const gclid = { value: "bobs-click-1", seen_at: of({}).event_time - 1_000 };
  await see(store, of(ADA, { received_at: 1_000 }), of(BOB, { received_at: 2_000, click_ids: { gclid } }));
  const bob = await personOf(store, BOB);
  await see(store, of({ email: ADA.email, phone: BOB.phone }, { event_id: "mistake" }));
  const ada = await personOf(store, ADA);
  return { store, ids: { personId: ada, mergedId: bob } };
}

/** A store that stops answering after so many writes. */
function crashing(store: MemoryIdentityStore, after: number): { store: ErasableIdentityStore; crashed(): boolean } {
  let writes = 0;
  const counted =
    <Input extends unknown[]>(write: (...input: Input) => Promise<boolean>) =>
    async (...input: Input) => {
      writes += 1;
      if (writes > after) throw new Error("crash");
      return write(...input);
    };
  return {
    store: {
      ...store,
      savePerson: counted(store.savePerson),
      savePointer: counted(store.savePointer),
      deletePerson: counted(store.deletePerson),
      deletePointer: counted(store.deletePointer),
    },
    crashed: () => writes > after,
  };
}

/** The second of all writes meets an event of the same person, which was faster. */
function disturbed(store: MemoryIdentityStore, event: CanonicalEvent): ErasableIdentityStore {
  let isFirst = true;
  async function disturb() {
    if (!isFirst) return;
    isFirst = false;
    await see(store, event);
  }
  return {
    ...store,
    savePerson: async (person) => {
      await disturb();
      return store.savePerson(person);
    },
    deletePointer: async (pointer) => {
      await disturb();
      return store.deletePointer(pointer);
    },
  };
}

describe("split", () => {
  test("a person who was merged by mistake stands alone again, with what is theirs and nothing else", async () => {
    const { ids, store } = await mistaken();
    expect(await personOf(store, BOB)).toBe(ids.personId);
    const result = await splitPerson(ids, SCOPES, store);
    expect(result).toMatchObject({ kind: "split", pointers: 3 });
    expect(await personOf(store, { anonymous_id: BOB.anonymous_id })).toBe(ids.mergedId);
    const [ada] = await see(store, of({ user_id: ADA.user_id }));
    expect(ada?.known).toMatchObject({ person_id: ids.personId, hashes: { email_plain: expect.any(String) } });
    expect(ada?.filled).not.toContain("phone_e164");
    expect(ada?.filled).not.toContain("anonymous_id");
    expect(ada?.filled).not.toContain("gclid");
    const [bob] = await see(store, of({ phone: BOB.phone }));
    expect(bob?.known).toMatchObject({ person_id: ids.mergedId, click_ids: { gclid: { value: "bobs-click-1" } } });
    expect(bob?.filled).not.toContain("user_id");
  });

  test("the same mistake again does not join them again", async () => {
    const { ids, store } = await mistaken();
    await splitPerson(ids, SCOPES, store);
    await see(store, of({ email: ADA.email, phone: BOB.phone }), of({ email: ADA.email, ...BOB }));
    expect(await personOf(store, { user_id: ADA.user_id })).toBe(ids.personId);
    const { persons } = store.contents();
    expect(persons.map(({ id }) => id).sort()).toEqual([ids.personId, ids.mergedId].sort());
    expect(persons.filter(({ merged_into }) => merged_into !== undefined)).toEqual([]);
  });

  test("a second call changes nothing, and who was never merged is not split", async () => {
    const { ids, store } = await mistaken();
    await splitPerson(ids, SCOPES, store);
    const before = store.contents();
    expect(await splitPerson(ids, SCOPES, store)).toMatchObject({ kind: "split", pointers: 3 });
    expect(store.contents()).toEqual(before);
    expect(await splitPerson({ personId: ids.personId, mergedId: "nobody" }, SCOPES, store)).toEqual({
      kind: "not_found",
    });
    const stranger = await personOf(store, { email: "eve@lovelace.dev" });
    expect(await splitPerson({ ...ids, mergedId: stranger }, SCOPES, store)).toEqual({ kind: "not_merged" });
    expect(await splitPerson({ ...ids, personId: stranger }, SCOPES, store)).toEqual({ kind: "not_merged" });
  });

  test("who was merged into somebody who was merged further is taken out of both", async () => {
    const { ids, store } = await mistaken();
    const carol = { email: "carol@lovelace.dev" };
    await see(store, of(carol, { received_at: 500 }), of({ ...carol, user_id: ADA.user_id }));
    const top = await personOf(store, carol);
    expect([top, await personOf(store, BOB)]).toEqual([await personOf(store, ADA), top]);
    expect(top).not.toBe(ids.personId);
    await splitPerson({ ...ids, personId: top }, SCOPES, store);
    expect(await personOf(store, { anonymous_id: BOB.anonymous_id })).toBe(ids.mergedId);
    const [ada] = await see(store, of({ user_id: ADA.user_id }));
    expect(ada?.known?.person_id).toBe(top);
    expect(ada?.filled).not.toContain("phone_e164");
  });

  test("a crash after any write is mended by the same call", async () => {
    for (let after = 0; ; after += 1) {
      const { ids, store } = await mistaken();
      const broken = crashing(store, after);
      await splitPerson(ids, SCOPES, broken.store).catch(() => {});
      expect((await splitPerson(ids, SCOPES, store)).kind).toBe("split");
      expect(await personOf(store, { anonymous_id: BOB.anonymous_id })).toBe(ids.mergedId);
      expect(await personOf(store, { phone: BOB.phone })).toBe(ids.mergedId);
      const [ada] = await see(store, of({ user_id: ADA.user_id }));
      expect([ada?.known?.person_id, ada?.filled?.includes("phone_e164")]).toEqual([ids.personId, false]);
      if (!broken.crashed()) {
        expect(after).toBe(3);
        return;
      }
    }
  });

  test("an event of the same person in between costs a round and loses nothing", async () => {
    const { ids, store } = await mistaken();
    const event = of({ user_id: ADA.user_id, anonymous_id: "adas-laptop" });
    expect((await splitPerson(ids, SCOPES, disturbed(store, event))).kind).toBe("split");
    expect(await personOf(store, { anonymous_id: "adas-laptop" })).toBe(ids.personId);
    expect(await personOf(store, { anonymous_id: BOB.anonymous_id })).toBe(ids.mergedId);
  });
});

describe("erase", () => {
  test("a person, everybody merged into them and all their pointers are gone, and others stay", async () => {
    const { ids, store } = await mistaken();
    const eve = await personOf(store, { email: "eve@lovelace.dev" });
    expect(await erasePerson(ids.mergedId, SCOPES, store)).toBe(7);
    const { persons, pointers } = store.contents();
    expect([persons.map(({ id }) => id), pointers.map(({ person_id }) => person_id)]).toEqual([[eve], [eve]]);
    expect(await erasePerson(ids.mergedId, SCOPES, store)).toBe(0);
    const [again] = await see(store, of({ user_id: ADA.user_id }));
    expect(again?.filled).toEqual([]);
  });

  test("who was split off is another person and stays", async () => {
    const { ids, store } = await mistaken();
    await splitPerson(ids, SCOPES, store);
    await erasePerson(ids.personId, SCOPES, store);
    expect(store.contents().persons.map(({ id }) => id)).toEqual([ids.mergedId]);
    expect(await personOf(store, { phone: BOB.phone })).toBe(ids.mergedId);
  });

  test("a crash after any write is mended by the same call", async () => {
    for (let after = 0; ; after += 1) {
      const { ids, store } = await mistaken();
      const broken = crashing(store, after);
      await erasePerson(ids.mergedId, SCOPES, broken.store).catch(() => {});
      await erasePerson(ids.mergedId, SCOPES, store);
      expect(store.contents()).toEqual({ persons: [], pointers: [] });
      if (!broken.crashed()) {
        expect(after).toBeGreaterThan(4);
        return;
      }
    }
  });

  test("an event of the same person in between costs a round", async () => {
    const { ids, store } = await mistaken();
    const event = of({ user_id: ADA.user_id, anonymous_id: "adas-laptop" });
    await erasePerson(ids.personId, SCOPES, disturbed(store, event));
    expect(store.contents().persons).toEqual([]);
  });
});
