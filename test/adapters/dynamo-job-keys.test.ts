import { type AttributeValue, type DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoPrivacyJobs } from "../../src/adapters/dynamo-privacy-jobs.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { privacyJob } from "../support/privacy-jobs-suite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

/** Some 80 KB: more than stays within a job, and quick to write. */
const KEYS = Array.from({ length: 2_000 }, (_, index) => `anonymous_id#${String(index).padStart(27, "k")}`);
const JOB = privacyJob({ person_keys: KEYS });

/** When an emptied part ends: DynamoDB deletes nothing that ended more than five years ago. */
const ENDED = { N: String(JOB.updated_at / 1_000) };

async function world() {
  const { client } = dynalite;
  const table = await dynalite.createTable(DELIVERY_TABLE);
  const store = () => createDynamoPrivacyJobs({ client, table });
  const stored = async () => (await client.send(new ScanCommand({ TableName: table }))).Items ?? [];
  return { client, table, store, stored, texts: async () => JSON.stringify(await stored()) };
}

/** The client, with a look at each item before it is put. */
function watched(client: DynamoDBClient, onPut: (item: Record<string, AttributeValue>) => void): DynamoDBClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "send") return value;
      return async (command: PutItemCommand) => {
        if (command instanceof PutItemCommand) onPut(command.input.Item ?? {});
        return target.send(command);
      };
    },
  });
}

test("DynamoDB takes no item of more than 400 KB, and neither does the emulator", async () => {
  const { client, table } = await world();
  const Item = { pk: { S: "PRIVACY#a" }, sk: { S: "JOB" }, job: { S: "x".repeat(410_000) } };
  await expect(client.send(new PutItemCommand({ TableName: table, Item }))).rejects.toThrow("Item size");
});

test("nothing is left of the digests of a job that is done with them, and the parts are to be deleted", async () => {
  const { store, stored, texts } = await world();
  const jobs = store();
  await jobs.save(JOB);
  await jobs.save({ ...JOB, version: 2, person_keys: [...KEYS, "email#late"] });
  await jobs.save({ ...JOB, version: 3, state: "done", person_keys: [] });
  expect(await texts()).not.toContain("kkkk");
  expect(await texts()).not.toContain("email#late");
  const parts = (await stored()).filter(({ sk }) => sk?.S?.startsWith("KEYS#"));
  expect(parts).toHaveLength(2);
  for (const { expires_at } of parts) expect(expires_at).toEqual(ENDED);
});

test("whoever reads a job after a crash empties what it replaced", async () => {
  const { client, store, table, texts } = await world();
  const jobs = store();
  await jobs.save(JOB);
  const dying = createDynamoPrivacyJobs({
    table,
    client: watched(client, ({ expires_at }) => {
      if (expires_at?.N === ENDED.N) throw new Error("died");
    }),
  });
  await dying.read(JOB.id);
  expect(await dying.save({ ...JOB, version: 2, state: "done", person_keys: [] })).toBe(true);
  expect(await texts()).toContain("kkkk");
  expect(await store().list({ limit: 1 })).toMatchObject([{ version: 2, state: "done", person_keys: [] }]);
  expect(await texts()).not.toContain("kkkk");
});

test("a worker that could not empty a list does it with the job's next change", async () => {
  const { client, store, table, texts } = await world();
  await store().save(JOB);
  let isThrottled = true;
  const worker = createDynamoPrivacyJobs({
    table,
    client: watched(client, ({ expires_at }) => {
      if (isThrottled && expires_at?.N === ENDED.N) throw new Error("throttled");
    }),
  });
  await worker.read(JOB.id);
  const others = KEYS.map((key) => key.replaceAll("k", "m"));
  expect(await worker.save({ ...JOB, version: 2, person_keys: others })).toBe(true);
  expect(await worker.save({ ...JOB, version: 3, state: "done", person_keys: [] })).toBe(true);
  expect(await texts()).toContain("kkkk");
  isThrottled = false;
  expect(await worker.save({ ...JOB, version: 4, state: "done", person_keys: [] })).toBe(true);
  expect(await texts()).not.toMatch(/kkkk|mmmm/);
});

test("a worker that saves a list in vain takes nothing from the one that was faster", async () => {
  const { store } = await world();
  const [fast, slow] = [store(), store()];
  await fast.save(JOB);
  await slow.read(JOB.id);
  const longer = { ...JOB, version: 2, person_keys: [...KEYS, "email#1"] };
  expect(await fast.save(longer)).toBe(true);
  expect(await slow.save({ ...JOB, version: 2, person_keys: [...KEYS, "email#2"] })).toBe(false);
  expect(await slow.read(JOB.id)).toEqual(longer);
});

test("a job without a change to its digests writes its own item alone", async () => {
  const { store, client, table } = await world();
  const jobs = store();
  await jobs.save(JOB);
  let puts = 0;
  const counting = createDynamoPrivacyJobs({
    table,
    client: watched(client, () => {
      puts += 1;
    }),
  });
  const [job] = await counting.list({ limit: 1, state: "running" });
  expect(await counting.save({ ...JOB, ...job, version: 2, cursor: "on" })).toBe(true);
  expect(puts).toBe(1);
});
