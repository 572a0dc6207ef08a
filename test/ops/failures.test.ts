import { DAY_MS } from "../../src/core/durations.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

test("failures of one cause are one group, explained, with samples", async () => {
  const world = await lookupWorld();
  const events = Array.from({ length: 6 }, (_, n) => `e-${n}`);
  await world.send({ events: events.map((id) => serverPurchase(id)) });
  for (const [index, id] of events.entries()) {
    world.time.now = OPS_NOW + index;
    const trace = `fbtrace_id Abc${index}Def${index}Ghi`;
    const [state, reason] =
      index < 4
        ? (["unauthorized", `190/463: Error validating access token (${trace})`] as const)
        : (["rejected", `100/2804003: order order-1000${index} is too old`] as const);
    await world.receipt(id, "meta", { state, reason });
  }
  await world.receipt("e-0", "webhook", { state: "expired", reason: "not delivered within 1 day; last: HTTP 503" });
  const { body } = await world.get("/failures");
  expect(body).toMatchObject({ read: 7, truncated: false });
  expect(body.items).toMatchObject([
    {
      lane: "meta",
      state: "unauthorized",
      cause: "190/463: Error validating access token (fbtrace_id …)",
      events: 4,
      first_at: OPS_NOW,
      last_at: OPS_NOW + 3,
      explanation: { means: expect.stringContaining("access token"), todo: expect.stringContaining("meta") },
      samples: [{ event_id: "e-3" }, { event_id: "e-2" }, { event_id: "e-1" }],
    },
    { lane: "meta", state: "rejected", cause: "100/2804003: order … is too old", events: 2 },
    { lane: "webhook", state: "expired", events: 1 },
  ]);
  expect((await world.get("/failures", { lane: "webhook" })).body.items).toHaveLength(1);
  expect((await world.get("/failures", { lane: "meta", from: OPS_NOW + 4 })).body.read).toBe(2);
});

test("what has been delivered, or is tried again, is no failure", async () => {
  const world = await lookupWorld();
  await world.send(serverPurchase("e-1"));
  await world.receipt("e-1", "meta", { state: "unauthorized", reason: "no" });
  const { listFailures } = world.lookups;
  // The index is a second behind.
  const stale = await listFailures("meta", { day: "2026-11-23", from: 0, until: OPS_NOW, limit: 10 });
  world.lookups.listFailures = async (lane) => (lane === "meta" ? stale : []);
  await world.receipt("e-1", "meta", { state: "retry", reason: "no", updated_at: OPS_NOW + 1 });
  expect((await world.get("/failures")).body).toEqual({ items: [], read: 0, truncated: false });
});

test("of very many only the newest are read, and the answer says so", async () => {
  const world = await lookupWorld();
  const limits: number[] = [];
  world.lookups.listFailures = async (lane, { limit }) => {
    limits.push(limit);
    return Array.from({ length: limit }, (_, n) => ({
      key: { dedup_scope: "shop", event_name: "purchase" as const, event_id: `e-${n}` },
      lane,
      at: OPS_NOW,
    }));
  };
  const { body } = await world.get("/failures", { lane: "meta" });
  expect(body.truncated).toBe(true);
  expect(Math.max(...limits)).toBeLessThanOrEqual(1_000);
});

test("a span that would take thousands of queries is refused", async () => {
  const world = await lookupWorld();
  const query = { from: OPS_NOW - 40 * DAY_MS };
  expect(await world.get("/failures", query)).toMatchObject({ status: 400, body: { error: "span_too_long" } });
});
