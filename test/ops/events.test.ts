import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

type World = Awaited<ReturnType<typeof lookupWorld>>;

async function ids(world: World, query: Parameters<World["get"]>[1]): Promise<string[]> {
  const { status, body } = await world.get("/events", query);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.items.map(({ event_id }: { event_id: string }) => event_id);
}

/** All pages of a list, with the sizes of its pages. */
async function allIds(world: World, query: Record<string, string | number>): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await world.get("/events", { ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect(status).toBe(200);
    found.push(...body.items.map(({ event_id }: { event_id: string }) => event_id));
    cursor = body.next;
  } while (cursor !== undefined);
  return found;
}

describe("by id and by order", () => {
  test("an event is there as soon as it is claimed, with its states", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("e-1"));
    await world.receipt("e-1", "meta", { state: "rejected", reason: "no such pixel" });
    const row = {
      event_id: "e-1",
      dedup_scope: "shop",
      name: "purchase",
      event_time: OPS_NOW,
      received_at: OPS_NOW,
      source: "shop-server",
      order_id: "order-e-1",
      value: "49.95",
      currency: "EUR",
      person_id: expect.any(String),
      destinations: [
        { lane: "meta", state: "rejected", reason: "no such pixel" },
        { lane: "webhook", state: "pending" },
      ],
    };
    expect((await world.get("/events", { event_id: "e-1" })).body).toEqual({ items: [row] });
    expect((await world.get("/events", { order_id: "order-e-1" })).body).toEqual({ items: [row] });
    expect(await ids(world, { order_id: "order-e-2" })).toEqual([]);
    expect(await ids(world, { event_id: "e-1", source: "shop-web" })).toEqual([]);
  });

  test("a refused event is there as one", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("bad", { value: "12,50" }));
    const { body } = await world.get("/events", { event_id: "bad" });
    expect(body.items).toMatchObject([{ event_id: "bad", quarantined: true, destinations: [] }]);
  });
});

describe("failures", () => {
  test("are read from their list, page by page, and not from the archive", async () => {
    const world = await lookupWorld();
    world.archive.objects = () => Promise.reject(new Error("not asked"));
    const events = Array.from({ length: 7 }, (_, n) => `e-${n}`);
    await world.send({ events: events.map((id) => serverPurchase(id)) });
    for (const id of events) await world.receipt(id, "meta", { state: "rejected", reason: "no" });
    await world.receipt("e-3", "meta", { state: "delivered" });
    await world.receipt("e-0", "webhook", { state: "expired", reason: "not delivered within 1 day" });
    const found = await allIds(world, { destination: "meta", outcome: "rejected", limit: 3 });
    expect(found.sort()).toEqual(["e-0", "e-1", "e-2", "e-4", "e-5", "e-6"]);
    expect(await ids(world, { destination: "webhook", outcome: "expired" })).toEqual(["e-0"]);
    expect(await ids(world, { destination: "meta", outcome: "rejected", to: OPS_NOW })).toEqual([]);
    expect(await ids(world, { destination: "meta", outcome: "rejected", source: "shop-web" })).toEqual([]);
  });
});

describe("in the archive", () => {
  test("newest first, with the states of now, and how far it was searched", async () => {
    const world = await lookupWorld();
    for (const [id, minutes] of [
      ["old", -120],
      ["new", -10],
      ["middle", -60],
    ] as const) {
      world.time.now = OPS_NOW + minutes * MINUTE_MS;
      await world.send(serverPurchase(id));
    }
    world.time.now = OPS_NOW;
    await world.receipt("middle", "meta", { state: "delivered", delivered_at: OPS_NOW });
    const { body } = await world.get("/events");
    expect(body.items.map(({ event_id }: { event_id: string }) => event_id)).toEqual(["new", "middle", "old"]);
    expect(body.items[1].destinations).toEqual([
      { lane: "meta", state: "delivered" },
      { lane: "webhook", state: "pending" },
    ]);
    expect(body).toMatchObject({ archive_lag_seconds: expect.any(Number), searched_to: expect.any(Number) });
    expect(body.next).toBeUndefined();
    expect(await ids(world, { from: OPS_NOW - 90 * MINUTE_MS, to: OPS_NOW - 30 * MINUTE_MS })).toEqual(["middle"]);
    expect(await ids(world, { destination: "meta", outcome: "delivered" })).toEqual(["middle"]);
    expect((await ids(world, { destination: "meta", outcome: "pending" })).sort()).toEqual(["new", "old"]);
    expect(await ids(world, { destination: "nowhere" })).toEqual([]);
  });

  test("by source and by the name that the sender gave", async () => {
    const world = await lookupWorld();
    await world.send({ events: [serverPurchase("p"), { event_name: "Quiz #1", event_id: "q" }] });
    expect(await ids(world, { name: "purchase" })).toEqual(["p"]);
    expect(await ids(world, { name: "custom:Quiz #1" })).toEqual(["q"]);
    expect(await ids(world, { source: "shop-web" })).toEqual([]);
  });

  test.each([
    ["e-mail", "Ada@Lovelace.dev"],
    ["phone", "01511 2345678"],
    ["user id", "u-1"],
    ["anonymous id", "anon-1"],
  ])("by a person's %s: all of theirs, also those under another identifier", async (_, person) => {
    const world = await lookupWorld();
    await world.send(serverPurchase("mine"));
    await world.send({ event_name: "lead", event_id: "as-visitor", user: { user_id: "u-1", anonymous_id: "anon-1" } });
    await world.send({ event_name: "lead", event_id: "visitor-only", user: { anonymous_id: "anon-1" } });
    await world.send({ event_name: "lead", event_id: "other", user: { email: "grace@hopper.dev" } });
    expect((await ids(world, { person })).sort()).toEqual(["as-visitor", "mine", "visitor-only"]);
  });

  test("by an e-mail that only the other copy of the event had, and then once, as the event that it became", async () => {
    const world = await lookupWorld();
    const headers = { authorization: "Bearer browser-key", origin: "https://shop.example.com" };
    await world.send(serverPurchase("pair", { user: { anonymous_id: "anon-9" } }), { headers });
    await world.send(serverPurchase("pair"));
    const { body } = await world.get("/events", { person: "ada@lovelace.dev" });
    expect(body.items).toMatchObject([{ event_id: "pair", source: "shop-web" }]);
    expect(await ids(world, { person: "ada@lovelace.dev", source: "shop-web" })).toEqual(["pair"]);
    expect(await ids(world, { person: "ada@lovelace.dev", source: "shop-server" })).toEqual([]);
    expect(await ids(world, { person: "anon-9" })).toEqual(["pair"]);
    expect(await ids(world, {})).toEqual(["pair"]);
  });

  test("by the person id that a row names", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("mine"));
    const { body } = await world.get("/events", { event_id: "mine" });
    expect(await ids(world, { person: body.items[0].person_id })).toEqual(["mine"]);
  });

  test("pages give every event once, whatever they are filtered by after they were found", async () => {
    const world = await lookupWorld();
    const events = Array.from({ length: 40 }, (_, n) => `e-${n}`);
    for (const [index, id] of events.entries()) {
      world.time.now = OPS_NOW - index * 17 * MINUTE_MS;
      await world.send(serverPurchase(id));
      if (index % 3 === 0) await world.receipt(id, "meta", { state: "delivered", delivered_at: world.time.now });
    }
    world.time.now = OPS_NOW;
    expect((await allIds(world, { limit: 7 })).sort()).toEqual(events.toSorted());
    const delivered = events.filter((_, index) => index % 3 === 0).sort();
    expect((await allIds(world, { destination: "meta", outcome: "delivered", limit: 2 })).sort()).toEqual(delivered);
  });

  test("a request ends when its time is up, and says how far it came", async () => {
    const world = await lookupWorld();
    for (const days of [1, 2, 3]) {
      world.time.now = OPS_NOW - days * DAY_MS;
      await world.send(serverPurchase(`e-${days}`));
    }
    world.time.now = OPS_NOW;
    const { lines } = world.archive;
    world.archive.lines = (key) => {
      // Each object takes five seconds.
      world.time.now += 5_000;
      return lines(key);
    };
    const { body } = await world.get("/events");
    expect(body.items.map(({ event_id }: { event_id: string }) => event_id)).toEqual(["e-1", "e-2"]);
    expect(body.next).toEqual(expect.any(String));
    expect(body.searched_to).toBeLessThan(OPS_NOW - 2 * DAY_MS);
    expect(body.searched_to).toBeGreaterThan(OPS_NOW - 3 * DAY_MS);
    expect(await ids(world, { cursor: body.next })).toEqual(["e-3"]);
  });

  test("lines that nobody can read are counted and cost nothing else", async () => {
    const world = await lookupWorld();
    await world.send(serverPurchase("e-1"));
    world.archive.plant(OPS_NOW - 1, ["{", '{"v":9}']);
    const { body } = await world.get("/events");
    expect(body).toMatchObject({ items: [{ event_id: "e-1" }], unreadable: 2 });
  });
});

describe("what is refused", () => {
  test.each([
    [{ outcome: "rejected" }, "destination_missing"],
    [{ event_id: "a", person: "b" }, "too_many_filters"],
    [{ from: 5, to: 5 }, "invalid_field"],
    [{ cursor: "nonsense" }, "invalid_cursor"],
    [{ outcome: "lost" }, "invalid_field"],
    [{ limit: 0 }, "invalid_field"],
    [{ evnt_id: "a" }, "unknown_field"],
  ])("%j: %s", async (query, error) => {
    const world = await lookupWorld();
    expect(await world.get("/events", query as Record<string, string>)).toMatchObject({ status: 400, body: { error } });
  });

  test("a search where there is no archive; ids and orders are found all the same", async () => {
    const world = await lookupWorld({ hasArchive: false });
    await world.send(serverPurchase("e-1"));
    expect(await world.get("/events", { source: "web" })).toMatchObject({
      status: 409,
      body: { error: "archive_off" },
    });
    expect(await ids(world, { event_id: "e-1" })).toEqual(["e-1"]);
  });
});

test("a cursor holds nothing of a person, whatever was asked for", async () => {
  const world = await lookupWorld();
  for (const id of ["ada@lovelace.dev", "b"]) await world.send(serverPurchase(id, { order_id: "ada@lovelace.dev" }));
  for (const id of ["ada@lovelace.dev", "b"]) await world.receipt(id, "meta", { state: "rejected", reason: "no" });
  for (const query of [{ person: "ada@lovelace.dev" }, { destination: "meta", outcome: "rejected" }]) {
    const { body } = await world.get("/events", { ...query, limit: 1 });
    const text = Buffer.from(body.next, "base64url").toString("utf8");
    expect(text).not.toMatch(/ada|lovelace|shop#|%40/i);
  }
});
