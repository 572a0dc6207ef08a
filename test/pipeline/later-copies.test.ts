import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import { DENIED, GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const NOW = purchaseEvent().received_at + 1_000;
const settings: EnrichSettings = {
  ...enrichingFor([testLane("meta"), testLane("hook", {}, { needsRawContact: () => true })]),
  consent: { defaults: [{ countries: ["*"], purposes: DENIED }], honourGpc: true },
  merge: { events: ["purchase"], windowSeconds: 30, scopes: ["shop"] },
};

const world = () => ({ ...enrichPorts(["meta", "hook"], NOW), archive: createMemoryEventArchive() });

type World = ReturnType<typeof world>;

async function enrich(
  ports: World,
  copyId: string,
  event: CanonicalEvent,
  by: EnrichSettings = settings,
): Promise<void> {
  expect(await enrichBatch([queuedCopy(event, copyId, copyId)], by, ports)).toEqual([]);
}

const TAG = purchaseEvent({ user: { ip: "203.0.113.7", user_agent: "Firefox" } });
const { consent: _consent, browser_ids: _ids, ...unasked } = purchaseEvent();
const SERVER: CanonicalEvent = {
  ...unasked,
  source: { id: "back-end", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
  user: { email: "ada@lovelace.dev" },
  received_at: TAG.received_at + 2_000,
};

const told = async ({ store }: World) => (await store.readStory(TAG.event_id, ["shop"]))[0];
const key = { dedup_scope: "shop", event_name: "purchase", event_id: TAG.event_id } as const;

test("the first copy is on its lanes at once, for after the window, marked with what nobody answered", async () => {
  const ports = world();
  await enrich(ports, "first", SERVER);
  const [message] = ports.lanes.messages("meta");
  expect(message?.merge).toMatchObject({
    until: NOW + 30_000,
    undecided: ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"],
  });
  expect(ports.lanes.delays("meta")).toEqual([30]);
  const [decision] = (await told(ports))?.claim?.story.decisions ?? [];
  expect(decision).toMatchObject({ lane: "meta", send: true, consent: { allowed: false }, awaits: expect.any(Array) });
  // What is counted is the score of what goes out, which its lane knows.
  expect(ports.metrics.total("MatchQuality", { destination: "meta" })).toBe(0);
});

test("what a redelivery of the first copy has left of its wait is what it waits", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  ports.clock.set(NOW + 12_500);
  await enrich(ports, "first", TAG);
  ports.clock.set(NOW + 40_000);
  await enrich(ports, "first", TAG);
  expect(ports.lanes.delays("meta")).toEqual([30, 18, 0]);
});

describe("a deployment between the copies", () => {
  const { merge: _, ...off } = settings;

  test("that turns merging off changes nothing for an event that waits", async () => {
    const ports = world();
    await enrich(ports, "first", SERVER);
    ports.clock.set(NOW + 10_000);
    await enrich(ports, "first", SERVER, off);
    await enrich(ports, "second", TAG, off);
    expect(ports.lanes.delays("meta")).toEqual([30, 20]);
    const [before, after] = ports.lanes.messages("meta");
    expect(after?.merge).toEqual(before?.merge);
    expect((await ports.store.readCopies("meta", [key]))[0]).toHaveLength(1);
  });

  test("that turns it on has nobody wait who was on the way", async () => {
    const ports = world();
    await enrich(ports, "first", TAG, off);
    await enrich(ports, "first", TAG);
    await enrich(ports, "second", SERVER);
    expect(ports.lanes.delays("meta")).toEqual([0, 0]);
    for (const message of ports.lanes.messages("meta")) expect(message).not.toHaveProperty("merge");
    expect((await told(ports))?.copies).toBeUndefined();
  });
});

test("each further source's copy is kept beside the others, a second one of the same source is not", async () => {
  const ports = world();
  const till = { id: "till", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } as const;
  await enrich(ports, "first", TAG);
  await enrich(ports, "second", SERVER);
  await enrich(ports, "third", { ...SERVER, source: till, user: { phone: "+4915112345678" }, value: "1" });
  await enrich(ports, "fourth", { ...SERVER, value: "2" });
  const [copies] = await ports.store.readCopies("meta", [key]);
  expect(copies?.map(({ source }) => source).sort()).toEqual(["back-end", "till"]);
  expect(copies?.map(({ parts }) => parts.value)).not.toContain("2");
  expect(ports.archive.events().map((it) => it.copy_id)).toEqual(["first", "second", "third"]);
});

test("what the graph keeps in clear is in the view of lanes in clear alone, and not in the copy's line of the archive", async () => {
  const contacts = { current: async () => createContactVault({ key: "k".repeat(64) }) };
  const ports = { ...world(), contacts };
  const said = {
    ...SERVER,
    event_id: "earlier",
    user: { user_id: "u-1", email: "ada@lovelace.dev" },
    consent: GRANTED,
  };
  await enrich(ports, "earlier", said);
  await enrich(ports, "first", TAG);
  await enrich(ports, "second", { ...SERVER, user: { user_id: "u-1" }, consent: GRANTED });
  const [hook] = await ports.store.readCopies("hook", [key]);
  const [meta] = await ports.store.readCopies("meta", [key]);
  expect(hook?.[0]?.parts.known?.contacts).toEqual({ email: "ada@lovelace.dev" });
  expect(meta?.[0]?.parts.known?.hashes?.email_plain).toBeDefined();
  const line = ports.archive.events().find(({ copy_id }) => copy_id === "second");
  expect(line?.event.known?.hashes?.email_plain).toBeDefined();
  expect(JSON.stringify([meta, line])).not.toContain("lovelace");
});

test("no wait is longer than a queue takes, whatever another worker's clock says", async () => {
  const ports = world();
  const longest = { ...settings, merge: { events: ["purchase"], windowSeconds: 900, scopes: ["shop"] } };
  await enrich(ports, "first", TAG, longest);
  ports.clock.set(NOW - 2_500);
  await enrich(ports, "first", TAG, longest);
  expect(ports.lanes.delays("meta")).toEqual([900, 900]);
});

test("a copy of more items than the table can hold for all lanes brings its identifiers", async () => {
  const ports = world();
  const lanes = ["user.city", "user.region", "user.gender"].map((field) =>
    testLane(field, { consentRules: [{ denyFields: [field] }] }),
  );
  const many = { ...settings, lanes };
  const atThree = { ...ports, lanes: createMemoryLaneQueues(lanes.map(({ id }) => id)) };
  const user = { ...SERVER.user, city: "Turin", region: "TO", gender: "f" as const };
  const items = Array.from({ length: 500 }, (_, index) => ({ id: `sku-${index}`, name: "x".repeat(80) }));
  await enrich(atThree, "first", TAG, many);
  await enrich(atThree, "second", { ...SERVER, items, user }, many);
  for (const { id } of lanes) {
    const [copies] = await ports.store.readCopies(id, [key]);
    expect(copies?.[0]?.parts).toMatchObject({ value: SERVER.value, hashes: { email_plain: expect.any(String) } });
    expect(copies?.[0]?.parts).not.toHaveProperty("items");
  }
});

test("each lane may read of the second copy what its own messages hold, and the archive has it whole", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  ports.clock.set(NOW + 3_000);
  await enrich(ports, "second", SERVER);
  const [[ofMeta], [ofHook]] = [
    await ports.store.readCopies("meta", [key]),
    await ports.store.readCopies("hook", [key]),
  ];
  expect(ofMeta?.[0]?.parts).toMatchObject({ hashes: { email_plain: expect.any(String) } });
  expect(JSON.stringify(ofMeta)).not.toContain("ada@lovelace.dev");
  expect(ofHook?.[0]?.parts.user).toMatchObject({ email: "ada@lovelace.dev" });
  const [first, second] = ports.archive.events();
  expect(first).toMatchObject({ copy_id: "first", merge_until: NOW + 30_000 });
  expect(second).toMatchObject({ copy_id: "second", copy_of: { received_at: TAG.received_at, source: "web" } });
  expect(second?.event.user.email).toBe("ada@lovelace.dev");
  expect(ports.metrics.total("EventsArchived")).toBe(1);
  expect(ports.metrics.total("CopiesMerged")).toBe(1);
  expect((await told(ports))?.copies).toMatchObject([{ adds: ["email"], source: { id: "back-end" } }]);
});

test("a second copy that comes again finds that it came in time, and is archived again", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  await enrich(ports, "second", SERVER);
  ports.clock.set(NOW + 60_000);
  await enrich(ports, "second", SERVER);
  expect((await told(ports))?.copies?.[0]).not.toHaveProperty("late");
  expect(ports.archive.events().filter(({ copy_of }) => copy_of !== undefined)).toHaveLength(2);
});

test("too late it leaves the names of its fields, and nothing of the person", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  ports.clock.set(NOW + 30_000);
  await enrich(ports, "second", SERVER);
  expect((await told(ports))?.copies).toMatchObject([{ adds: ["email"], late: true, qualities: [] }]);
  expect(await ports.store.readCopies("hook", [key])).toEqual([[]]);
  expect(ports.archive.events()).toHaveLength(1);
  expect(ports.metrics.total("CopiesLate")).toBe(1);
});

test("what it refuses still holds for what is not yet sent, and what it grants does not", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  ports.clock.set(NOW + 30_000);
  const said = { ...DENIED, analytics_storage: "granted", gpc: true } as const;
  await enrich(ports, "second", { ...SERVER, consent: said });
  const { analytics_storage: _, ...refused } = DENIED;
  const [copies] = await ports.store.readCopies("meta", [key]);
  expect(copies).toMatchObject([{ source: "back-end", parts: {}, undecided: [] }]);
  expect(copies?.[0]?.consent).toEqual({ ...refused, gpc: true });
  expect(copies?.[0]?.parts).toEqual({});
  expect(ports.archive.events()).toHaveLength(1);
});

test("a copy that only leaves companies out is kept for it", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  const consent = { ...TAG.consent, refused_to: { ad_user_data: [755] } };
  await enrich(ports, "second", { ...TAG, consent, source: { ...TAG.source, id: "app", kind: "app" } });
  const [copies] = await ports.store.readCopies("meta", [key]);
  expect(copies?.[0]?.consent.refused_to).toEqual({ ad_user_data: [755] });
});

test.each([
  ["is of the same source", { ...SERVER, source: TAG.source }],
  ["is a test", { ...SERVER, test: true as const }],
  ["brings nothing", { ...SERVER, user: {}, page: {}, items: [] }],
])("nothing is written for a copy that %s", async (_, second) => {
  const ports = world();
  const { value: __, currency: ___, order_id: ____, ...bare } = second;
  await enrich(ports, "first", TAG);
  await enrich(ports, "second", second.user.email === undefined ? { ...bare, consent: {} } : second);
  expect((await told(ports))?.copies).toBeUndefined();
  expect(ports.metrics.total("EventsDuplicate")).toBe(1);
  expect(ports.metrics.total("CopiesMerged")).toBe(0);
});

test("a lane that the second copy's own consent closes learns of the refusal alone", async () => {
  const ports = world();
  await enrich(ports, "first", TAG);
  await enrich(ports, "second", { ...SERVER, consent: DENIED });
  const [copies = []] = await ports.store.readCopies("meta", [key]);
  expect(copies).toMatchObject([{ parts: {}, consent: DENIED }]);
  expect(copies[0]?.parts).toEqual({});
});

test("an event that cannot merge waits for nothing, and its duplicates write nothing", async () => {
  const ports = world();
  const view = { event_name: "custom", custom_name: "Other" } as const;
  await enrich(ports, "first", { ...TAG, ...view });
  await enrich(ports, "second", { ...SERVER, ...view });
  expect(ports.lanes.delays("meta")).toEqual([0]);
  expect(ports.lanes.messages("meta")[0]).not.toHaveProperty("merge");
  expect((await told(ports))?.copies).toBeUndefined();
});

describe("the score in a later copy's line", () => {
  const { consent: _, ...silent } = TAG;
  const line = ({ archive }: World) => archive.events().find(({ copy_of }) => copy_of !== undefined)?.decisions[0];

  test("is none where the copy refuses, and the first one's is named, to be taken out again", async () => {
    const ports = world();
    await enrich(ports, "first", TAG);
    await enrich(ports, "second", { ...SERVER, consent: DENIED });
    expect(line(ports)).toMatchObject({ lane: "meta", send: true, was: { score: expect.any(Number) } });
    expect(line(ports)).not.toHaveProperty("quality");
    expect((await told(ports))?.copies?.[0]?.qualities).toEqual([]);
  });

  test("is none where a lane waited for an answer that the copy has not", async () => {
    const ports = world();
    await enrich(ports, "first", SERVER);
    await enrich(ports, "second", silent);
    expect(line(ports)).toEqual({ lane: "meta", send: true });
  });

  test("is that of both where it has", async () => {
    const ports = world();
    await enrich(ports, "first", SERVER);
    await enrich(ports, "second", TAG);
    expect(line(ports)).toMatchObject({ quality: { score: expect.any(Number) } });
    expect(line(ports)).not.toHaveProperty("was");
  });
});
