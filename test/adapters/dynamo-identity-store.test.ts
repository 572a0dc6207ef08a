import { ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoIdentityStore } from "../../src/adapters/dynamo-identity-store.ts";
import { HASH_VARIANTS } from "../../src/core/event.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { hashedEvent } from "../support/events.ts";
import { identityStoreSuite } from "../support/identity-store-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create(now = () => 0) {
  const table = await dynalite.createTable(IDENTITY_TABLE);
  return createDynamoIdentityStore({ client: dynalite.client, table, now });
}

identityStoreSuite(create);

test("sessions that race on one newcomer end with one person who knows everything", async () => {
  const store = await create();
  const users = [
    { user_id: "u-1", email: "ada@lovelace.dev" },
    { email: "ada@lovelace.dev", phone: "+4915112345678" },
  ];
  const events = users.map((user) => hashedEvent({ user, browser_ids: {} }));
  await Promise.all(
    events.map(async (event) => {
      const session = await openIdentities([event], store, { retentionMs: 1e10 });
      await session.identify(event);
    }),
  );
  const asked = hashedEvent({ user: { user_id: "u-1" }, browser_ids: {} });
  const session = await openIdentities([asked], store, { retentionMs: 1e10 });
  const { known } = await session.identify(asked);
  expect(Object.keys(known?.hashes ?? {}).sort()).toEqual([...HASH_VARIANTS].sort());
});

test("where no lane takes contacts in clear an item says nothing of them", async () => {
  const table = await dynalite.createTable(IDENTITY_TABLE);
  const store = createDynamoIdentityStore({ client: dynalite.client, table, now: () => 0 });
  const rules = { retentionMs: 1e10 };
  const events = [
    hashedEvent({ event_id: "e-1" }),
    hashedEvent({ event_id: "e-2", user: { email: "ada@lovelace.dev" } }),
  ];
  const session = await openIdentities(events, store, rules);
  for (const event of events) await session.identify(event);
  const { Items = [] } = await dynalite.client.send(new ScanCommand({ TableName: table }));
  expect(Items.length).toBeGreaterThan(1);
  expect(JSON.stringify(Items)).not.toMatch(/contacts|lovelace/);
});

test("a person that an older version stored is read with nothing in the fields that it did not know", async () => {
  const table = await dynalite.createTable(IDENTITY_TABLE);
  const store = createDynamoIdentityStore({ client: dynalite.client, table, now: () => 0 });
  const facts = { created_at: 1, users: {}, hashes: {}, anonymous_ids: [], browser_ids: {}, click_ids: {}, merges: 0 };
  await dynalite.client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: "person#old" } },
      UpdateExpression: "SET facts = :facts, version = :one, expires_at = :later",
      ExpressionAttributeValues: {
        ":facts": { S: JSON.stringify(facts) },
        ":one": { N: "1" },
        ":later": { N: "9999999999" },
      },
    }),
  );
  expect(await store.readPersons(["old"])).toMatchObject([
    { ...facts, id: "old", digests: {}, answers: {}, touches: {} },
  ]);
});

test("two people at one tablet keep their own answers and phones, even when the sender hashes their e-mails", async () => {
  const store = await create();
  const tablet = { anonymous_id: "tablet" };
  const digest = (letter: string) => letter.repeat(64);
  const see = async (user: Record<string, string>, consent?: "granted" | "denied") => {
    const event = hashedEvent({
      user,
      browser_ids: {},
      consent: consent === undefined ? {} : { ad_storage: consent },
    });
    return (await openIdentities([event], store, { retentionMs: 1e10 })).identify(event);
  };
  await see({ ...tablet, email_sha256: digest("a") }, "denied");
  await see({ ...tablet, email_sha256: digest("b"), phone: "+4915112345678" }, "granted");
  const { known } = await see({ email_sha256: digest("a") });
  expect(known?.consent).toEqual({ ad_storage: "denied" });
  expect(known?.hashes?.phone_digits).toBeUndefined();
});
