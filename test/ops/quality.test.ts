import { MINUTE_MS } from "../../src/core/durations.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

test("scores and presence are averages over the window, weighted by what was measured", async () => {
  const world = await lookupWorld();
  const measure = (
    metric: "MatchQuality" | "Presence_email",
    dimensions: Record<string, string>,
    points: number[][],
  ) => {
    for (const [index, [sum = 0, samples = 0]] of points.entries()) {
      const at = OPS_NOW - (index + 1) * MINUTE_MS;
      world.measure({ metric, dimensions, statistic: "Sum" }, sum, at);
      world.measure({ metric, dimensions, statistic: "SampleCount" }, samples, at);
    }
  };
  measure("MatchQuality", { destination: "meta" }, [
    [80, 10],
    [4, 2],
  ]);
  measure("Presence_email", {}, [[3, 4]]);
  const { body } = await world.get("/quality", { window: 60 });
  expect(body.destinations).toEqual([
    { lane: "meta", events: 12, score: 7 },
    { lane: "webhook", events: 0 },
  ]);
  expect(body.presence).toEqual({ email: 0.75 });
  expect(body.events).toEqual([]);
  expect(body.window.to - body.window.from).toBeGreaterThanOrEqual(60 * MINUTE_MS);
});

test("of one event the parts of each score are told", async () => {
  const world = await lookupWorld();
  await world.send(serverPurchase("e-1"));
  const { body } = await world.get("/quality", { event_id: "e-1" });
  expect(body.events).toMatchObject([
    {
      event_id: "e-1",
      carried: ["email", "phone", "external_id", "name"],
      destinations: [{ lane: "meta", score: expect.any(Number), present: expect.arrayContaining(["email"]) }],
    },
  ]);
});

test("of an event in two copies the score is that of the request, once it was sent", async () => {
  const world = await lookupWorld();
  const headers = { authorization: "Bearer browser-key", origin: "https://shop.example.com" };
  const cookies = { _fbp: "fb.1.1700000000000.123" };
  await world.send(serverPurchase("e-2", { user: {}, cookies }), { headers });
  const present = async () => (await world.get("/quality", { event_id: "e-2" })).body.events[0].destinations[0].present;
  const alone = await present();
  await world.send(serverPurchase("e-2"));
  expect(await present()).toEqual(alone);
  await world.receipt("e-2", "meta", { merged: ["shop-server"] });
  expect(alone).not.toContain("email");
  expect(await present()).toEqual(expect.arrayContaining([...alone, "email", "phone"]));
});

test("what a platform said of its own score stands beside ours, with its day and its trouble", async () => {
  const world = await lookupWorld();
  const scores = [{ event: "Purchase", names: ["purchase" as const], score: 6.9, coverage: { email: 0.8 } }];
  const last = { read_at: OPS_NOW - 60_000, about: "event match quality", scores };
  const next_at = OPS_NOW + 1;
  await world.readBacks.save({ lane: "meta", tried_at: OPS_NOW, next_at, problem: "HTTP 403: no permission", last });
  // Of before the configuration stopped asking: it would be told for ever.
  await world.readBacks.save({ lane: "webhook", tried_at: OPS_NOW, next_at, problem: "HTTP 403", last });
  const { body } = await world.get("/quality", {});
  expect(body.destinations).toEqual([
    { lane: "meta", events: 0, platform: { tried_at: OPS_NOW, problem: "HTTP 403: no permission", last } },
    { lane: "webhook", events: 0 },
  ]);
});
