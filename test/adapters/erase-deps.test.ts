import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createEraseFirstDeps } from "../../src/adapters/erase-deps.ts";
import { DAY_MS } from "../../src/core/durations.ts";

const before = { ...process.env };
beforeAll(() => Object.assign(process.env, { IDENTITY_TABLE: "identity", DELIVERY_TABLE: "delivery" }));
afterAll(() => {
  process.env = before;
});

function days(archiveDays: number | undefined, deliveryDays: number, quarantineDays = 14) {
  const retention = { deliveryDays, identityDays: 180, quarantineDays, logDays: 30 };
  const archive = archiveDays === undefined ? {} : { archive: { days: archiveDays, bufferSeconds: 60 } };
  const { lifetimes } = createEraseFirstDeps({
    config: { ...archive, retention, sources: [] },
    client: new DynamoDBClient({ region: "eu-central-1" }),
    clock: { now: () => 0, sleep: async () => {} },
  } as unknown as Parameters<typeof createEraseFirstDeps>[0]);
  const remains = Object.fromEntries(lifetimes.remains.map(({ forMs, place }) => [place, forMs / DAY_MS]));
  return { tombstones: lifetimes.tombstonesMs / DAY_MS, remains };
}

test("tombstones outlive whatever can bring an event of before back", () => {
  expect(days(30, 30).tombstones).toBe(33);
  expect(days(undefined, 30).tombstones).toBe(31);
  expect(days(7, 30).tombstones).toBe(31);
  expect(days(30, 30, 60).tombstones).toBe(63);
});

const EVER = { "queues and dead-letter queues": 28, "backups of the tables": 35 };
const LATER_COPIES = "later copies of events that waited for them";

test("what stays is told with its time: always queues and backups, and claims that no archived line leads to", () => {
  expect(days(30, 30).remains).toEqual({ ...EVER, tombstones: 33 });
  expect(days(90, 60).remains).toEqual({ ...EVER, tombstones: 93 });
  // With an archive the younger ones are found: what is left is as old as its days.
  expect(days(30, 90).remains).toEqual({ ...EVER, claims: 60, receipts: 90, tombstones: 33 });
});

test("without an archive, or with a short one, later copies stay as well", () => {
  const none = { ...EVER, claims: 90, receipts: 90, [LATER_COPIES]: 28, tombstones: 31 };
  expect(days(undefined, 90).remains).toEqual(none);
  const short = { ...EVER, claims: 83, receipts: 90, [LATER_COPIES]: 21, tombstones: 31 };
  expect(days(7, 90).remains).toEqual(short);
  expect(days(undefined, 10).remains).toMatchObject({ claims: 10, receipts: 10, [LATER_COPIES]: 10 });
});
