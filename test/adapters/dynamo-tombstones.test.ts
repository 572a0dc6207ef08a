import { createDynamoTombstones } from "../../src/adapters/dynamo-tombstones.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { tombstonesSuite } from "../support/tombstones-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

tombstonesSuite(async (now) => {
  const table = await dynalite.createTable(DELIVERY_TABLE);
  return createDynamoTombstones({ client: dynalite.client, table, now });
});
