import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { ERASURE_REACH_MS, tombstoneOf } from "../../src/core/erasure.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import { eraseWorld, SETTLE_MS } from "../support/erase-world.ts";
import { serverPurchase } from "../support/lookup-world.ts";
import { replayJob } from "../support/replay-store-suite.ts";

const ADA = { email: "ada@lovelace.dev", phone: "+4915112345678", first_name: "Ada", user_id: "u-ada" };
const BOB = { email: "bob@byron.dev", user_id: "u-bob" };
const OF_ADA = ["ada@lovelace", "15112345678", "u-ada", "order-a", "anon-ada", "ada.old"];

type World = Awaited<ReturnType<typeof eraseWorld>>;

/** Ada and Bob, who each bought and did something at a browser. */
async function twoPeople(): Promise<World> {
  const world = await eraseWorld();
  await world.send({
    events: [
      serverPurchase("a1", { user: { ...ADA, anonymous_id: "anon-ada" }, order_id: "order-a1" }),
      serverPurchase("b1", { user: BOB, order_id: "order-b1" }),
      { event_name: "page_view", event_id: "a2", user: { anonymous_id: "anon-ada" } },
      serverPurchase("a3", { user: ADA, value: "none" }),
      serverPurchase("b3", { user: BOB, value: "none" }),
    ],
  });
  const reason = `refused: ${ADA.email}`;
  const attempts = [{ at: 1, outcome: "rejected" as const, reason, batch: 1, took_ms: 1 }];
  await world.receipt("a1", "meta", { state: "rejected", reason, attempts, attempt_count: 1 });
  await world.receipt("a1", "webhook", { delivered_at: 5 });
  await world.receipt("b1", "meta", { state: "rejected", reason: "refused: of Bob" });
  return world;
}

function told(text: string, words: readonly string[]): string[] {
  return words.filter((word) => text.includes(word));
}

async function personOf(world: World, identifier: string): Promise<unknown> {
  return (await world.get("/identity", { identifier })).body;
}

test("G22: after an erasure no store holds anything of the person, and nothing of others is gone", async () => {
  const world = await twoPeople();
  expect(told(await world.everything(), OF_ADA).length).toBeGreaterThan(3);
  const { body } = await world.erase(ADA.email);
  expect(body).toMatchObject({ state: "running", step: "archive", kind: "erase" });
  expect(await personOf(world, "u-ada")).toMatchObject({ found: false, matched: [] });

  const job = await world.finish(body.id);
  expect(job).toMatchObject({ state: "done", person_keys: [] });
  expect(job.counts).toMatchObject({ archive_events: 2, delivery: 2, quarantine: 1 });
  const text = await world.everything();
  expect(told(text, OF_ADA)).toEqual([]);
  for (const word of [BOB.email, "u-bob", "order-b1", "of Bob", '"b3"']) expect(text).toContain(word);
  expect(await personOf(world, BOB.email)).toMatchObject({ found: true });
  expect(world.log.lines.join("\n")).not.toContain("ada");
});

test("a claim and its receipts stay, so that a late copy is a copy", async () => {
  const world = await twoPeople();
  await world.finish((await world.erase("u-ada")).body.id);
  const [stored] = await world.store.readStory("a1", ["shop"]);
  expect(stored?.claim).toMatchObject({ copies: 1, story: { identity: { filled: [], learned: [] } } });
  expect(stored?.records).toMatchObject([
    { lane: "meta", state: "rejected", attempt_count: 1, attempts: [{ outcome: "rejected" }] },
    { lane: "webhook", state: "delivered", delivered_at: 5 },
  ]);
  await world.send({ events: [serverPurchase("a1", { user: { user_id: "somebody" } })] });
  expect((await world.store.readStory("a1", ["shop"]))[0]?.claim?.copies).toBe(2);
});

test("what was received before and comes out of the queue later is dropped, counted, and teaches nothing", async () => {
  const world = await twoPeople();
  const { body } = await world.erase(ADA.email);
  // Received within the reach of the erasure: whoever took it in may not have heard of it.
  world.time.now += ERASURE_REACH_MS - 1;
  await world.send({ events: [serverPurchase("late", { user: ADA }), serverPurchase("b9", { user: BOB })] });
  expect(world.metrics.total("EventsErased")).toBe(1);
  expect(await world.store.readStory("late", ["shop"])).toEqual([]);
  expect(await personOf(world, "u-ada")).toMatchObject({ found: false });
  expect((await world.store.readStory("b9", ["shop"]))[0]?.claim).toBeDefined();
  await world.finish(body.id);
  expect(told(await world.everything(), OF_ADA)).toEqual([]);
});

test("who comes back later is somebody new, and stays when the erasure looks once more", async () => {
  const world = await twoPeople();
  const { body } = await world.erase(ADA.email);
  world.time.now += ERASURE_REACH_MS + 1;
  await world.send({ events: [serverPurchase("again", { user: { email: ADA.email, user_id: "u-new" } })] });
  expect(await world.finish(body.id)).toMatchObject({ state: "done" });
  expect(await personOf(world, ADA.email)).toMatchObject({ found: true });
  const text = await world.everything();
  expect(text).toContain("u-new");
  // Nothing of before was filled in.
  expect(told(text, ["u-ada", "anon-ada", "order-a1"])).toEqual([]);
});

test("what a worker had in hand at the request is gone when the job is done", async () => {
  const world = await twoPeople();
  const { body } = await world.erase(ADA.email);
  for (let run = 0; run < 2; run += 1) await world.slice();
  // As a container does that has not heard yet: it learns, claims and archives.
  const cached = { head: async () => undefined, erasedAt: async () => [] };
  const { head } = world.tombstones;
  world.tombstones.head = cached.head;
  world.time.now -= 2 * MINUTE_MS;
  await world.send({ events: [serverPurchase("in-hand", { user: ADA, order_id: "order-a9" })] });
  world.time.now += 2 * MINUTE_MS;
  world.tombstones.head = head;
  expect(await personOf(world, "u-ada")).toMatchObject({ found: true });
  expect(await world.jobs.read(body.id)).toMatchObject({ state: "running", step: "wait" });
  expect(await world.finish(body.id)).toMatchObject({ state: "done" });
  expect(await personOf(world, "u-ada")).toMatchObject({ found: false });
  expect(told(await world.everything(), OF_ADA)).toEqual([]);
});

test("an address of before is found in the archive, and everything that carries it goes as well", async () => {
  const world = await eraseWorld();
  const old = { email: "ada.old@lovelace.dev", user_id: "u-ada" };
  await world.send({ events: [serverPurchase("a0", { user: old })] });
  await world.send({ events: [serverPurchase("a1", { user: ADA })] });
  const { body } = await world.erase("u-ada");
  await world.finish(body.id);
  expect(await personOf(world, old.email)).toMatchObject({ found: false, matched: [] });
  expect(world.identities.contents()).toEqual({ persons: [], pointers: [] });
  expect(told(await world.everything(), OF_ADA)).toEqual([]);
});

test("the same person asked for twice while it runs is one job, and afterwards another one", async () => {
  const world = await twoPeople();
  const first = await world.erase(ADA.email);
  expect((await world.erase(ADA.email)).body.id).toBe(first.body.id);
  expect((await world.erase("+49 1511 2345678")).body.id).toBe(first.body.id);
  expect((await world.erase("u-ada")).body.id).toBe(first.body.id);
  expect((await world.erase(BOB.email)).body.id).not.toBe(first.body.id);
  await world.finish(first.body.id);
  const again = await world.erase(ADA.email);
  expect(again.body.id).not.toBe(first.body.id);
  expect(await world.finish(again.body.id)).toMatchObject({ state: "done", counts: { archive_events: 0 } });
});

/** A request whose first steps failed: the run of each minute begins with them. */
async function askedInVain(world: World, identifier: string): Promise<string> {
  const { secret } = world.tombstones;
  world.tombstones.secret = () => Promise.reject(new Error("throttled"));
  const { body } = await world.erase(identifier);
  world.tombstones.secret = secret;
  expect(body).toMatchObject({ step: "tombstones" });
  return body.id;
}

test("what the graph still filled in while the first steps failed goes as well", async () => {
  const world = await twoPeople();
  const id = await askedInVain(world, ADA.email);
  world.time.now += 10 * MINUTE_MS;
  await world.send({ events: [{ event_name: "page_view", event_id: "x9", user: { anonymous_id: "anon-ada" } }] });
  const filled = sha256Hex(ADA.email);
  expect(await world.everything()).toContain(filled);
  await world.slice();
  // On its way when the graph was emptied.
  expect(await world.tombstones.head()).toMatchObject({ last_at: world.time.now });
  expect(await world.finish(id)).toMatchObject({ state: "done" });
  expect(told(await world.everything(), [...OF_ADA, filled])).toEqual([]);
});

test("who turned out to be the person before the graph was emptied goes with them, with what is theirs alone", async () => {
  const world = await eraseWorld();
  const earlier = { user_id: "u-ada", email: ADA.email };
  await world.send({ events: [serverPurchase("e1", { user: { email: "ada.old@lovelace.dev" } })] });
  world.time.now += 1;
  await world.send({ events: [serverPurchase("e2", { user: earlier })] });
  const id = await askedInVain(world, "u-ada");
  await world.send({ events: [serverPurchase("e3", { user: { email: "ada.old@lovelace.dev", user_id: "u-ada" } })] });
  await world.send({ events: [serverPurchase("b1", { user: BOB })] });
  await world.slice();
  const { secret = "" } = (await world.tombstones.head()) ?? {};
  const old = `email#${sha256Hex("ada.old@lovelace.dev")}`;
  expect(world.tombstones.names()).toContain(tombstoneOf(old, { secret }));
  await world.finish(id);
  const text = await world.everything();
  expect(told(text, OF_ADA)).toEqual([]);
  expect(text).toContain(BOB.email);
});

test("of two people at one browser each is erased by a job of their own", async () => {
  const world = await eraseWorld();
  for (const [id, user] of [["e1", ADA] as const, ["e2", BOB] as const])
    await world.send({ events: [serverPurchase(id, { user: { ...user, anonymous_id: "anon-both" } })] });
  const first = await world.erase("u-bob");
  const second = await world.erase("u-ada");
  expect(second.body.id).not.toBe(first.body.id);
  await world.finish(second.body.id);
  expect(told(await world.everything(), OF_ADA)).toEqual([]);
});

test("who came back while they are being erased, and asks again, is erased again", async () => {
  const world = await twoPeople();
  const first = await world.erase(ADA.email);
  world.time.now += ERASURE_REACH_MS + 1;
  expect((await world.erase(ADA.email)).body.id).toBe(first.body.id);
  await world.send({ events: [serverPurchase("again", { user: ADA, order_id: "order-a7" })] });
  const second = await world.erase(ADA.email);
  expect(second.body.id).not.toBe(first.body.id);
  await world.finish(second.body.id);
  expect(told(await world.everything(), OF_ADA)).toEqual([]);
});

test("a job that was given up is taken along by the next one, with what it alone knew", async () => {
  const world = await twoPeople();
  const keys = ["user_id#only-the-job-knows", `email#${"0".repeat(64)}`];
  const failed = newPrivacyJob({ id: "old", kind: "erase", person_keys: keys, by: "k", step: "archive" }, 1);
  await world.jobs.save({ ...failed, state: "failed" });
  const person = (await world.erase("0".repeat(64))).body;
  expect((await world.jobs.read(person.id))?.person_keys).toContain(keys[0]);
  expect(await world.jobs.read("old")).toMatchObject({ state: "failed", person_keys: [] });
});

test("a person with more identifiers than one portion has time for has a tombstone for each before the graph goes", async () => {
  const world = await twoPeople();
  const keys = Array.from({ length: 4_500 }, (_, index) => `anonymous_id#${index}`);
  const job = newPrivacyJob(
    { id: "many", kind: "erase", person_keys: keys, by: "k", step: "tombstones" },
    world.time.now,
  );
  await world.jobs.save(job);
  const { put } = world.tombstones;
  const portions: number[] = [];
  world.tombstones.put = (names, times) => {
    portions.push(names.length);
    return put(names, times);
  };
  expect(await world.finish("many")).toMatchObject({ state: "done", person_keys: [] });
  // Once at the request and once more for what was on its way.
  expect(portions).toEqual([2_000, 2_000, 500, 2_000, 2_000, 500]);
  const { secret = "" } = (await world.tombstones.head()) ?? {};
  const names = new Set(world.tombstones.names());
  expect(keys.filter((key) => !names.has(tombstoneOf(key, { secret })))).toEqual([]);
});

test("what people asked about the person before goes: the file of an export, and the digests of requests", async () => {
  const world = await twoPeople();
  const { body } = await world.erase("u-ada");
  const [key = ""] = (await world.jobs.read(body.id))?.person_keys ?? [];
  const ofExport = newPrivacyJob({ id: "x", kind: "export", person_keys: [key], by: "k", step: "collect" }, 1);
  await world.jobs.save({ ...ofExport, state: "done", file: { key: "exports/x/1", bytes: 1, expires_at: 9 } });
  await world.replays.save(replayJob({ id: "r1", state: "done", person_keys: [key] }));
  await world.replays.save(replayJob({ id: "r2", state: "done", person_keys: ["email#of-another"] }));
  // Of somebody else at the same browser, which both are known by.
  const ofAnother = newPrivacyJob(
    { id: "y", kind: "export", person_keys: [key, "person#of-another"], by: "k", step: "collect" },
    1,
  );
  await world.jobs.save({ ...ofAnother, state: "done" });
  const removed: string[] = [];
  const { archive } = world;
  const watched = {
    ...archive,
    async removeFolder(prefix: string) {
      removed.push(prefix);
      return 1;
    },
  };
  for (let run = 0; run < 9; run += 1) await world.slice({ archive: watched });
  expect(removed).toContain("exports/x/");
  expect(removed).not.toContain("exports/y/");
  expect(await world.jobs.read("y")).toEqual({ ...ofAnother, state: "done" });
  expect(await world.jobs.read("x")).toEqual({ ...ofExport, state: "done", person_keys: [], version: 2 });
  expect((await world.replays.read("r1"))?.person_keys).toEqual([]);
  expect((await world.replays.read("r2"))?.person_keys).toEqual(["email#of-another"]);
});

test("without an archive the graph and quarantine are emptied, and tombstones stand", async () => {
  const world = await eraseWorld({ hasArchive: false });
  await world.send({
    events: [serverPurchase("a1", { user: ADA }), serverPurchase("a3", { user: ADA, value: "none" })],
  });
  const { body } = await world.erase(ADA.email);
  expect(await world.finish(body.id)).toMatchObject({ state: "done", counts: { quarantine: 1 } });
  expect(world.identities.contents()).toEqual({ persons: [], pointers: [] });
  expect(world.store.quarantined()).toEqual([]);
  expect(world.tombstones.names().length).toBeGreaterThan(3);
});

test("tombstones and jobs name nobody, and the answer says until when copies may remain", async () => {
  const world = await twoPeople();
  const { body } = await world.erase(ADA.email);
  expect(body.copies_until).toBe(body.created_at + 35 * DAY_MS);
  expect(body.remains).toEqual([{ place: "backups", what: "everything", until: body.copies_until }]);
  expect(body).not.toHaveProperty("person_keys");
  expect(told(JSON.stringify([world.tombstones.names(), await world.jobs.list({ limit: 9 })]), OF_ADA)).toEqual([]);
  // Nor can somebody who has the tombstones try addresses without the secret.
  const hash = sha256Hex(ADA.email);
  expect(world.tombstones.names().join()).not.toContain(hash.slice(0, 16));
  expect(await world.tombstones.head()).toMatchObject({ last_at: body.created_at });
  await world.finish(body.id);
  expect(world.time.now - body.created_at).toBeGreaterThanOrEqual(SETTLE_MS);
});

test("several people behind one identifier are not erased by it", async () => {
  const world = await eraseWorld();
  await world.send({
    events: [
      serverPurchase("p1", { user: { email: "shared@house.dev", user_id: "one" } }),
      serverPurchase("p2", { user: { email: "shared@house.dev", user_id: "two" } }),
    ],
  });
  await expect(world.erase("shared@house.dev")).rejects.toThrow("several people use this identifier");
  expect(await world.jobs.list({ limit: 9 })).toEqual([]);
  await world.finish((await world.erase("one")).body.id);
  expect(await personOf(world, "two")).toMatchObject({ found: true });
});

test("asking needs the permission for personal data and is written down without the identifier", async () => {
  const world = await twoPeople();
  const body = JSON.stringify({ identifier: ADA.email });
  const ask = { method: "POST", path: "/privacy/erase", body };
  const other = await world.ops.keyFor(["read", "operate", "admin"]);
  expect(await world.ops.ask({ ...ask, key: other })).toMatchObject({ status: 403 });
  const answer = await world.ops.ask(ask);
  expect(answer).toMatchObject({ status: 200, body: { state: "running", step: "archive" } });
  expect(startedIn(answer.body)).toBe("newthingsid0");
  const entries = await world.ops.audit.read(1, 10);
  expect(entries).toMatchObject([{ action: "privacy.erase", target: "newthingsid0" }]);
  expect(told(JSON.stringify([entries, answer.body, world.ops.lines]), OF_ADA)).toEqual([]);
  const reader = await world.ops.keyFor(["read"]);
  const list = await world.ops.ask({ path: "/privacy/jobs", query: "kind=erase&state=running", key: reader });
  expect(list).toMatchObject({ status: 200, body: { items: [{ id: "newthingsid0" }] } });
  expect(await world.ops.ask({ path: "/privacy/jobs/newthingsid0", key: reader })).toMatchObject({ status: 200 });
  expect(await world.ops.ask({ path: "/privacy/jobs/none", key: reader })).toMatchObject({ status: 404 });
});

function startedIn(body: unknown): unknown {
  return typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
}
