import { DAY_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { exportWorld, SETTLE_MS } from "../support/export-world.ts";
import { serverPurchase } from "../support/lookup-world.ts";

const ANNA = { email: "anna@household.example", phone: "+4915738291046", user_id: "anna-1", first_name: "Anna" };
const BEN = { email: "ben@household.example", phone: "+4915746203917", user_id: "ben-2", first_name: "Ben" };
/** Of the device that both sit at, and of the line that it is behind. */
const HOME = { ip: "203.0.113.50", user_agent: "Mozilla/5.0 (X11; Linux x86_64)" };
const device = { anonymous_id: "living-room" };

/** Words that only one of them has. */
const OF_BEN = ["ben@household", "4915746203917", "ben-2", "Ben", "order-b", "bens-wish"];

type World = Awaited<ReturnType<typeof exportWorld>>;

/** Two people of one household: one device, one line, two accounts. */
async function household(): Promise<World> {
  const world = await exportWorld();
  const at = (user: object) => ({ user: { ...user, ...device }, device: HOME });
  await world.send({
    events: [
      serverPurchase("a1", at(ANNA)),
      serverPurchase("b1", at(BEN)),
      serverPurchase("a2", { user: { user_id: ANNA.user_id } }),
      { event_name: "search", event_id: "b-search", search_term: "bens-wish", ...at({ user_id: BEN.user_id }) },
      serverPurchase("a-refused", { ...at(ANNA), value: "much" }),
      serverPurchase("b-refused", { ...at(BEN), value: "much" }),
    ],
  });
  await world.receipt("a1", "meta", { state: "delivered", delivered_at: world.time.now });
  return world;
}

const eventIds = (events: readonly unknown[]) =>
  (events as { archived: { event: { event_id: string } } }[]).map(({ archived }) => archived.event.event_id).sort();

async function exported(world: World, identifier: string) {
  const { body, status } = await world.ask(identifier);
  expect(status).toBe(200);
  expect((await world.finish(body.id)).state).toBe("done");
  return world.download(body.id);
}

test("the keys by which the graph knows a device that waited are not handed out: others may sit at it", async () => {
  const world = await household();
  const { lookups, ...rest } = world;
  const reads: typeof world.deps.reads = {
    ...lookups,
    async readEvents(wanted) {
      const stored = await lookups.readEvents(wanted.map(({ key, lanes }) => ({ key, lanes: [...lanes] })));
      return stored.map(({ claim, ...it }) => {
        if (claim === undefined) return it;
        const merge = { until: 0, fields: [], undecided: [], device_keys: ["anonymous_id#of-the-living-room"] };
        return { ...it, claim: { ...claim, story: { ...claim.story, merge } } };
      });
    },
  };
  const { body } = await rest.ask(ANNA.user_id);
  for (let run = 0; run < 3; run += 1) await rest.slice({ reads });
  const document = await rest.download(body.id);
  expect(eventIds(document.events)).toEqual(["a1", "a2"]);
  expect(JSON.stringify(document.events)).not.toContain("of-the-living-room");
});

test.each([
  ["e-mail", ANNA.email],
  ["phone", ANNA.phone],
  ["user id", ANNA.user_id],
])("by %s: everything of one person of a household, and nothing of the other one", async (_kind, identifier) => {
  const world = await household();
  const document = await exported(world, identifier);
  expect(eventIds(document.events)).toEqual(["a1", "a2"]);
  expect(document.events).toContainEqual(
    expect.objectContaining({
      archived: expect.objectContaining({ event: expect.objectContaining({ user: expect.objectContaining(ANNA) }) }),
      stored: expect.objectContaining({
        claim: expect.objectContaining({ story: expect.objectContaining({ decisions: expect.any(Array) }) }),
        records: [expect.objectContaining({ lane: "meta", state: "delivered" })],
      }),
    }),
  );
  expect(document.persons).toHaveLength(1);
  expect(document.persons[0]).toMatchObject({ users: { shop: { id: ANNA.user_id } }, kept_apart: 0 });
  expect(document.identifiers.map((it) => (it as { kind: string }).kind).sort()).toEqual(
    expect.arrayContaining(["email", "phone", "user_id"]),
  );
  expect(document.quarantine).toMatchObject([{ event_id: "a-refused", raw: expect.stringContaining(ANNA.email) }]);
  expect(document.about).toMatchObject({
    version: 1,
    by: expect.stringMatching(/^key:/),
    person_ids: [expect.any(String)],
  });
  expect(document.about.not_searched.map(({ place }) => place)).toContain("queues and their dead-letter queues");
  const text = JSON.stringify(document);
  expect(OF_BEN.filter((word) => text.includes(word))).toEqual([]);
});

test("refused events: of whom they name, and of whom they hold where nobody is named", async () => {
  const world = await exportWorld();
  const refused = (event_id: string, more: object) => ({
    ...serverPurchase(event_id),
    user: {},
    value: "much",
    ...more,
  });
  await world.send({ events: [serverPurchase("a1", { user: { ...ANNA, anonymous_id: "annas-own" } })] });
  await world.send({
    events: [
      refused("named", { user: { user_id: ANNA.user_id } }),
      refused("in-the-page", { page: { url: `https://shop.example.com/?mail=${encodeURIComponent(ANNA.email)}` } }),
      refused("at-the-browser", { user: { anonymous_id: "annas-own" } }),
      refused("mentioned", { user: { email: BEN.email }, properties: { gift_for: ANNA.email } }),
      refused("ben-at-the-browser", { user: { user_id: BEN.user_id, anonymous_id: "annas-own" } }),
      refused("nobodys", {}),
    ],
  });
  const document = await exported(world, ANNA.email);
  const ids = document.quarantine.map((entry) => (entry as { event_id: string }).event_id);
  expect(ids.sort()).toEqual(["at-the-browser", "in-the-page", "named"]);
});

test("a visitor's events before they gave their name are theirs, and those at the same line without a name are not", async () => {
  const world = await exportWorld();
  const visit = (event_id: string, anonymous_id: string) => ({
    ...{ event_name: "page_view", event_id, user: { anonymous_id }, device: HOME },
    page: { url: "https://shop.example.com/" },
  });
  await world.send({ events: [visit("before", "own-browser"), visit("stranger", "other-browser")] });
  await world.send({ events: [serverPurchase("named", { user: { ...ANNA, anonymous_id: "own-browser" } })] });
  await world.send({ events: [visit("after", "own-browser")] });
  const document = await exported(world, ANNA.email);
  expect(eventIds(document.events)).toEqual(["after", "before", "named"]);
});

test("persons who turned out to be one are one, with the merge and its cause", async () => {
  const world = await exportWorld();
  await world.send({ events: [serverPurchase("by-mail", { user: { email: ANNA.email } })] });
  await world.send({ events: [serverPurchase("by-phone", { user: { phone: ANNA.phone } })] });
  await world.send({ events: [serverPurchase("both", { user: { email: ANNA.email, phone: ANNA.phone } })] });
  const document = await exported(world, ANNA.phone);
  expect(eventIds(document.events)).toEqual(["both", "by-mail", "by-phone"]);
  expect(document.persons).toHaveLength(2);
  expect(document.persons[0]).toMatchObject({ merge_records: [{ event_id: "both", joined_by: expect.any(Array) }] });
  expect(document.about.person_ids).toHaveLength(2);
});

test.each([
  ["a browser that they signed in at", { signsIn: true, own: { anonymous_id: "annas-own" }, isTheirs: true }],
  [
    "a browser that is theirs by the purchase alone",
    { signsIn: false, own: { anonymous_id: "annas-own" }, isTheirs: true },
  ],
  ["a browser that says nothing of itself", { signsIn: false, own: {}, isTheirs: false }],
])(
  "of two copies of a purchase each is held against what the graph knows of its own identifiers: %s",
  async (_, it) => {
    const { isTheirs, own, signsIn } = it;
    const world = await exportWorld();
    const headers = { authorization: "Bearer browser-key", origin: "https://shop.example.com" };
    const signIn = { event_name: "login", event_id: "sign-in", user: signsIn ? { ...ANNA, ...own } : ANNA };
    await world.send({ events: [signIn] });
    await world.send({ events: [serverPurchase("o1", { user: own })] }, { headers });
    await world.send({ events: [serverPurchase("o1", { user: ANNA })] });
    const { events } = await exported(world, ANNA.email);
    const lines = events as { archived: { copy_of?: object; event: { event_id: string; source: { id: string } } } }[];
    const copies = lines.filter(({ archived }) => archived.event.event_id === "o1");
    const found = copies.map(({ archived }) => [archived.event.source.id, archived.copy_of !== undefined]);
    expect(found).toEqual([...(isTheirs ? [["shop-web", false]] : []), ["shop-server", true]]);
  },
);

test("an event that a crash put into the archive twice is in it once", async () => {
  const world = await household();
  const twice = world.archive.events().map((archived) => JSON.stringify({ ...archived, archived_at: world.time.now }));
  world.archive.plant(world.time.now, twice);
  const document = await exported(world, ANNA.email);
  expect(eventIds(document.events)).toEqual(["a1", "a2"]);
  expect((await world.jobs.list({ limit: 1 }))[0]?.counts).toMatchObject({ events: 2 });
});

test("who turns out to be somebody else while it runs gets what was theirs when they asked", async () => {
  const world = await exportWorld();
  await world.send({ events: [serverPurchase("by-mail", { user: { email: ANNA.email } })] });
  await world.send({ events: [serverPurchase("by-phone", { user: { phone: ANNA.phone } })] });
  const { body } = await world.ask(ANNA.phone);
  world.time.now += 1;
  await world.send({ events: [serverPurchase("both", { user: { email: ANNA.email, phone: ANNA.phone } })] });
  await world.finish(body.id);
  expect(eventIds((await world.download(body.id)).events)).toEqual(["by-phone"]);
});

test("one text that is one person's name and another one's device is refused, with whom to ask for", async () => {
  const world = await exportWorld();
  await world.send({ events: [serverPurchase("a1", { user: { user_id: "x-17" } })] });
  await world.send({ events: [serverPurchase("b1", { user: { email: BEN.email, anonymous_id: "x-17" } })] });
  const { body, status } = await world.ask("x-17");
  expect({ status, error: body.error }).toEqual({ status: 409, error: "several_persons" });
  const [, first = ""] = /ask for one of ([\w-]{22}), [\w-]{22}, by person id/.exec(body.todo) ?? [];
  expect(eventIds((await exported(world, first)).events)).toHaveLength(1);
});

test("jobs that name the person are in it, without the keys by which they do", async () => {
  const world = await household();
  const document = await exported(world, ANNA.email);
  expect(document.privacy_jobs).toMatchObject([{ kind: "export", by: expect.stringMatching(/^key:/) }]);
  expect(JSON.stringify(document.privacy_jobs)).not.toContain("person_keys");
});

test("what came after the request is not in it, and it waits for what the archive had not written yet", async () => {
  const world = await household();
  const { body } = await world.ask(ANNA.email);
  world.time.now += 1;
  await world.send({ events: [serverPurchase("later", { user: ANNA })] });
  expect(body).toMatchObject({ kind: "export", state: "running", counts: {} });
  world.time.now += SETTLE_MS - MINUTE_MS - 2;
  await world.slice();
  expect(await world.jobs.read(body.id)).toMatchObject({ state: "running", counts: {} });
  await world.finish(body.id);
  expect(eventIds((await world.download(body.id)).events)).toEqual(["a1", "a2"]);
});

test("asked twice while it runs it is one job, and afterwards another one", async () => {
  const world = await household();
  const ids = ["r1", "r2", "r3"];
  const ask = (identifier: string) =>
    world.ops.ask(
      { method: "POST", path: "/privacy/export", body: JSON.stringify({ identifier }) },
      { newId: () => ids.shift() ?? "none" },
    );
  expect((await ask(ANNA.email)).body).toMatchObject({ id: "r1" });
  expect((await ask(ANNA.phone)).body).toMatchObject({ id: "r1" });
  await world.finish("r1");
  expect((await ask(ANNA.email)).body).toMatchObject({ id: "r3", state: "running" });
  // What is over keeps no identifier, and is still known to be of this person.
  expect((await world.jobs.read("r1"))?.person_keys).toEqual([expect.stringMatching(/^person#/)]);
  await world.finish("r3");
  expect((await world.download("r3")).privacy_jobs).toHaveLength(2);
});

test("several people behind one identifier are refused, with what to ask instead", async () => {
  const world = await exportWorld();
  const family = "family@household.example";
  await world.send({ events: [serverPurchase("a1", { user: { ...ANNA, email: family } })] });
  await world.send({ events: [serverPurchase("b1", { user: { ...BEN, email: family } })] });
  expect(await world.ask(family)).toMatchObject({ status: 409, body: { error: "suspect_identifier" } });
  const document = await exported(world, ANNA.user_id);
  expect(eventIds(document.events)).toEqual(["a1"]);
  expect(JSON.stringify(document)).not.toContain(BEN.phone.slice(1));
});

test("a placeholder is nobody, and who is not in the graph is still looked for", async () => {
  const world = await exportWorld();
  expect(await world.ask("unknown")).toMatchObject({ status: 400, body: { error: "nobody" } });
  const document = await exported(world, "never@seen.example");
  expect(document).toMatchObject({ persons: [], events: [], quarantine: [] });
  expect(document.about.person_ids).toEqual([]);
});

test("each download is written down before it is read; without personal=true and the permission there is nothing", async () => {
  const world = await household();
  const { body } = await world.ask(ANNA.email);
  const path = `/privacy/exports/${body.id}`;
  expect(await world.ops.ask({ path, query: "personal=true" })).toMatchObject({
    status: 409,
    body: { error: "not_finished" },
  });
  await world.finish(body.id);
  expect(await world.ops.ask({ path })).toMatchObject({ status: 422, body: { error: "personal_only" } });
  const reader = await world.ops.keyFor(["read", "operate", "admin"]);
  expect((await world.ops.ask({ path, query: "personal=true", key: reader })).status).toBe(403);
  expect((await world.ask(ANNA.email, reader)).status).toBe(403);
  const before = (await world.ops.audit.head())?.number ?? 0;
  expect((await world.ops.ask({ path, query: "personal=true&part=1" })).status).toBe(200);
  const entries = await world.ops.audit.read(1, 100);
  expect(entries).toHaveLength(before + 1);
  expect(entries[0]).toMatchObject({
    action: "privacy.export",
    target: body.id,
    details: { person: expect.stringMatching(/^sha256:/) },
  });
  expect(entries.at(-1)).toMatchObject({ action: "privacy.export_read", target: body.id, details: { part: 1 } });
  expect(JSON.stringify([entries, world.ops.lines, world.log.lines])).not.toContain("household");
  world.time.now += 8 * DAY_MS;
  expect(await world.ops.ask({ path, query: "personal=true" })).toMatchObject({
    status: 404,
    body: { error: "export_over" },
  });
});

test("a part is never larger than an answer may be", async () => {
  const world = await exportWorld();
  const note = "x".repeat(8_000);
  for (let batch = 0; batch < 6; batch += 1) {
    const events = Array.from({ length: 60 }, (_, index) =>
      serverPurchase(`e${batch}-${index}`, { user: ANNA, properties: { a: note, b: note } }),
    );
    for (let at = 0; at < events.length; at += 20) await world.send({ events: events.slice(at, at + 20) });
  }
  const document = await exported(world, ANNA.email);
  expect(document.events).toHaveLength(360);
  const sizes = [...world.exports.texts.values()].map((text) => text.length);
  expect(Math.max(...sizes)).toBeLessThan(2_100_000);
  expect(sizes.filter((size) => size > 500_000).length).toBeGreaterThan(2);
});

test("a finished export that an erasure emptied is over, and not said to be under way", async () => {
  const world = await household();
  const { body } = await world.ask(ANNA.email);
  await world.finish(body.id);
  const job = await world.jobs.read(body.id);
  if (job === undefined) throw new Error("no job");
  const { file: _, ...emptied } = job;
  expect(await world.jobs.save({ ...emptied, version: job.version + 1 })).toBe(true);
  const answer = await world.ops.ask({ path: `/privacy/exports/${body.id}`, query: "personal=true" });
  expect(answer).toMatchObject({ status: 404, body: { error: "export_over" } });
});

test("with the archive turned off it says so, and what can be looked at instead", async () => {
  const world = await household();
  const { exports: _, ...without } = { ...world, privacyJobs: world.jobs };
  const answer = await world.ops.ask(
    { method: "POST", path: "/privacy/export", body: JSON.stringify({ identifier: ANNA.email }) },
    { ports: without },
  );
  expect(answer).toMatchObject({
    status: 409,
    body: { error: "no_archive", todo: expect.stringContaining("GET /identity") },
  });
});

describe("contacts that the graph keeps in clear", () => {
  const vault = createContactVault({ key: "k".repeat(64) });
  const sealed = { email: vault.seal("email", ANNA.email), phone: vault.seal("phone", ANNA.phone) };

  async function kept(): Promise<{ world: World; id: string }> {
    const world = await household();
    const anna = world.identities.contents().persons.find(({ users }) => users.shop?.id === ANNA.user_id);
    if (anna === undefined) throw new Error("Anna is not known");
    await world.identities.savePerson({ ...anna, contacts: sealed });
    return { world, id: String((await world.ask(ANNA.email)).body.id) };
  }

  test("are in the person's document as they are", async () => {
    const { world, id } = await kept();
    const contacts = { current: async () => vault };
    for (let run = 0; run < 5; run += 1) await world.slice({ contacts });
    const { persons } = await world.download(id);
    expect(persons).toMatchObject([{ contacts: { email: ANNA.email, phone: ANNA.phone } }]);
    expect(JSON.stringify(persons)).not.toContain(sealed.email);
  });

  test("are told as gone where their key is", async () => {
    const { world, id } = await kept();
    await world.finish(id);
    const { persons } = await world.download(id);
    const gone = "sealed, and its key is gone";
    expect(persons).toMatchObject([{ contacts: { email: gone, phone: gone } }]);
  });

  test("are told as damaged where they do not open under their own key", async () => {
    const { world, id } = await kept();
    const anna = world.identities.contents().persons.find(({ contacts }) => contacts.email !== undefined);
    if (anna === undefined) throw new Error("Anna's contacts are not kept");
    await world.identities.savePerson({ ...anna, contacts: { email: `${sealed.email}AAAA` } });
    for (let run = 0; run < 5; run += 1) await world.slice({ contacts: { current: async () => vault } });
    expect((await world.download(id)).persons).toMatchObject([{ contacts: { email: "sealed, and damaged" } }]);
  });

  test("are waited for while the key cannot be read", async () => {
    const { world, id } = await kept();
    const contacts = { current: () => Promise.reject(new Error("no key")) };
    for (let run = 0; run < 3; run += 1) await world.slice({ contacts });
    expect(await world.jobs.read(id)).toMatchObject({ state: "running" });
    await world.slice({ contacts: { current: async () => vault } });
    await world.finish(id);
    expect((await world.download(id)).persons).toMatchObject([{ contacts: { email: ANNA.email } }]);
  });
});
