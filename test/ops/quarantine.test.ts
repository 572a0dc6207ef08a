import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

type World = Awaited<ReturnType<typeof lookupWorld>>;

const BROWSER = {
  headers: {
    authorization: "Bearer browser-key",
    origin: "https://shop.example.com",
    "user-agent": "Mozilla/5.0",
    "sec-gpc": "1",
  },
  cookies: ["_fbp=fb.1.1700000000000.123"],
};

/** Puts right what is wrong in the entries, as a sender's mapping would be in the code or the configuration. */
async function mend(world: World, change: (raw: Record<string, unknown>) => object): Promise<void> {
  for (const entry of world.store.quarantined()) {
    const raw = JSON.stringify(change(JSON.parse(entry.raw) as Record<string, unknown>));
    await world.store.quarantine({ ...entry, raw });
  }
}

const mendValue = (raw: Record<string, unknown>) => ({ ...raw, value: "12.50" });

describe("the list", () => {
  test("has reasons and no content, newest first, paged and filtered", async () => {
    const world = await lookupWorld();
    for (const n of [0, 1, 2]) {
      world.time.now = OPS_NOW - n * DAY_MS;
      await world.send(serverPurchase(`bad-${n}`, { value: "12,50" }));
    }
    world.time.now = OPS_NOW;
    await world.send({ event_name: "lead", event_id: "odd", user: { user_id: {} } });
    const { body } = await world.get("/quarantine", { limit: 2 });
    const second = (await world.get("/quarantine", { limit: 2, cursor: body.next })).body;
    const idsOf = (page: { items: { event_id: string }[] }) => page.items.map(({ event_id }) => event_id);
    expect([...idsOf(body), ...idsOf(second)].sort()).toEqual(["bad-0", "bad-1", "bad-2", "odd"]);
    expect(body.items.find(({ event_id }: { event_id: string }) => event_id === "bad-0")).toEqual({
      dedup_scope: "shop",
      event_id: "bad-0",
      event_name: "purchase",
      source: "shop-server",
      received_at: OPS_NOW,
      reasons: [{ field: "value", rule: expect.any(String), got: "string of 5 characters" }],
    });
    expect(idsOf((await world.get("/quarantine", { field: "user" })).body)).toEqual(["odd"]);
    expect(idsOf((await world.get("/quarantine", { field: "use" })).body)).toEqual([]);
    expect(idsOf((await world.get("/quarantine", { source: "shop-web" })).body)).toEqual([]);
  });

  test("shows what was sent with personal only, which is written down", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("bad", { value: "12,50" }));
    expect((await world.get("/quarantine")).body.items[0].raw).toBeUndefined();
    const { body } = await world.get("/quarantine", { personal: true });
    expect(JSON.parse(body.items[0].raw)).toMatchObject({ user: { email: "ada@lovelace.dev" } });
    expect(await world.ops.audit.read(1, 10)).toMatchObject([{ action: "quarantine.read_personal" }]);
  });
});

describe("submitting again", () => {
  test("what is valid now is taken in as old as it is, once, and leaves quarantine", async () => {
    const world = await lookupWorld();
    await world.send({ events: ["a", "b"].map((id) => serverPurchase(id, { value: "12,50" })) }, BROWSER);
    const still = await world.post("/quarantine/resubmit", {});
    expect(still).toMatchObject({ status: 200, body: { accepted: 0, unavailable: 0 } });
    expect(still.body.still_refused).toHaveLength(2);
    await mend(world, mendValue);
    world.time.now = OPS_NOW + 2 * DAY_MS;

    const dry = await world.post("/quarantine/resubmit", { dry_run: true });
    expect(dry.body).toEqual({ accepted: 2, still_refused: [], unavailable: 0, ignored: 0, dry_run: true });
    expect(world.store.quarantined()).toHaveLength(2);
    expect(world.store.claims()).toEqual([]);

    const { body } = await world.post("/quarantine/resubmit", {});
    expect(body).toEqual({ accepted: 2, still_refused: [], unavailable: 0, ignored: 0, dry_run: false });
    expect(world.store.quarantined()).toEqual([]);
    await world.enrich();
    const [event] = world.archive.events().map((it) => it.event);
    expect(event).toMatchObject({
      received_at: OPS_NOW,
      event_time: OPS_NOW,
      value: "12.5",
      source: { id: "shop-web", kind: "browser" },
      browser_ids: { fbp: "fb.1.1700000000000.123" },
      user: { ip: "93.184.216.34", user_agent: "Mozilla/5.0" },
      // The opt-out that the browser sent with it.
      consent: { gpc: true },
    });
    expect(world.metrics.total("EventsAccepted", { source: "shop-web" })).toBe(2);
  });

  test("a crash between the queue and the table makes a copy, which is dropped", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("a", { value: "12,50" }));
    await mend(world, mendValue);
    const { removeQuarantined } = world.lookups;
    world.lookups.removeQuarantined = () => Promise.reject(new Error("down"));
    expect((await world.post("/quarantine/resubmit", {})).status).toBe(500);
    await world.enrich();
    world.lookups.removeQuarantined = removeQuarantined;
    world.time.now += 10 * MINUTE_MS;
    expect((await world.post("/quarantine/resubmit", {})).body.accepted).toBe(1);
    await world.enrich();
    expect(world.store.quarantined()).toEqual([]);
    expect(world.store.claims()).toHaveLength(1);
    expect(world.lanes.messages("meta")).toHaveLength(1);
  });

  test("what the queue does not take stays, and is told", async () => {
    const world = await lookupWorld();
    await world.send({ events: ["a", "b"].map((id) => serverPurchase(id, { value: "12,50" })) });
    await mend(world, mendValue);
    world.queue.refuse = ({ body }) => (body.includes('"event_id":"a"') ? "InternalError" : undefined);
    expect((await world.post("/quarantine/resubmit", {})).body).toMatchObject({ accepted: 1, unavailable: 1 });
    expect(world.store.quarantined().map(({ event_id }) => event_id)).toEqual(["a"]);
  });

  test("pages go over all of them, also when some leave the list and some stay", async () => {
    const world = await lookupWorld();
    const events = Array.from({ length: 11 }, (_, n) => serverPurchase(`e-${n}`, { value: "12,50" }));
    // All of one moment, as events of one request are.
    await world.send({ events });
    const valid = new Set(["e-0", "e-2", "e-3", "e-7", "e-9", "e-10"]);
    await mend(world, (raw) => (valid.has(String(raw.event_id)) ? mendValue(raw) : raw));
    let accepted = 0;
    const refused: string[] = [];
    let cursor: string | undefined;
    do {
      const given = cursor === undefined ? {} : { cursor };
      const { body } = await world.post("/quarantine/resubmit", { limit: 3, ...given });
      accepted += body.accepted;
      refused.push(...body.still_refused.map(({ event_id }: { event_id: string }) => event_id));
      cursor = body.next;
    } while (cursor !== undefined);
    expect(accepted).toBe(valid.size);
    expect(refused.sort()).toEqual(["e-1", "e-4", "e-5", "e-6", "e-8"]);
  });

  test("one by its id, wherever it is", async () => {
    const world = await lookupWorld();
    await world.send({ events: ["a", "b"].map((id) => serverPurchase(id, { value: "12,50" })) });
    await mend(world, mendValue);
    expect((await world.post("/quarantine/resubmit", { event_ids: ["a", "nowhere"] })).body.accepted).toBe(1);
    expect(world.store.quarantined().map(({ event_id }) => event_id)).toEqual(["b"]);
    const refusal = await world.post("/quarantine/resubmit", { event_ids: ["a"], source: "shop-web" });
    expect(refusal).toMatchObject({ status: 400, body: { error: "too_many_filters" } });
  });

  test("an event without an id gets the one its sender was told, each time", async () => {
    const world = await lookupWorld();
    const answer = await world.send({ event_name: "lead", value: "12,50" });
    const [{ event_id }] = answer.results;
    await mend(world, mendValue);
    await world.post("/quarantine/resubmit", {});
    await world.enrich();
    expect(world.store.claims()).toMatchObject([{ key: { event_id } }]);
  });

  test.each([
    ["cut", { raw: '{"event_name":"purch' }, "32 KB"],
    ["of an older version", { origin: undefined }, "did not say how"],
    ["of a source that is gone", { source: "old-shop" }, "not configured"],
    ["of a source in another scope now", { dedup_scope: "old-scope" }, "another dedup scope"],
  ])("one that is %s is refused with the reason, and stays", async (_, change, reason) => {
    const world = await lookupWorld();
    await world.send(serverPurchase("a", { value: "12,50" }));
    const [entry] = world.store.quarantined();
    if (entry === undefined) throw new Error("nothing was refused");
    const { origin, ...rest } = { ...entry, ...change };
    world.store.removeQuarantined(entry);
    await world.store.quarantine({ ...rest, ...(origin === undefined ? {} : { origin }) });
    const { body } = await world.post("/quarantine/resubmit", {});
    expect(body).toMatchObject({
      accepted: 0,
      still_refused: [{ not_resubmittable: expect.stringContaining(reason) }],
    });
    expect(world.store.quarantined()).toHaveLength(1);
  });

  test("a message that enrich failed on is put on the queue as it was", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("a"));
    const [message] = world.queue.messages;
    await world.store.quarantine({
      dedup_scope: "shop",
      event_id: "p-1",
      event_name: "purchase",
      source: "shop-server",
      received_at: OPS_NOW,
      reasons: [{ field: "event", rule: "must be processable", got: "TypeError" }],
      raw: String(message?.body).replaceAll('"a"', '"p-1"'),
      origin: { via: "queue" },
    });
    expect((await world.post("/quarantine/resubmit", {})).body.accepted).toBe(1);
    await world.enrich();
    expect(world.store.claims().map(({ key }) => key.event_id)).toEqual(["a", "p-1"]);
  });

  test("a message that names no source, and text that is no event, are refused", async () => {
    const world = await lookupWorld();
    const entry = { dedup_scope: "unreadable", event_name: "unreadable", source: "events-queue", received_at: OPS_NOW };
    for (const [event_id, raw] of Object.entries({ a: "{}", b: "not json", c: '{"v":1,"kind":"event"}' })) {
      await world.store.quarantine({ ...entry, event_id, raw, reasons: [], origin: { via: "queue" } });
    }
    const { body } = await world.post("/quarantine/resubmit", {});
    expect(body).toMatchObject({ accepted: 0, ignored: 0, unavailable: 0 });
    expect(body.still_refused).toHaveLength(3);
  });

  test("needs the permission to operate, and is written down before it happens", async () => {
    const world = await lookupWorld();
    const key = await world.ops.keyFor(["read", "personal"]);
    const ask = { method: "POST", path: "/quarantine/resubmit", body: "{}" };
    expect((await world.ops.ask({ ...ask, key })).status).toBe(403);
    await world.ops.ask(ask);
    expect(await world.ops.audit.read(1, 10)).toMatchObject([{ action: "quarantine.resubmit", target: "quarantine" }]);
  });
});
