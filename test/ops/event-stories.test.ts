import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

test("a story has the claim, each attempt, the explanation of what failed, and why what waits does", async () => {
  const world = await lookupWorld();
  await world.send(serverPurchase("e-1"));
  const reason = "190/463: Error validating access token";
  const attempts = [{ at: OPS_NOW, status: 400, outcome: "unauthorized" as const, reason, batch: 10, took_ms: 180 }];
  await world.receipt("e-1", "meta", { state: "unauthorized", reason, attempts, attempt_count: 1, replay: "r-1" });
  const control = {
    lane: "webhook",
    state: "open" as const,
    version: 1,
    since: 5,
    reason: "500",
    failed_probes: 3,
    stopped_at: 2,
    probe_at: 9,
  };
  await world.controls.save(control);

  const { status, body } = await world.get("/events/e-1");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    event_id: "e-1",
    found: true,
    events: [
      {
        name: "purchase",
        dedup_scope: "shop",
        copies: 1,
        first_received_at: OPS_NOW,
        archived: "yes",
        story: { order_id: "order-e-1", carried: ["email", "phone", "external_id", "name"] },
        deliveries: [
          {
            lane: "meta",
            state: "unauthorized",
            attempts,
            attempt_count: 1,
            replay: "r-1",
            reason,
            explanation: { said: `HTTP 400, ${reason}`, means: expect.stringContaining("access token") },
            decision: { lane: "meta", send: true },
          },
          {
            lane: "webhook",
            state: "pending",
            attempts: [],
            stopped: { state: "open", since: 2, reason: "500", probe_at: 9 },
          },
        ],
      },
    ],
  });
  expect(body.events[0].deliveries[0].stopped).toBeUndefined();
  expect(body.events[0].archived_event).toBeUndefined();
});

test("with personal the archived event is there in clear, and the log says so first", async () => {
  const world = await lookupWorld();
  await world.send({ events: [serverPurchase("e-0"), serverPurchase("e-1")] });
  const { body } = await world.get("/events/e-1", { personal: true });
  expect(body.events[0].archived_event.event).toMatchObject({ event_id: "e-1", user: { email: "ada@lovelace.dev" } });
  const entries = await world.ops.audit.read(1, 10);
  expect(entries.filter(({ action }) => action === "event.read_personal")).toMatchObject([{ target: "e-1" }]);
});

test("an unknown id is answered as not found", async () => {
  const world = await lookupWorld();
  expect(await world.get("/events/nowhere")).toMatchObject({ status: 200, body: { found: false, events: [] } });
});

test("an event in a scope that is no more configured is found when the scope is named", async () => {
  const world = await lookupWorld();
  await world.store.claim({ dedup_scope: "old", event_name: "lead", event_id: "e-1" }, "copy", {
    event_id_origin: "given",
    event_time: 1,
    received_at: OPS_NOW,
    source: { id: "old", kind: "server", dialect: "tracklayer", dedup_scope: "old" },
    carried: [],
    identity: { filled: [], learned: [] },
    decisions: [],
  });
  expect((await world.get("/events/e-1")).body.found).toBe(false);
  expect((await world.get("/events/e-1", { scope: "old" })).body.events).toMatchObject([{ dedup_scope: "old" }]);
});

describe("whether it is archived", () => {
  test("no: not yet, or never", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("e-1"));
    world.archive.objects = async () => [];
    expect((await world.get("/events/e-1")).body.events[0].archived).toBe("no");
  });

  test("yes, also when it waited long on the queue", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("e-1"));
    const [archived] = world.archive.events();
    const late = OPS_NOW + 2 * DAY_MS;
    world.archive.plant(late, [JSON.stringify({ ...archived, archived_at: late })]);
    const { objects } = world.archive;
    world.archive.objects = async (from, to) => (await objects(from, to)).filter((object) => object.to >= late);
    world.time.now = OPS_NOW + 3 * DAY_MS;
    expect((await world.get("/events/e-1")).body.events[0].archived).toBe("yes");
  });

  test("unknown: there was no time to look", async () => {
    const world = await lookupWorld();
    for (const minutes of [0, 5, 10]) {
      world.time.now = OPS_NOW + minutes * MINUTE_MS;
      await world.send(serverPurchase(`e-${minutes}`));
    }
    const { lines } = world.archive;
    world.archive.lines = async function* (key) {
      world.time.now += 5_000;
      for await (const line of lines(key)) if (!line.includes('"e-0"')) yield line;
    };
    expect((await world.get("/events/e-0")).body.events[0].archived).toBe("unknown");
  });

  test("off: there is no archive", async () => {
    const world = await lookupWorld({ hasArchive: false });
    await world.send(serverPurchase("e-1"));
    expect((await world.get("/events/e-1")).body.events[0].archived).toBe("off");
  });

  test("of another event with the same id under another name: no", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("e-1"));
    await world.store.quarantine({
      dedup_scope: "shop",
      event_id: "e-1",
      event_name: "refund",
      source: "shop-server",
      received_at: OPS_NOW,
      reasons: [],
      raw: "{}",
    });
    const { body } = await world.get("/events/e-1");
    const archived = body.events.map(({ name, archived }: { name: string; archived: string }) => [name, archived]);
    expect(archived).toEqual([
      ["purchase", "yes"],
      ["refund", "no"],
    ]);
  });
});

test("the keys by which the graph knows a waiting device are not shown", async () => {
  const world = await lookupWorld();
  await world.send(serverPurchase("e-1"));
  const [stored] = await world.store.readStory("e-1", ["shop"]);
  const story = stored?.claim?.story;
  if (story === undefined) throw new Error("a claim");
  const merge = { until: OPS_NOW, fields: [], undecided: [], device_keys: ["anonymous_id#abcdefgh"] };
  await world.store.claim({ dedup_scope: "shop", event_name: "purchase", event_id: "e-2" }, "copy", {
    ...story,
    merge,
  });
  const { body } = await world.get("/events/e-2");
  expect(body.events[0].story.merge).toEqual({ until: OPS_NOW, fields: [], undecided: [] });
});
