import { SECOND_MS } from "../../src/core/durations.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import { eraseWorld } from "../support/erase-world.ts";
import { serverPurchase } from "../support/lookup-world.ts";

const ANNA = { email: "anna@household.example", user_id: "anna-1" };

test("an export that a worker has in hand is waited for: its parts go when no more can come", async () => {
  const world = await eraseWorld();
  await world.send({ events: [serverPurchase("a1", { user: ANNA })] });
  const { body } = await world.erase(ANNA.email);
  const { person_keys = [] } = (await world.jobs.read(body.id)) ?? {};
  const underWay = newPrivacyJob({ id: "x", kind: "export", person_keys, by: "key:k", step: "collect" }, 1);
  const parts = new Set(["exports/x/1-events-0.json"]);
  const archive = {
    ...world.archive,
    async removeFolder(prefix: string) {
      const gone = [...parts].filter((key) => key.startsWith(prefix));
      for (const key of gone) parts.delete(key);
      return gone.length;
    },
  };
  const leaseUntil = world.time.now + 150 * SECOND_MS;
  await world.jobs.save({ ...underWay, lease_until: leaseUntil });
  await world.slice({ archive });
  expect(await world.jobs.read(body.id)).toMatchObject({ step: "requests", not_before: leaseUntil });
  // What the worker still had in hand, written down after the erasure came by.
  parts.add("exports/x/1-events-1.json");
  while (world.time.now < leaseUntil) await world.slice({ archive });
  await world.slice({ archive });
  expect([...parts]).toEqual([]);
  expect(await world.jobs.read("x")).toMatchObject({
    state: "failed",
    reason: "the person was erased",
    person_keys: [],
  });
  expect(await world.finish(body.id)).toMatchObject({ state: "done", counts: { exports: 2 } });
});
