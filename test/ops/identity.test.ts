import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { TCF_VENDORS } from "../../src/core/tcf-vendors.ts";
import { tcString } from "../support/consent-strings.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

const ANONYMOUS_ID = "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a";

async function worldWithAda() {
  const world = await lookupWorld();
  await world.send(serverPurchase("e-1", { consent: { ad_storage: "denied" } }));
  await world.send({
    event_name: "lead",
    event_id: "e-2",
    user: { email: "ada@lovelace.dev", anonymous_id: ANONYMOUS_ID, user_id: "u-1" },
    page: { url: "https://shop.example.com/quote?utm_source=newsletter" },
    browser_ids: { fbp: "fb.1.1700000000000.1234567890" },
  });
  return world;
}

test("a person is found by an identifier, with kinds, consent and expiry, and all values masked", async () => {
  const world = await worldWithAda();
  const { body } = await world.get("/identity", { identifier: "ADA@lovelace.dev" });
  expect(body).toMatchObject({
    found: true,
    matched: [{ kind: "email", seen_with: 0, blocked: false }],
    person: {
      merges: 0,
      consent: [{ scope: "shop", said_by: "named", purpose: "ad_storage", value: "denied", at: OPS_NOW }],
      campaigns: ["first", "last"].map((touch) => ({
        scope: "shop",
        touch,
        source: "newsletter",
        page: "shop.example.com/quote",
        at: OPS_NOW,
      })),
    },
  });
  expect(body.person.identifiers).toEqual(
    expect.arrayContaining([
      { kind: "user_id", scope: "shop", value: "***" },
      { kind: "email_plain", value: expect.stringMatching(/^[0-9a-f]{8}…$/) },
      { kind: "anonymous_id", value: "8f***3a" },
      { kind: "fbp", value: "fb***90" },
    ]),
  );
  expect(body.person.expires_at).toBeGreaterThan(OPS_NOW);
});

test("of contacts in clear it is told that they are kept, and to nobody what they are", async () => {
  const world = await worldWithAda();
  const { persons } = world.identities.contents();
  const ada = persons.find(({ hashes }) => hashes.email_plain !== undefined);
  if (ada === undefined) throw new Error("nobody was learned");
  const sealed = createContactVault({ key: "k".repeat(64) }).seal("email", "ada@lovelace.dev");
  await world.identities.savePerson({ ...ada, contacts: { email: sealed } });
  for (const query of [{}, { personal: "true" }]) {
    const { body } = await world.get("/identity", { identifier: "ada@lovelace.dev", ...query });
    expect(body.person.identifiers).toContainEqual({ kind: "email_in_clear", value: "kept, sealed" });
    expect(JSON.stringify(body)).not.toContain("lovelace");
    expect(JSON.stringify(body)).not.toContain(sealed);
  }
});

test("of a grant by a consent string it is told which companies it left out", async () => {
  const world = await worldWithAda();
  const tcf = tcString({
    purposes: [1, 3, 4, 7],
    vendors: { ids: Object.values(TCF_VENDORS).filter((id) => id > 755) },
  });
  await world.send({ event_name: "lead", event_id: "e-3", user: { user_id: "bob" }, consent: { tcf } });
  const { body } = await world.get("/identity", { identifier: "bob" });
  expect(body.person.consent).toContainEqual(
    expect.objectContaining({ purpose: "ad_storage", value: "granted", except: ["taboola", "outbrain", "google"] }),
  );
});

test("with personal the ids are in clear, hashes never, and the log has a digest of what was asked for", async () => {
  const world = await worldWithAda();
  const { body } = await world.get("/identity", { identifier: "ada@lovelace.dev", personal: true });
  expect(body.person.identifiers).toEqual(
    expect.arrayContaining([
      { kind: "user_id", scope: "shop", value: "u-1" },
      { kind: "anonymous_id", value: ANONYMOUS_ID },
    ]),
  );
  expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{64}/);
  const entries = JSON.stringify(await world.ops.audit.read(1, 10));
  expect(entries).toMatch(/identity\.read_personal.*sha256:[0-9a-f]{5}…/);
  expect(entries).not.toContain("lovelace");
});

test("a person id that was merged into another leads there", async () => {
  const world = await lookupWorld();
  await world.send({ event_name: "lead", event_id: "a", user: { email: "ada@lovelace.dev" } });
  await world.send({ event_name: "lead", event_id: "b", user: { phone: "+4915112345678" } });
  const personOf = async (id: string) => (await world.get("/events", { event_id: id })).body.items[0].person_id;
  const [first, second] = [await personOf("a"), await personOf("b")];
  await world.send({ event_name: "lead", event_id: "c", user: { email: "ada@lovelace.dev", phone: "+4915112345678" } });
  const winner = await personOf("c");
  const loser = winner === first ? second : first;
  const { body } = await world.get("/identity", { person_id: loser });
  expect(body.person).toMatchObject({ person_id: winner, merged_from: loser, merges: 1 });
  expect((await world.get("/identity", { person_id: winner })).body.person.merged_from).toBeUndefined();
});

test("who is not known is not found, and one thing is asked for at a time", async () => {
  const world = await worldWithAda();
  expect((await world.get("/identity", { identifier: "grace@hopper.dev" })).body).toEqual({
    found: false,
    matched: [],
  });
  expect((await world.get("/identity")).status).toBe(400);
  expect((await world.get("/identity", { identifier: "a", person_id: "b" })).status).toBe(400);
});

test("a merge is shown with its event and what stood in it, and undone by who may operate, with a line in the log", async () => {
  const world = await lookupWorld();
  await world.send({ event_name: "lead", event_id: "a", user: { email: "ada@lovelace.dev" } });
  await world.send({ event_name: "lead", event_id: "b", user: { phone: "+4915112345678" } });
  await world.send({ event_name: "lead", event_id: "c", user: { email: "ada@lovelace.dev", phone: "+4915112345678" } });
  const before = (await world.get("/identity", { identifier: "+4915112345678" })).body.person;
  expect(before.merged).toEqual([
    { person_id: expect.any(String), at: OPS_NOW, event_id: "c", joined_by: expect.any(Array) },
  ]);
  const kinds = before.merged[0].joined_by.map((key: string) => key.replace(/#.{8}$/, ""));
  expect(kinds).toEqual(["email", "phone"]);

  const ids = { person_id: before.person_id, merged_id: before.merged[0].person_id };
  expect((await world.post("/identity/split", ids)).body).toEqual({
    person_id: ids.person_id,
    split_id: ids.merged_id,
    pointers: 1,
  });
  const people = await Promise.all(
    ["ada@lovelace.dev", "+4915112345678"].map((identifier) => world.get("/identity", { identifier })),
  );
  const [one, two] = people.map(({ body }) => body.person);
  expect(new Set([one.person_id, two.person_id])).toEqual(new Set([ids.person_id, ids.merged_id]));
  expect([one.kept_apart, two.kept_apart]).toEqual([[two.person_id], [one.person_id]]);
  expect([one.merged, two.merged]).toEqual([[], []]);
  expect(await world.ops.audit.read(1, 10)).toMatchObject([
    { action: "identity.split", target: ids.person_id, details: { merged_id: ids.merged_id } },
  ]);
});

test("who is not there and who is not merged is refused, with what to do", async () => {
  const world = await worldWithAda();
  const { person_id } = (await world.get("/identity", { identifier: "ada@lovelace.dev" })).body.person;
  const nobody = "nobody-has-this-id-now";
  expect(await world.post("/identity/split", { person_id, merged_id: nobody })).toMatchObject({ status: 404 });
  expect(await world.post("/identity/split", { person_id, merged_id: person_id })).toMatchObject({ status: 409 });
});

test("only ids of persons split: the audit log would write down an address as one", async () => {
  const world = await worldWithAda();
  const ids = { person_id: "ada@lovelace.dev", merged_id: "ada@lovelace.dev" };
  expect(await world.post("/identity/split", ids)).toMatchObject({ status: 400 });
  expect(JSON.stringify(await world.ops.audit.read(1, 10))).not.toContain("lovelace");
});

test("an identifier that finds nobody any more says why", async () => {
  const world = await lookupWorld();
  const order = (n: number) => ({
    event_name: "lead",
    event_id: `order-${n}`,
    user: { email: `customer${n}@lovelace.dev`, phone: "+4915112345678" },
  });
  for (let n = 0; n < 3; n += 1) await world.send(order(n));
  const { body } = await world.get("/identity", { identifier: "+4915112345678" });
  expect(body.matched).toMatchObject([{ kind: "phone", blocked: true, suspect: "too_many_emails" }]);
});
