import { HOUR_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { SecretError } from "../../src/pipeline/ports.ts";
import { rotating, takesOnly } from "../support/lane-credentials.ts";
import {
  answered,
  fakeDestination,
  idsOf,
  LANE,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
} from "../support/lane-world.ts";

test("a refused credential is read anew and the request repeated once in the same invocation", async () => {
  const { calls, credentials } = rotating({ token: "old" }, { token: "new" });
  const world = laneWorld({ deps: { credentials }, platform: takesOnly("new") });
  const batch = ["e1", "e2"].map((id) => laneMessage(purchase(id)));
  expect(await world.deliver(batch)).toEqual({ failures: [] });
  expect(calls).toEqual({ get: 1, refresh: 1 });
  expect(world.http.sent).toHaveLength(2);
  expect(await world.record(purchase("e1"))).toMatchObject({ state: "delivered", attempt_count: 1 });
});

test("the secret is read anew once, however many requests it failed", async () => {
  const { calls, credentials } = rotating({ token: "old" }, { token: "new" });
  const destination = fakeDestination({ limits: { ...fakeDestination().limits, batchSize: 1 } });
  const world = laneWorld({ destination, deps: { credentials, concurrentRequests: 2 }, platform: takesOnly("new") });
  await world.deliver(["e1", "e2", "e3", "e4"].map((id) => laneMessage(purchase(id))));
  expect(calls.refresh).toBe(1);
  expect(world.http.sent.filter(({ headers }) => headers.authorization === "old")).toHaveLength(2);
});

test("only the events that were refused go out again", async () => {
  const { credentials } = rotating({ token: "old" }, { token: "new" });
  const world = laneWorld({
    deps: { credentials },
    platform: (request) =>
      answered(
        idsOf(request).map((id) =>
          id === "e2" && request.headers.authorization === "old"
            ? { kind: "unauthorized", reason: "scope" }
            : { kind: "delivered" },
        ),
      ),
  });
  await world.deliver(["e1", "e2", "e3"].map((id) => laneMessage(purchase(id))));
  expect(world.http.sent.map(idsOf)).toEqual([["e1", "e2", "e3"], ["e2"]]);
});

test("an unchanged secret is not tried twice: the lane waits long, keeps the events and says so", async () => {
  const { credentials } = rotating({ token: "old" }, { token: "old" });
  const world = laneWorld({ deps: { credentials }, platform: takesOnly("new") });
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  expect(world.http.sent).toHaveLength(1);
  expect(await world.record(purchase("e1"))).toMatchObject({ state: "unauthorized", reason: "bad token" });
  expect(world.queue.postponed.get("handle of m-e1")).toBeGreaterThanOrEqual(15 * 60);
  expect(world.logged).toContainEqual(expect.objectContaining({ level: "error", message: "not delivered" }));
  expect(world.counted["Deliveries fake unauthorized"]).toBe(1);
});

test("events that nobody may deliver expire with their bodies, as others do", async () => {
  const { credentials } = rotating({ token: "old" }, { token: "old" });
  const world = laneWorld({ deps: { credentials }, platform: takesOnly("new") });
  await world.deliver([laneMessage(purchase("e1"))]);
  world.time.now = NOW + 25 * HOUR_MS;
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(world.queue.deadLetters.map(({ reason }) => reason)).toEqual(["not delivered within 24 h; last: bad token"]);
});

test.each([
  [
    "is missing",
    async () => Promise.reject(new SecretError("secret tl/fake cannot be read: ResourceNotFoundException")),
    "secret tl/fake cannot be read: ResourceNotFoundException",
  ],
  ["lacks a field", async () => ({ other: "x" }), "secret tl/fake lacks token"],
  ["has an empty field", async () => ({ token: "" }), "secret tl/fake lacks token"],
  ["is malformed", async () => ({ token: "broken" }), "secret tl/fake: token does not decode"],
])("a secret that %s makes the batch unauthorized, names the secret and sends nothing", async (_, get, reason) => {
  const destination = fakeDestination({
    credentialProblem: ({ token }) => (token === "broken" ? "token does not decode" : undefined),
  });
  const world = laneWorld({ destination, deps: { credentials: { get, refresh: get } } });
  expect(await world.deliver([laneMessage(purchase("e1")), laneMessage(purchase("e2"))])).toEqual({
    failures: ["m-e1", "m-e2"],
  });
  expect(world.http.sent).toEqual([]);
  expect(await world.record(purchase("e2"))).toMatchObject({ state: "unauthorized", reason, attempt_count: 0 });
  expect(world.queue.postponed.get("handle of m-e1")).toBeGreaterThanOrEqual(15 * 60);
});

test("a lane without its secret, as after a first deployment, costs one receipt per event in a whole day", async () => {
  let writes = 0;
  const { store } = laneWorld();
  const get = async () => ({ token: "" });
  const world = laneWorld({
    deps: {
      credentials: { get, refresh: get },
      store: {
        ...store,
        async writeRecords(records) {
          writes += records.length;
          await store.writeRecords(records);
        },
        async claimAttempts(claims) {
          writes += claims.length;
          return store.claimAttempts(claims);
        },
      },
    },
  });
  const waits: number[] = [];
  for (let receives = 0; world.time.now < NOW + 23 * HOUR_MS; receives += 1) {
    await world.deliver([{ ...laneMessage(purchase("e1")), receiveCount: receives + 1 }]);
    const seconds = world.queue.postponed.get("handle of m-e1") ?? 0;
    waits.push(seconds);
    world.time.now += seconds * 1_000;
  }
  expect(writes).toBe(1);
  expect(waits.length).toBeLessThan(55);
  expect(Math.max(...waits)).toBeLessThan(1_800);
  // Every time counts, so that the alarm stays on for as long as somebody has something to do.
  expect(world.counted["Deliveries fake unauthorized"]).toBe(waits.length);
  const [record] = await store.readRecords(LANE, [eventKey(purchase("e1"))]);
  expect(record).toMatchObject({ state: "unauthorized", updated_at: NOW, attempt_count: 0 });
});

test("a platform that goes on refusing the credential is asked less and less, and each answer is on record", async () => {
  const { credentials } = rotating({ token: "old" }, { token: "old" });
  const world = laneWorld({ deps: { credentials }, platform: takesOnly("new") });
  const waits: number[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await world.deliver([laneMessage(purchase("e1"))]);
    waits.push((world.queue.postponed.get("handle of m-e1") ?? 0) / 60);
    world.time.now += (waits.at(-1) ?? 0) * 60_000;
  }
  expect(waits).toEqual([15.75, 28.35, 28.35, 28.35]);
  expect(await world.record(purchase("e1"))).toMatchObject({ state: "unauthorized", attempt_count: 4 });
});

test("events that are not to be sent anyway are settled without the secret", async () => {
  const get = async () => Promise.reject(new SecretError("secret tl/fake cannot be read"));
  const world = laneWorld({ deps: { credentials: { get, refresh: get } } });
  expect(await world.deliver([laneMessage(purchase("e1", { test: true }))])).toEqual({ failures: [] });
  expect(await world.state(purchase("e1"))).toBe("skipped");
});

test("Secrets Manager out of reach is a short retry: time mends it", async () => {
  const get = async () => Promise.reject(new Error("ThrottlingException"));
  const world = laneWorld({ deps: { credentials: { get, refresh: get } } });
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  expect(await world.record(purchase("e1"))).toMatchObject({
    state: "retry",
    reason: "secret tl/fake could not be read",
  });
  expect(world.queue.postponed.get("handle of m-e1")).toBeLessThan(15);
});

test("a refresh that fails leaves the events unauthorized", async () => {
  const credentials = {
    get: async () => ({ token: "old" }),
    refresh: async () => Promise.reject(new Error("throttled")),
  };
  const world = laneWorld({ deps: { credentials }, platform: takesOnly("new") });
  expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
  expect(await world.state(purchase("e1"))).toBe("unauthorized");
});

test("a destination without credentials never asks for the secret", async () => {
  const { calls, credentials } = rotating({}, {});
  const world = laneWorld({ destination: fakeDestination({ credentials: [] }), deps: { credentials } });
  await world.deliver([laneMessage(purchase("e1"))]);
  expect(calls).toEqual({ get: 0, refresh: 0 });
  expect(world.logged.at(-1)?.fields).toMatchObject({ lane: LANE, delivered: 1 });
});
