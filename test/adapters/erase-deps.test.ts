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
  return { tombstones: lifetimes.tombstonesMs / DAY_MS, copies: lifetimes.copiesMs / DAY_MS };
}

test("tombstones outlive whatever can bring an event of before back", () => {
  expect(days(30, 30).tombstones).toBe(33);
  expect(days(undefined, 30).tombstones).toBe(31);
  expect(days(7, 30).tombstones).toBe(31);
  expect(days(30, 30, 60).tombstones).toBe(63);
});

test("what is told of copies is not over before the backups are, nor before claims that no archived line leads to", () => {
  expect(days(30, 30).copies).toBe(35);
  expect(days(90, 90).copies).toBe(35);
  expect(days(undefined, 90).copies).toBe(90);
  expect(days(30, 60).copies).toBe(60);
});
