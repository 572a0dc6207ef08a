import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { present } from "../../src/core/present.ts";
import { type ContactVault, createContactVault } from "../../src/core/sealed-contacts.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import { erasePerson, splitPerson } from "../../src/pipeline/identity-edit.ts";
import type { OrderPersons } from "../../src/pipeline/order-persons.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";
import { order, replayWorld, START } from "../support/replay-world.ts";

const EMAIL = "canary.person@plumage.example";
const PHONE = "+4915199887766";
const CLEAR = /plumage|15199887766/i;
const VISITOR = "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a";
const EVENTS = { purchase: "Purchase", refund: "Refund" };
const LANES = [testLane("meta"), testLane("crm", {}, { needsRawContact: () => true, consent: [], eventNames: EVENTS })];
const SETTINGS: EnrichSettings = { ...enrichingFor(LANES), defaultCountry: "DE" };
const KEY = "k".repeat(64);

/** What enrich works with; `key` is what the secret holds, undefined while it cannot be read. */
function world({
  honourGpc = true,
  isConfigured = true,
  orders,
}: {
  honourGpc?: boolean;
  isConfigured?: boolean;
  orders?: OrderPersons;
} = {}) {
  const settings = { ...SETTINGS, consent: { ...SETTINGS.consent, honourGpc } };
  const secret: { key: string | undefined } = { key: KEY };
  const current = async (): Promise<ContactVault> => {
    if (secret.key === undefined) throw new Error(`unreadable for ${EMAIL}`);
    return createContactVault({ key: secret.key });
  };
  const ports = {
    ...enrichPorts(
      LANES.map(({ id }) => id),
      START,
    ),
    archive: createMemoryEventArchive({ now: () => START }),
    ...(isConfigured ? { contacts: { current } } : {}),
    ...present({ orders }),
  };
  let serial = 0;
  return {
    ...ports,
    secret,
    async send(changes: Partial<CanonicalEvent>): Promise<void> {
      serial += 1;
      const event = purchaseEvent({
        event_id: `e-${serial}`,
        browser_ids: {},
        event_time: START + serial * 1_000,
        received_at: START + serial * 1_000,
        ...changes,
      });
      expect(await enrichBatch([queuedCopy(event, `c-${serial}`)], settings, ports)).toEqual([]);
    },
    last: (lane: string) => ports.lanes.messages(lane).at(-1)?.event,
    story: async () => (await ports.store.readStory(`e-${serial}`, ["shop"]))[0]?.claim?.story,
    stored: () => JSON.stringify(ports.identities.contents()),
  };
}

const SAID = {
  user: { anonymous_id: VISITOR, email: ` ${EMAIL.toUpperCase()} `, phone: "0151 99887766", country: "DE" },
};
const SILENT = { user: { anonymous_id: VISITOR } };

test("a later event of the person goes to tools that need it with what an earlier one said, and to no other", async () => {
  const it = world();
  await it.send(SAID);
  expect((await it.story())?.identity.learned).toEqual(expect.arrayContaining(["email_in_clear", "phone_in_clear"]));
  await it.send(SILENT);
  expect(it.last("crm")?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
  expect(JSON.stringify(it.last("meta"))).not.toMatch(CLEAR);
  expect(it.last("meta")?.known?.hashes?.email_plain).toBeDefined();
  const { identity } = (await it.story()) ?? {};
  expect(identity?.filled).toEqual(expect.arrayContaining(["email_plain", "email_in_clear", "phone_in_clear"]));
});

test("nothing of it is in clear in the graph, in the archive of the later event, in a story or a log line", async () => {
  const it = world();
  await it.send(SAID);
  await it.send(SILENT);
  expect(it.stored()).not.toMatch(CLEAR);
  expect(it.stored()).toContain('"contacts":{"email":"');
  expect(JSON.stringify(it.archive.events().at(-1))).not.toMatch(CLEAR);
  expect(JSON.stringify(it.archive.events().at(-1)?.event.known)).toContain("email_plain");
  expect(JSON.stringify(await it.story())).not.toMatch(CLEAR);
  expect(it.log.lines.join("\n")).not.toMatch(CLEAR);
});

test("without a lane that needs it, nothing is kept and nothing changes", async () => {
  const [with_, without] = [world(), world({ isConfigured: false })];
  for (const it of [with_, without]) {
    await it.send(SAID);
    await it.send(SILENT);
  }
  expect(without.identities.contents().persons.map(({ contacts }) => contacts)).toEqual([{}]);
  expect(without.last("crm")?.known?.contacts).toBeUndefined();
  expect(without.last("meta")).toEqual(with_.last("meta"));
});

test("an event that says again what is known writes nothing", async () => {
  const it = world();
  await it.send(SAID);
  await it.send(SILENT);
  const writes = it.identities.writes();
  await it.send(SAID);
  await it.send({ user: { ...SAID.user, email: EMAIL, phone: PHONE } });
  await it.send(SILENT);
  expect(it.identities.writes()).toBe(writes);
});

test("a newer address takes the older one's place, and no event gets one beside its own", async () => {
  const it = world();
  await it.send({ user: { ...SAID.user, user_id: "u-1" } });
  await it.send({ user: { user_id: "u-1", email: "new@feathers.example" } });
  expect(it.last("crm")?.known?.contacts).toEqual({ phone: PHONE });
  await it.send({ user: { user_id: "u-1" } });
  expect(it.last("crm")?.known?.contacts).toEqual({ email: "new@feathers.example", phone: PHONE });
});

test("a refund that says no more than its order has the contacts of who bought it", async () => {
  const bought: { ids: string[] } = { ids: [] };
  const orders = { purchasersOf: async () => ({ ids: bought.ids, places: [] }) };
  const it = world({ orders });
  await it.send({ ...SAID, order_id: "100017" });
  bought.ids = it.identities.contents().persons.map(({ id }) => id);
  const server = { ...purchaseEvent().source, id: "back-end", kind: "server" as const };
  await it.send({ event_name: "refund", order_id: "100017", user: {}, source: server });
  expect(it.last("crm")).toMatchObject({ event_name: "refund", known: { contacts: { email: EMAIL, phone: PHONE } } });
});

test("a digest of the sender's is completed where it is of the very address, and only there", async () => {
  const it = world();
  await it.send({ user: { ...SAID.user, user_id: "u-1" } });
  const [person] = it.identities.contents().persons;
  await it.send({ user: { user_id: "u-1", email_sha256: person?.hashes.email_plain ?? "" } });
  expect(it.last("crm")?.known?.contacts?.email).toBe(EMAIL);
  await it.send({ user: { user_id: "u-1", email_sha256: "a".repeat(64) } });
  expect(it.last("crm")?.known?.contacts).toEqual({ phone: PHONE });
});

test.each([
  ["a placeholder", { email: "test@test.com" }],
  ["a mailbox that a company shares", { email: "info@plumage.example" }],
  ["a number that nobody has", { phone: "+4911111111111" }],
])("%s is not kept in clear", async (_, user) => {
  const it = world();
  await it.send({ user: { user_id: "u-1", ...user } });
  expect(it.identities.contents().persons.map(({ contacts }) => contacts)).toEqual([{}]);
});

describe("who refused", () => {
  test.each(["ad_user_data", "analytics_storage"] as const)(
    "%s later gets nothing filled in, until they grant it again",
    async (purpose) => {
      const it = world();
      await it.send(SAID);
      await it.send({ ...SILENT, consent: { ...GRANTED, [purpose]: "denied" } });
      expect(it.last("crm")?.known?.contacts).toBeUndefined();
      await it.send({ ...SILENT, consent: {} });
      expect(it.last("crm")?.known?.contacts).toBeUndefined();
      await it.send({ ...SILENT, consent: GRANTED });
      expect(it.last("crm")?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
    },
  );

  test.each(["ad_user_data", "analytics_storage"] as const)(
    "%s in the event that says the address is kept by hashes alone",
    async (purpose) => {
      const it = world();
      await it.send({ ...SAID, consent: { ...GRANTED, [purpose]: "denied" } });
      const [person] = it.identities.contents().persons;
      expect(person?.hashes.email_plain).toBeDefined();
      expect(person?.contacts).toEqual({});
    },
  );

  test.each(["ad_user_data", "analytics_storage"] as const)(
    "%s earlier has no text kept of what a back end says of them, until they grant it again",
    async (purpose) => {
      const it = world();
      await it.send({ ...SILENT, consent: { ...GRANTED, [purpose]: "denied" } });
      const source = { ...purchaseEvent().source, id: "back-end", kind: "server" as const };
      const texts = () => it.identities.contents().persons.map(({ contacts }) => Object.keys(contacts));
      await it.send({ ...SAID, consent: {}, source });
      expect(texts()).toEqual([[]]);
      await it.send({ ...SILENT, consent: GRANTED });
      await it.send({ ...SAID, consent: {}, source });
      expect(texts()).toEqual([["email", "phone"]]);
    },
  );

  test("by Global Privacy Control gets nothing filled in", async () => {
    const it = world();
    await it.send(SAID);
    await it.send({ ...SILENT, consent: { ...GRANTED, gpc: true } });
    expect(it.last("crm")?.known?.contacts).toBeUndefined();
  });
});

test("where Global Privacy Control is not honoured, it keeps nothing back", async () => {
  const it = world({ honourGpc: false });
  await it.send({ ...SAID, consent: { ...GRANTED, gpc: true } });
  await it.send({ ...SILENT, consent: { ...GRANTED, gpc: true } });
  expect(it.last("crm")?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
});

describe("while the key cannot be read", () => {
  test("events go on without what it seals, said once a batch and without a value", async () => {
    const it = world();
    await it.send(SAID);
    it.secret.key = undefined;
    await it.send(SILENT);
    expect(it.last("meta")?.known?.hashes?.email_plain).toBeDefined();
    expect(it.last("crm")?.known?.contacts).toBeUndefined();
    expect(it.log.lines.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
    expect(it.log.lines.join("\n")).not.toMatch(CLEAR);
    it.secret.key = KEY;
    await it.send(SILENT);
    expect(it.last("crm")?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
  });

  test("the same address again keeps its text, another one takes it away", async () => {
    const it = world();
    await it.send(SAID);
    it.secret.key = undefined;
    await it.send(SAID);
    expect(it.identities.contents().persons[0]?.contacts.email).toBeDefined();
    await it.send({ user: { ...SAID.user, email: "new@feathers.example", phone: PHONE } });
    const persons = it.identities.contents().persons.filter(({ hashes }) => hashes.email_plain !== undefined);
    expect(persons.map(({ contacts }) => contacts.phone !== undefined)).toContain(true);
    it.secret.key = KEY;
    await it.send(SILENT);
    expect(it.last("crm")?.known?.contacts?.email).not.toBe(EMAIL);
  });
});

test("under a new key the old texts are absent, and are sealed anew when they are said again", async () => {
  const it = world();
  await it.send(SAID);
  it.secret.key = "n".repeat(64);
  await it.send(SILENT);
  expect(it.last("crm")?.known?.contacts).toBeUndefined();
  expect(it.log.lines.find((line) => line.includes("another key"))).toContain('"contacts":2');
  await it.send(SAID);
  await it.send(SILENT);
  expect(it.last("crm")?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
});

test("a split gives both their own again, whatever key each was sealed with", async () => {
  const it = world();
  await it.send({ user: { user_id: "u-1" } });
  await it.send(SAID);
  it.secret.key = "n".repeat(64);
  await it.send({ user: { ...SAID.user, user_id: "u-1" } });
  const merged = it.identities.contents().persons.find((person) => person.merged_into !== undefined);
  const personId = merged?.merged_into ?? "";
  expect(it.identities.contents().persons.find(({ id }) => id === personId)?.contacts.email).toBeDefined();
  await splitPerson({ personId, mergedId: merged?.id ?? "" }, ["shop"], it.identities);
  const left = it.identities.contents().persons.map(({ contacts, hashes }) => [contacts.email, hashes.email_plain]);
  // The address is the visitor's, as said before the merge; the account said it only while they were one.
  expect(left.map(([text, hash]) => (text === undefined) === (hash === undefined))).toEqual([true, true]);
  await it.send(SILENT);
  expect(it.log.lines.some((line) => line.includes("another key"))).toBe(true);
});

test("an erased person's texts are gone with the person", async () => {
  const it = world();
  await it.send(SAID);
  await it.send(SILENT);
  const personId = it.last("crm")?.known?.person_id ?? "";
  await erasePerson(personId, ["shop"], it.identities);
  expect(it.stored()).not.toContain("contacts");
  await it.send(SILENT);
  expect(it.last("crm")?.known?.contacts).toBeUndefined();
});

describe("a replay", () => {
  const contacts = { current: async () => createContactVault({ key: KEY }) };
  const lanes = [testLane("meta"), testLane("late", {}, { needsRawContact: () => true, consent: [] })];
  const rules = { ...SETTINGS, lanes };
  const told = (id: string, user: CanonicalEvent["user"], changes: Partial<CanonicalEvent> = {}) =>
    order(id, { user, browser_ids: {}, ...changes });

  /** A world in which the person said who they are, and came back without a word. */
  async function filled() {
    const it = replayWorld({ rules, contacts });
    await it.enrich([told("said", SAID.user)], lanes);
    await it.enrich([told("silent", SILENT.user)], lanes);
    return it;
  }
  type World = Awaited<ReturnType<typeof filled>>;

  /** What the lane gets of the silent event when it is replayed after its attempts are over. */
  async function replayed(it: World, lane: string) {
    it.clock.set(START + 30 * HOUR_MS);
    await it.replay({ from: START - HOUR_MS, to: START + HOUR_MS });
    const found = it.queues.messages(lane).find(({ event }) => event.event_id === "silent");
    expect(found).toBeDefined();
    return found?.event;
  }

  test("fills what the archive does not keep, from the graph as it is today", async () => {
    const it = await filled();
    expect((await replayed(it, "late"))?.known?.contacts).toEqual({ email: EMAIL, phone: PHONE });
    expect(JSON.stringify(it.queues.messages("meta"))).not.toMatch(CLEAR);
    expect(it.queues.messages("meta")).toHaveLength(2);
  });

  test("sends what a lane skipped while the key could not be read", async () => {
    const it = replayWorld({ rules, contacts });
    await it.enrich([told("said", SAID.user)], lanes);
    const silent = told("silent", SILENT.user);
    await it.enrich([silent], lanes);
    await it.end(silent, "late", "skipped", { skip: { code: "incomplete", detail: "no e-mail" } });
    it.clock.set(START + HOUR_MS);
    await it.replay({ from: START - HOUR_MS, to: START + HOUR_MS, destinations: ["late"], outcomes: ["skipped"] });
    const sent = it.queues.messages("late").map(({ event }) => [event.event_id, event.known?.contacts]);
    expect(sent).toEqual([["silent", { email: EMAIL, phone: PHONE }]]);
  });

  test("gives no other address than the event was filled by", async () => {
    const it = await filled();
    const at = START + 2 * HOUR_MS;
    it.clock.set(at);
    const moved = { ...SAID.user, email: "new@feathers.example" };
    await it.enrich([told("moved", moved, { event_time: at, received_at: at })], lanes);
    expect((await replayed(it, "late"))?.known?.contacts).toEqual({ phone: PHONE });
  });

  test.each(["ad_user_data", "analytics_storage"] as const)(
    "gives none to whom %s was refused since",
    async (purpose) => {
      const it = await filled();
      const at = START + 2 * HOUR_MS;
      it.clock.set(at);
      const refusal = { consent: { ...GRANTED, [purpose]: "denied" as const }, event_time: at, received_at: at };
      await it.enrich([told("refusal", SAID.user, refusal)], lanes);
      expect((await replayed(it, "late"))?.known?.contacts).toBeUndefined();
    },
  );

  test("goes on without the key, and says so without a value", async () => {
    let isDown = false;
    const current = () => (isDown ? Promise.reject(new Error(EMAIL)) : contacts.current());
    const it = replayWorld({ rules, contacts: { current } });
    await it.enrich([told("said", SAID.user)], lanes);
    await it.enrich([told("silent", SILENT.user)], lanes);
    isDown = true;
    expect((await replayed(it, "late"))?.known?.contacts).toBeUndefined();
    expect(it.log.lines.join("\n")).toContain("cannot be read");
    expect(it.log.lines.join("\n")).not.toMatch(CLEAR);
  });
});
