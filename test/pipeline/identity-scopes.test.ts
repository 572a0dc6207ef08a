import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { eventPersonKeys, personKeys } from "../../src/core/person-keys.ts";
import { scopesOf } from "../../src/ops/people.ts";
import { eventSource } from "../../src/pipeline/event-source.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { erasePerson } from "../../src/pipeline/identity-edit.ts";
import { hashedEvent } from "../support/events.ts";

const YEAR_MS = 365 * 86_400_000;

function configured(identity: object, red: object = {}, blue: object = {}) {
  const server = { kind: "server" as const };
  const sources = { red: { ...server, ...red }, blue: { ...server, ...blue } };
  return resolveConfig({ environment: "test", sources, destinations: {}, identity }, {});
}

type Config = ReturnType<typeof configured>;

/** An event of one of the two brands, as ingest makes it. */
function at(config: Config, brand: string, user: User, browser_ids: CanonicalEvent["browser_ids"] = {}) {
  const source = config.sources.find(({ id }) => id === brand);
  if (source === undefined) throw new Error(`no source ${brand}`);
  return hashedEvent({ source: eventSource(source, "tracklayer"), user, browser_ids });
}

async function see(store: MemoryIdentityStore, ...events: CanonicalEvent[]) {
  const results = [];
  for (const event of events) {
    const session = await openIdentities([event], store, { retentionMs: YEAR_MS });
    results.push((await session.identify(event)).known);
  }
  return results;
}

const ADA = { email: "ada@lovelace.dev", phone: "+4915112345678" };
const TAG = { fbp: "fb.1.1700000000000.1234567890", ga_client_id: "12.34" };

test("by default a person of one brand is known at the other by e-mail, and not by user id", async () => {
  const config = configured({});
  const [first, byMail, byAccount] = await see(
    createMemoryIdentityStore(),
    at(config, "red", { user_id: "u-1", ...ADA }),
    at(config, "blue", { email: ADA.email }),
    at(config, "blue", { user_id: "u-1" }),
  );
  expect(byMail?.person_id).toBe(first?.person_id);
  expect(byAccount?.person_id).not.toBe(first?.person_id);
});

test("sources with one identity scope have the same accounts and visitors, each with event ids of its own", async () => {
  const config = configured({}, { identityScope: "group" }, { identityScope: "group" });
  const [first, byAccount, byVisitor] = await see(
    createMemoryIdentityStore(),
    at(config, "red", { user_id: "u-1", anonymous_id: "a-1" }),
    at(config, "blue", { user_id: "u-1" }),
    at(config, "blue", { anonymous_id: "a-1" }),
  );
  expect(byAccount?.person_id).toBe(first?.person_id);
  expect(byVisitor).toMatchObject({ person_id: first?.person_id, user_id: "u-1" });
  expect(config.sources.map(({ dedupScope }) => dedupScope)).toEqual(["red", "blue"]);
});

test("brands that are kept apart share nobody, by no identifier, and give each other nothing", async () => {
  const config = configured({ sharedAcross: "scope" });
  const user = { user_id: "u-1", anonymous_id: "a-1", ...ADA };
  const ours = [
    [at(config, "red", user, TAG), at(config, "blue", user, TAG)],
    [at(config, "red", { email: ADA.email }), at(config, "blue", { email: ADA.email })],
    [at(config, "red", { phone: ADA.phone }), at(config, "blue", { phone: ADA.phone })],
    [at(config, "red", { anonymous_id: "a-1" }, TAG), at(config, "blue", { anonymous_id: "a-1" }, TAG)],
  ];
  const store = createMemoryIdentityStore();
  const red = await see(store, ...ours.flatMap(([event]) => event ?? []));
  const blueBefore = await see(createMemoryIdentityStore(), at(config, "blue", { email: ADA.email }));
  const [blueFirst] = await see(store, at(config, "blue", { email: ADA.email }));
  expect(blueFirst).toEqual(blueBefore[0]);
  const blue = await see(store, ...ours.flatMap(([, event]) => event ?? []));
  expect(new Set(red.map((known) => known?.person_id)).size).toBe(1);
  expect(new Set(blue.map((known) => known?.person_id)).size).toBe(1);
  expect(blue[0]?.person_id).not.toBe(red[0]?.person_id);
  expect(store.contents().persons).toHaveLength(2);
});

test("kept apart, sources of one scope still share their people", async () => {
  const config = configured({ sharedAcross: "scope" }, { identityScope: "group" }, { identityScope: "group" });
  const [first, second] = await see(
    createMemoryIdentityStore(),
    at(config, "red", ADA),
    at(config, "blue", { email: ADA.email }),
  );
  expect(second?.person_id).toBe(first?.person_id);
});

test("without a setting, events carry no scope but that of their ids", () => {
  expect(at(configured({}), "red", {}).source).toEqual({
    id: "red",
    kind: "server",
    dialect: "tracklayer",
    dedup_scope: "red",
  });
});

describe("after the setting was changed", () => {
  const before = configured({});
  const after = configured({ sharedAcross: "scope" }, { identityScope: "group" });

  test("people start anew under new keys, and what was stored before stays as it was", async () => {
    const store = createMemoryIdentityStore();
    const [old, renewed] = await see(
      store,
      at(before, "red", { user_id: "u-1", ...ADA }),
      at(after, "red", { user_id: "u-1", ...ADA }),
    );
    expect(renewed?.person_id).not.toBe(old?.person_id);
    expect(store.contents().persons.find(({ id }) => id === old?.person_id)?.merged_into).toBeUndefined();
  });

  test.each([before, after])("an identifier is looked up under the old and the new keys", (config) => {
    for (const identifier of [ADA.email, ADA.phone, "u-1", "a-1", TAG.fbp]) {
      const keys = new Set(personKeys(identifier, { scopes: scopesOf(after) }));
      const event = at(config, "red", { user_id: "u-1", anonymous_id: "a-1", ...ADA }, TAG);
      expect(eventPersonKeys(event).some((key) => keys.has(key))).toBe(true);
    }
  });

  test.each([before, after])("a person is erased with all pointers, whichever the setting was", async (config) => {
    const store = createMemoryIdentityStore();
    const [known] = await see(store, at(config, "red", { user_id: "u-1", anonymous_id: "a-1", ...ADA }, TAG));
    await erasePerson(known?.person_id ?? "", scopesOf(after), store);
    expect(store.contents()).toEqual({ persons: [], pointers: [] });
  });

  test("a person is erased with the pointers of a source that is gone, as far as their facts name its scope", async () => {
    const store = createMemoryIdentityStore();
    const rules = { retentionMs: YEAR_MS, keepsCampaigns: () => true };
    const page = { url: "https://shop.example.com/?utm_source=google" };
    const consent = { ad_storage: "granted" } as const;
    const [visit, answer] = [{ page }, { consent }].map((more) => ({
      ...at(before, "red", { anonymous_id: "a-1" }, TAG),
      ...more,
    }));
    for (const event of [visit, answer]) {
      if (event === undefined) continue;
      const { known } = await (await openIdentities([event], store, rules)).identify(event);
      await erasePerson(known?.person_id ?? "", ["blue"], store);
      expect(store.contents()).toEqual({ persons: [], pointers: [] });
    }
  });
});
