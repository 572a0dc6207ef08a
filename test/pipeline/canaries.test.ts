import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { createDynamoIdentityStore } from "../../src/adapters/dynamo-identity-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import type { DeliveryContext } from "../../src/core/destination.ts";
import type { LaneEventRules } from "../../src/core/event-rules.ts";
import type { Lane } from "../../src/core/routing.ts";
import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { DELIVERY_TABLE, type Dynalite, IDENTITY_TABLE, startDynalite } from "../support/dynalite.ts";
import { ingestWorld, NOW, request } from "../support/ingest-world.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

// Planted words go in at the door, in every text that an event has, and are looked for wherever something comes out.

/** Of the person, in the fields that are there for it. */
const OWN = { email: "own.person@plumage-own.example", phone: "+4915155443322" };
const NAMES = { first_name: "Tweetylina", last_name: "Featherstone" };
/** Of anybody, where nobody should have put it. */
const CONTACT = { email: "canary.text@plumage.example", phone: "+4915199887766" };
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";
const SECRETS = {
  card: "4111 1111 1111 1111",
  bare: "5555555555554444",
  iban: "DE89370400440532013000",
  ssn: "078-05-1120",
};

const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => Buffer.from(text).toString("base64").replaceAll("=", ""),
];
const formsOf = (words: object) =>
  Object.values(words).flatMap((word: string) => encodings.map((encode) => encode(word)));

/** Which of the words a text holds, in any of their encodings. */
function leaks(text: string, words: object): string[] {
  const low = text.toLowerCase();
  return formsOf(words).filter((form) => low.includes(form.toLowerCase()));
}

const FREE_TEXT = `for ${CONTACT.email} or ${CONTACT.phone}, paid ${SECRETS.card} ${SECRETS.bare} ${SECRETS.iban} ${SECRETS.ssn} ${TOKEN}`;
const everywhere = [...formsOf(CONTACT), ...formsOf({ ...SECRETS, TOKEN }).map((it) => it.replaceAll(" ", "+"))];
const URL = `https://shop.example.com/u/${encodeURIComponent(CONTACT.email)}/?${everywhere.map((it, n) => `p${n}=${it}`).join("&")}&utm_term=${encodeURIComponent(CONTACT.email)}&utm_content=${OWN.phone.slice(1)}&gclid=Cj0KCQiA5NSdBhDf`;
const EVENT = {
  event_name: "purchase",
  event_id: "o-1",
  order_id: "100017",
  value: "49.95",
  currency: "EUR",
  action_source: "website",
  page: { url: URL, referrer: URL, title: FREE_TEXT },
  campaign: {
    source: "newsletter",
    medium: CONTACT.email,
    name: `for ${CONTACT.phone}`,
    id: SECRETS.bare,
  },
  search_term: FREE_TEXT,
  coupon: FREE_TEXT,
  payment_type: FREE_TEXT,
  method: FREE_TEXT,
  items: [
    {
      id: "sku-1",
      name: FREE_TEXT,
      brand: FREE_TEXT,
      category: FREE_TEXT,
      variant: FREE_TEXT,
      coupon: FREE_TEXT,
      price: "49.95",
      quantity: 1,
    },
  ],
  properties: { size: FREE_TEXT, coupon_text: URL, nested: { list: [FREE_TEXT], card: 4_111_111_111_111_111 } },
  click_ids: { gclid: "Cj0KCQiA5NSdBhDf", fbclid: "IwAR0canary", ttclid: "E.C.P.canary", awc: "15758_1763640000_abc" },
  user: {
    ...OWN,
    ...NAMES,
    user_id: "customer-1",
    country: "US",
    ip: "198.51.100.77",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64)",
  },
  consent: GRANTED,
};

/** The same person, who says no more than who they are: what lanes in clear get of them the graph has kept. */
const SILENT = {
  ...EVENT,
  event_id: "o-silent",
  order_id: "100018",
  page: { url: "https://shop.example.com/thanks" },
  user: { user_id: "customer-1", country: "US" },
};

/** Every destination, with each of the settings that change what it sends. */
const lanes: Lane[] = Object.entries(SAMPLES).flatMap(([type, { settings, events }]) =>
  settings.map((one, n) => {
    const destination = DESTINATIONS[type];
    if (destination === undefined) throw new Error(`no destination ${type}`);
    const rules: LaneEventRules = events ?? {};
    return { id: `${type}-${n}`, destination, settings: destination.settings.parse(one), testMode: false, ...rules };
  }),
);
const takesContacts = ({ destination, settings }: Lane) => destination.needsRawContact(settings);
const mayHoldContacts = (lane: Lane) => lane.destination.firstParty === true && takesContacts(lane);

/** Whose contract takes a person's name in clear, in some of the sampled settings; all others get digests, or none. */
const NAMES_IN_CLEAR = ["braze", "customer-io", "hubspot", "klaviyo", "linkedin", "quora", "webhook"];

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

/** Everything that one event leaves behind, by place. */
async function sentThrough() {
  const door = ingestWorld();
  const raw = [EVENT, SILENT, { ...EVENT, event_id: "o-1" }, { ...EVENT, event_id: "refused", value: FREE_TEXT }];
  const answer = await ingest(request({ body: { events: raw } }), door);
  const { client } = dynalite;
  const [delivery, identity] = [await dynalite.createTable(DELIVERY_TABLE), await dynalite.createTable(IDENTITY_TABLE)];
  const now = () => NOW + 1_000;
  const ports = {
    store: createDynamoDeliveryStore({ client, table: delivery, deliveryDays: 30, quarantineDays: 14, now }),
    identities: createDynamoIdentityStore({ client, table: identity, now }),
    archive: createMemoryEventArchive({ now }),
    contacts: { current: async () => createContactVault({ key: "k".repeat(64) }) },
    lanes: createMemoryLaneQueues(lanes.map(({ id }) => id)),
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(now()),
  };
  const settings = {
    lanes,
    consent: { defaults: [], honourGpc: true },
    defaultCountry: "DE",
    keyEvents: ["purchase"],
    identityRetentionMs: 1e10,
  };
  const counted: string[] = [];
  const add: typeof ports.metrics.add = (name, value, dimensions) =>
    void counted.push(JSON.stringify([name, value, dimensions]));
  const records = door.queue.messages.map(({ body, groupId }, n) => ({ messageId: `m-${n}`, groupId, body }));
  expect(await enrichBatch(records, settings, { ...ports, metrics: { ...ports.metrics, add } })).toEqual([]);
  const items = async (table: string) => (await client.send(new ScanCommand({ TableName: table }))).Items ?? [];
  const stored = await items(delivery);
  return {
    answer: answer.body,
    door: JSON.stringify([door.warnings, door.metricsAdded]),
    queue: records.map(({ body }) => body).join("\n"),
    log: ports.log.lines.join("\n"),
    metrics: counted.join("\n"),
    archive: JSON.stringify(ports.archive.events()),
    claims: JSON.stringify(stored.filter(({ raw: text }) => text === undefined)),
    quarantine: JSON.stringify(stored.filter(({ raw: text }) => text !== undefined)),
    identity: JSON.stringify(await items(identity)),
    messages: (lane: Lane) => ports.lanes.messages(lane.id).map(({ event }) => event),
  };
}

const PLACES = ["answer", "door", "log", "metrics", "claims", "identity"] as const;

test("planted words are where the list says, and nowhere else", async () => {
  const left = await sentThrough();
  for (const place of PLACES) {
    expect(left[place]).not.toBe("");
    const found = leaks(left[place], { ...OWN, ...NAMES, ...CONTACT, ...SECRETS, TOKEN });
    expect({ place, found }).toEqual({ place, found: [] });
  }
  // What it keeps in clear is sealed, and what it gave of that is in no line of the archive.
  expect(left.identity).toContain("contacts");
  const silent = (JSON.parse(left.archive) as { event: { event_id: string } }[]).filter(
    ({ event }) => event.event_id === "o-silent",
  );
  expect(silent).toHaveLength(1);
  expect(leaks(JSON.stringify(silent), OWN)).toEqual([]);
  // The graph learned the campaign, without what stood in its parameters; a number without its plus is the person's own.
  expect(left.identity).toContain("newsletter");
  expect(left.identity).not.toContain(OWN.phone.slice(1));
  // The queue at the door has the event as it came, and quarantine what was refused: both end by themselves.
  for (const place of ["queue", "quarantine"] as const) {
    expect(leaks(left[place], { ...OWN, ...NAMES, ...CONTACT, ...SECRETS, TOKEN })).not.toEqual([]);
  }
  // The archive knows the person, and what the sender's own properties said of others; secrets it never had.
  expect(leaks(left.archive, { ...OWN, ...NAMES })).toHaveLength(formsInClear({ ...OWN, ...NAMES }));
  expect(leaks(left.archive, SECRETS)).toEqual([]);
  const [archived] = JSON.parse(left.archive) as [{ event: { properties?: object } }];
  const { properties: _, ...withoutProperties } = archived.event;
  expect(leaks(JSON.stringify(withoutProperties), { ...CONTACT, TOKEN })).toEqual([]);
  expect(left.log).toContain("sensitive data taken out");
});

test("a lane and its platform get of the planted words what the destination is for", async () => {
  const left = await sentThrough();
  const withNames = new Set<string>();
  let asked = 0;
  for (const lane of lanes) {
    const { destination, id, settings } = lane;
    const events = left.messages(lane);
    const sample = SAMPLES[destination.id];
    const context: DeliveryContext<unknown> = {
      lane: id,
      settings,
      credentials: sample?.credentials ?? {},
      now: NOW + 2_000,
      testMode: false,
      defaultCountry: "DE",
      ...sample?.events,
    };
    const toSend = events.filter((event) => destination.skipReason(event, context) === undefined);
    const texts = [JSON.stringify(events)];
    if (toSend.length > 0) {
      const requests = toSend.map((event) => destination.buildRequest([event], context));
      const sent = requests.flatMap(({ url, headers, body }) => [url, JSON.stringify(headers), body]).join("\n");
      texts.push(sent);
      asked += 1;
      if (leaks(sent, NAMES).length > 0) withNames.add(destination.id);
    }
    for (const text of texts) {
      const forbidden = { ...SECRETS, ...(mayHoldContacts(lane) ? {} : { ...CONTACT, TOKEN }) };
      expect({ id, found: leaks(text, { ...forbidden, ...(takesContacts(lane) ? {} : OWN) }) }).toEqual({
        id,
        found: [],
      });
    }
    // An ad's click survives all of it.
    const silent = events.find(({ event_id }) => event_id === "o-silent");
    if (silent !== undefined) expect(silent.known?.contacts).toEqual(takesContacts(lane) ? OWN : undefined);
    if (events.length > 0)
      expect(events[0]?.page?.url).toMatch(/^https:\/\/shop\.example\.com\/u\/redacted\/.*&gclid=Cj0KCQiA5NSdBhDf$/);
  }
  expect(asked).toBeGreaterThan(lanes.length / 2);
  expect([...withNames].sort()).toEqual(NAMES_IN_CLEAR);
});

/** In JSON a word stands as it is: of its encodings one is there, or two where they are equal. */
function formsInClear(words: object): number {
  const [, ...others] = encodings;
  return Object.values(words).reduce(
    (sum: number, word: string) => sum + 1 + others.filter((encode) => encode(word) === word).length,
    0,
  );
}
