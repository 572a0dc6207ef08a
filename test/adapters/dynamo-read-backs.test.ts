import { createDynamoReadBacks } from "../../src/adapters/dynamo-read-backs.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { readBacksSuite } from "../support/read-backs-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

readBacksSuite(async () => {
  return createDynamoReadBacks({ client: dynalite.client, table: await dynalite.createTable(DELIVERY_TABLE) });
});

test("a table that is not there is an error, not a turn of somebody else's", async () => {
  const store = createDynamoReadBacks({ client: dynalite.client, table: "no-such-table" });
  await expect(store.take("meta", 1, 1)).rejects.toThrow();
});
