import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { createDynamoEventLookups } from "../../src/adapters/dynamo-event-lookups.ts";
import { createDynamoFindingStore } from "../../src/adapters/dynamo-finding-store.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { eventLookupsSuite } from "../support/event-lookups-suite.ts";
import { FINDING, FOLLOWED } from "../support/finding-store-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function create(now: () => number) {
  const table = await dynalite.createTable(DELIVERY_TABLE);
  const options = { client: dynalite.client, table, now };
  return {
    table,
    store: createDynamoDeliveryStore({ ...options, deliveryDays: 30, quarantineDays: 14 }),
    lookups: createDynamoEventLookups(options),
  };
}

eventLookupsSuite(create);

test("findings are listed by when they were seen last, until their time", async () => {
  const time = { now: FINDING.window.end };
  const { table, lookups } = await create(() => time.now);
  const store = createDynamoFindingStore({ client: dynalite.client, table, retentionDays: 30 });
  await store.save(FOLLOWED, 5);
  const day = { day: "2026-11-23", from: 0, until: Number.MAX_SAFE_INTEGER, limit: 10 };
  expect(await lookups.listFindings(day)).toEqual([{ ...FOLLOWED, found_at: 5 }]);
  expect(await lookups.listFindings({ ...day, day: "2026-11-22" })).toEqual([]);
  time.now += 31 * 86_400_000;
  expect(await lookups.listFindings(day)).toEqual([]);
});

test("an entry that was made by an older version, or by hand, breaks no list", async () => {
  const { store, lookups } = await create(() => Date.UTC(2026, 10, 23, 12));
  await store.quarantine({
    dedup_scope: "shop",
    event_id: "",
    event_name: "",
    source: "",
    received_at: Date.UTC(2026, 10, 23),
    reasons: [],
    raw: "not json",
  });
  const day = { day: "2026-11-23", from: 0, until: Number.MAX_SAFE_INTEGER, limit: 10 };
  expect(await lookups.listQuarantined(day)).toHaveLength(1);
});
