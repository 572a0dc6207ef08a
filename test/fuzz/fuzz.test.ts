import { CORPUS } from "./corpus.ts";
import { openDoor } from "./door.ts";
import { fuzz } from "./run.ts";

test("3,000 hostile requests: no 5xx, nothing thrown, every good event taken, nothing given back", async () => {
  const { failure, ...counts } = await fuzz({ requests: 3_000, seed: 1 });
  expect(failure).toBeUndefined();
  // Else the run would prove little: good events were among them, and every kind of answer was reached.
  expect(counts.good).toBeGreaterThan(500);
  expect([...counts.statuses.keys()].sort()).toEqual(
    expect.arrayContaining([200, 202, 204, 400, 401, 403, 404, 405, 413, 503]),
  );
  expect(counts.accepted).toBeGreaterThan(1_000);
  expect(counts.quarantined).toBeGreaterThan(1_000);
}, 120_000);

test.each(CORPUS.map((request, index) => [index, request] as const))("corpus %i", async (_, request) => {
  const door = await openDoor();
  await door.send(request);
});
