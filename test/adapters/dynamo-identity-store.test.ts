import { createDynamoIdentityStore } from "../../src/adapters/dynamo-identity-store.ts";
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
      const session = await openIdentities([event], store, 1e10);
      await session.identify(event);
    }),
  );
  const asked = hashedEvent({ user: { user_id: "u-1" }, browser_ids: {} });
  const session = await openIdentities([asked], store, 1e10);
  const { known } = await session.identify(asked);
  expect(Object.keys(known?.hashes ?? {}).sort()).toEqual([
    "email_google",
    "email_plain",
    "phone_digits",
    "phone_e164",
  ]);
});
