import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { IngestMessage } from "../../src/core/queue-messages.ts";
import { type EnrichPorts, type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import type { QueuedRecord } from "../../src/pipeline/queued-record.ts";
import { GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const NOW = purchaseEvent().received_at + 1_000;
const settings: EnrichSettings = {
  lanes: [testLane("meta"), testLane("ga4"), testLane("hook", {}, { needsRawContact: () => true })],
  consent: GRANTED_BY_DEFAULT,
  defaultCountry: "DE",
  keyEvents: ["purchase"],
  identityRetentionMs: 365 * 86_400_000,
};
const LANES = settings.lanes.map(({ id }) => id);

function world() {
  return {
    store: createMemoryDeliveryStore(),
    identities: createMemoryIdentityStore(),
    lanes: createMemoryLaneQueues(LANES),
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(NOW),
  };
}

const QUARANTINED = {
  dedup_scope: "shop",
  event_id: "refused",
  event_name: "purchase",
  source: "web",
  received_at: NOW,
  reasons: [],
  raw: "{}",
};

let serial = 0;
function message(event: CanonicalEvent, groupId = "g", copyId?: string): QueuedRecord {
  serial += 1;
  const body: IngestMessage = { v: 1, kind: "event", copy_id: copyId ?? `copy-${serial}`, event };
  return { messageId: `m-${serial}`, groupId, body: JSON.stringify(body) };
}

const order = (id: string, changes: Partial<CanonicalEvent> = {}) => purchaseEvent({ event_id: id, ...changes });
const sent = (ports: ReturnType<typeof world>, lane: string) =>
  ports.lanes.messages(lane).map(({ event }) => event.event_id);

test("an event reaches every lane, claimed once and counted", async () => {
  const ports = world();
  expect(await enrichBatch([message(order("o-1"))], settings, ports)).toEqual([]);
  for (const lane of LANES) expect(sent(ports, lane)).toEqual(["o-1"]);
  expect(ports.metrics.total("EventsClaimed")).toBe(1);
  expect(ports.metrics.total("KeyEvents", { event_name: "purchase" })).toBe(1);
  expect(ports.metrics.total("MatchQuality", { destination: "meta" })).toBe(7.5);
  expect(ports.metrics.total("Presence_email")).toBe(1);
  expect(ports.metrics.total("Presence_click_id")).toBe(0);
});

test("the phone in E.164 goes to lanes that take raw contact data, and to no other", async () => {
  const ports = world();
  await enrichBatch([message(order("o-1", { user: { phone: "0151 12345678", country: "DE" } }))], settings, ports);
  expect(ports.lanes.messages("hook")[0]?.event.phone_e164).toBe("+4915112345678");
  expect(JSON.stringify(ports.lanes.messages("meta"))).not.toContain("15112345678");
});

test("a lane message holds what the lane needs and no raw e-mail where hashes do", async () => {
  const ports = world();
  await enrichBatch([message(order("o-1"))], settings, ports);
  const [toMeta] = ports.lanes.messages("meta");
  expect(toMeta).toMatchObject({ v: 1, lane: "meta", enqueued_at: NOW });
  expect(JSON.stringify(toMeta)).not.toContain("lovelace");
  expect(toMeta?.event.hashes?.email_plain).toMatch(/^[0-9a-f]{64}$/);
  expect(ports.lanes.messages("hook")[0]?.event.user.email).toBe("ada@lovelace.dev");
});

test("a second copy is dropped, counted and linked, even in the same batch", async () => {
  const ports = world();
  const server = order("o-1", { source: { ...order("x").source, id: "server", kind: "server" } });
  await enrichBatch([message(order("o-1"), "a"), message(server, "b")], settings, ports);
  await enrichBatch([message(order("o-1"), "c")], settings, ports);
  for (const lane of LANES) expect(sent(ports, lane)).toEqual(["o-1"]);
  expect(ports.metrics.total("EventsDuplicate")).toBe(2);
  const [story] = await ports.store.readStory("o-1", ["shop"]);
  expect(story?.claim?.copies).toBe(3);
  expect(ports.log.lines.filter((line) => line.includes('"duplicate"'))[0]).toContain("first from web at");
});

test("what goes to quarantine is counted when it is there, and not while its record comes back", async () => {
  const ports = world();
  const unreadable = { messageId: "m-bad", groupId: "q", body: "{" };
  const down = { ...ports, store: { ...ports.store, quarantine: () => Promise.reject(new Error("no table")) } };
  const refused = { v: 1, kind: "quarantine", copy_id: "c", quarantined: { ...QUARANTINED } };
  expect(await enrichBatch([{ ...unreadable, body: JSON.stringify(refused) }], settings, down)).toEqual(["m-bad"]);
  expect(ports.metrics.total("EventsQuarantined")).toBe(0);
  await enrichBatch([unreadable], settings, ports);
  await enrichBatch([{ ...unreadable, body: JSON.stringify(refused) }], settings, ports);
  expect(ports.metrics.total("EventsQuarantined")).toBe(2);
});

test("a dropped copy still teaches the graph", async () => {
  const ports = world();
  await enrichBatch([message(order("o-1", { user: { user_id: "u-1" } }))], settings, ports);
  await enrichBatch([message(order("o-1", { user: { user_id: "u-1", email: "ada@lovelace.dev" } }))], settings, ports);
  await enrichBatch([message(order("o-2", { user: { user_id: "u-1" } }))], settings, ports);
  expect(ports.lanes.messages("meta")[1]?.event.known?.hashes?.email_plain).toMatch(/^[0-9a-f]{64}$/);
});

test("the graph learns in order within one batch", async () => {
  const ports = world();
  const identify = order("i-1", { event_name: "identify", user: { user_id: "u-9", email: "ada@lovelace.dev" } });
  await enrichBatch([message(identify), message(order("o-1", { user: { user_id: "u-9" } }))], settings, ports);
  expect(sent(ports, "meta")).toEqual(["o-1"]);
  const [story] = await ports.store.readStory("o-1", ["shop"]);
  expect(story?.claim?.story.identity.filled).toContain("email_plain");
});

test("a skipped lane gets nothing, and its reason is stored and counted", async () => {
  const ports = world();
  await enrichBatch([message(order("o-1", { destinations: { ga4: false } }))], settings, ports);
  expect(sent(ports, "ga4")).toEqual([]);
  expect(ports.metrics.total("Deliveries", { destination: "ga4", outcome: "skipped" })).toBe(1);
  expect(ports.metrics.total("DeliveriesSkipped", { destination: "ga4", reason: "routing" })).toBe(1);
});

test("a redelivery follows the stored decisions, whatever the config says now", async () => {
  const ports = world();
  const record = message(order("o-1"));
  await enrichBatch([record], settings, ports);
  const first = settings.lanes.slice(0, 1);
  const renamed = { ...settings, lanes: [...first, testLane("added")] };
  expect(await enrichBatch([record], renamed, ports)).toEqual([]);
  expect(sent(ports, "meta")).toEqual(["o-1", "o-1"]);
  expect(sent(ports, "added")).toEqual([]);
});

test("what cannot be used of the person is in the story, without the value", async () => {
  const ports = world();
  await enrichBatch(
    [message(order("o-1", { user: { user_id: "u", email: "ada at lovelace", phone: "12" } }))],
    settings,
    ports,
  );
  const [story] = await ports.store.readStory("o-1", ["shop"]);
  expect(story?.claim?.story.problems).toHaveLength(2);
  expect(JSON.stringify(story)).not.toContain("ada at");
});

describe("groups", () => {
  test("a failure gives back its record and the later ones of its group only", async () => {
    const ports = world();
    const records = [
      message(order("a-1"), "a"),
      message(order("b-1"), "b"),
      message(order("a-2"), "a"),
      message(order("b-2"), "b"),
      message(order("a-3"), "a"),
    ];
    const store = { ...ports.store };
    store.claim = async (key, ...rest) => {
      if (key.event_id === "a-2") throw new Error("throttled");
      return ports.store.claim(key, ...rest);
    };
    const failed = await enrichBatch(records, settings, { ...ports, store });
    expect(failed).toEqual([records[2]?.messageId, records[4]?.messageId]);
    expect(sent(ports, "meta").sort()).toEqual(["a-1", "b-1", "b-2"]);
  });

  test("a lane that refuses one event gives back that record and the later ones of its group", async () => {
    const ports = world();
    await enrichBatch([message(order("a-3"))], settings, ports);
    const copy = message(order("a-3"), "a");
    const records = [message(order("a-1"), "a"), message(order("a-2"), "a"), message(order("b-1"), "b"), copy];
    const lanes: EnrichPorts["lanes"] = {
      async send(lane, messages) {
        const results = await ports.lanes.send(
          lane,
          lane === "ga4" ? messages.filter(({ body }) => !body.includes('"a-1"')) : messages,
        );
        if (lane !== "ga4") return results;
        return [{ sent: false, reason: "Throttled" }, ...results];
      },
    };
    expect(await enrichBatch(records, settings, { ...ports, lanes })).toEqual([
      records[0]?.messageId,
      records[1]?.messageId,
      copy.messageId,
    ]);
    // Its later ones went to their lanes too, but come again: each is counted when it is done with.
    expect(ports.metrics.total("EventsClaimed")).toBe(2);
    expect(ports.metrics.total("EventsDuplicate")).toBe(0);
    const again = records.filter(({ groupId }) => groupId === "a");
    expect(await enrichBatch(again, settings, ports)).toEqual([]);
    expect(ports.metrics.total("EventsClaimed")).toBe(4);
    expect(ports.metrics.total("EventsDuplicate")).toBe(1);
  });

  test("an event too large for any queue is recorded as rejected and does not block its group", async () => {
    const ports = world();
    const huge = order("o-1", { properties: { text: "x".repeat(1_050_000) } });
    expect(await enrichBatch([message(huge), message(order("o-2"))], settings, ports)).toEqual([]);
    expect(sent(ports, "meta")).toEqual(["o-2"]);
    expect(
      ports.store
        .records()
        .map(({ state, lane }) => `${lane} ${state}`)
        .sort(),
    ).toEqual(["ga4 rejected", "hook rejected", "meta rejected"]);
  });
});

describe("poison", () => {
  const bodies = [
    "not json",
    "[]",
    "null",
    '{"v":2}',
    '{"v":1,"kind":"event","copy_id":"c"}',
    '{"v":1,"kind":"event","copy_id":"c","event":{"event_id":"e","event_name":"nope"}}',
    '{"v":1,"kind":"quarantine","copy_id":"c","quarantined":{}}',
    JSON.stringify({ v: 1, kind: "event", copy_id: "c", event: { ...order("e"), user: { user_id: 7, email: {} } } }),
  ];

  test.each(bodies)("is quarantined with its bytes and acknowledged: %s", async (body) => {
    const ports = world();
    const poison = { messageId: "bad", groupId: "g", body };
    expect(await enrichBatch([poison, message(order("o-1"))], settings, ports)).toEqual([]);
    expect(ports.store.quarantined().map(({ raw }) => raw)).toEqual([body]);
    expect(sent(ports, "meta")).toEqual(["o-1"]);
  });

  test("is quarantined when it nests so deep that no lane's message could be written, and its neighbours pass", async () => {
    const ports = world();
    const deep = `${"[".repeat(9_000)}${"]".repeat(9_000)}`;
    const body = message(order("deep")).body.replace('"event":{', `"event":{"properties":{"x":${deep}},`);
    expect(
      await enrichBatch([{ messageId: "bad", groupId: "g", body }, message(order("o-1"))], settings, ports),
    ).toEqual([]);
    expect(ports.store.quarantined()).toHaveLength(1);
    expect(sent(ports, "meta")).toEqual(["o-1"]);
  });

  test("goes back when the quarantine cannot take it", async () => {
    const ports = world();
    const store = { ...ports.store, quarantine: async () => Promise.reject(new Error("throttled")) };
    expect(await enrichBatch([{ messageId: "bad", groupId: "g", body: "{" }], settings, { ...ports, store })).toEqual([
      "bad",
    ]);
  });

  test("what ingest refused is kept as ingest described it", async () => {
    const ports = world();
    const quarantined = {
      dedup_scope: "shop",
      event_id: "e-1",
      event_name: "purchase",
      source: "web",
      received_at: NOW,
      reasons: [{ field: "value", rule: "must be a decimal", got: "text" }],
      raw: "{}",
    };
    const body = JSON.stringify({ v: 1, kind: "quarantine", copy_id: "c", quarantined });
    expect(await enrichBatch([{ messageId: "m", groupId: "g", body }], settings, ports)).toEqual([]);
    expect(ports.store.quarantined()).toEqual([quarantined]);
  });
});

test("no log line holds anything personal", async () => {
  const ports = world();
  await enrichBatch(
    [message(order("o-1")), message(order("o-1")), { messageId: "x", groupId: "p", body: '{"ada@lovelace.dev' }],
    settings,
    ports,
  );
  const text = ports.log.lines.join("\n");
  expect(text).toContain("duplicate");
  for (const raw of ["lovelace", "4915112345678", "203.0.113.7"]) expect(text).not.toContain(raw);
});

test("sensitive data is on no lane, and story and log say where it was", async () => {
  const ports = world();
  const page = { url: "https://shop.example.com/?email=planted%40example.com&gclid=Cj0KCQiA" };
  const properties = { gift: "planted@example.com", planted_key: "4111 1111 1111 1111" };
  const event = order("o-1", { page, properties });
  expect(await enrichBatch([message(event), message(order("o-2"))], settings, ports)).toEqual([]);
  for (const lane of LANES) {
    const [copy] = ports.lanes.messages(lane);
    expect(copy?.event.page?.url).toBe("https://shop.example.com/?email=redacted&gclid=Cj0KCQiA");
    expect(JSON.stringify(copy)).not.toMatch(/planted@|planted%|4111/);
  }
  const [stored] = await ports.store.readStory("o-1", ["shop"]);
  expect(stored?.claim?.story.removed).toEqual(["page.url?email:email", "properties.planted_key:card"]);
  const line = ports.log.lines.find((it) => it.includes("sensitive data taken out"));
  expect(line).toContain("page.url:email");
  expect(line).not.toContain("planted");
  expect(ports.log.lines.filter((it) => it.includes("sensitive data taken out"))).toHaveLength(1);
});

test("nor anything that a sender put into a key, a name or an id", async () => {
  const ports = world();
  const canary = "canary.person@example.com";
  const quarantined = {
    dedup_scope: "shop",
    event_id: canary,
    event_name: `Newsletter ${canary}`,
    source: "web",
    received_at: NOW,
    reasons: [{ field: `properties.${canary}.x`, rule: "must be a decimal", got: "text" }],
    raw: "{}",
  };
  const unscored = testLane(
    "meta",
    {},
    {
      identifiers() {
        throw new TypeError(canary);
      },
    },
  );
  const custom = order(`order-${canary}`, { event_name: "custom", custom_name: `Quiz of ${canary}` });
  const properties = { [canary]: canary };
  await enrichBatch(
    [
      { messageId: "q", groupId: "q", body: JSON.stringify({ v: 1, kind: "quarantine", copy_id: "c", quarantined }) },
      message({ ...custom, properties }),
      message({ ...custom, properties }),
      message(order(canary)),
      message({ ...order(`bad-${canary}`), user: { user_id: 7 } as never }),
    ],
    { ...settings, lanes: [unscored] },
    ports,
  );
  const text = ports.log.lines.join("\n");
  for (const step of ["quarantined", "claimed", "duplicate", "cannot name its identifiers", "must be a decimal"]) {
    expect(text).toContain(step);
  }
  expect(text).not.toContain("canary");
  expect(JSON.stringify(ports.store.quarantined())).toContain(canary);
});

/** Ports whose k-th call fails: before its effect, or after it as when the answer is lost. */
function failingAt(ports: ReturnType<typeof world>, k: number, when: "before" | "after") {
  let calls = 0;
  const guard = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          calls += 1;
          const isMine = calls === k;
          if (isMine && when === "before") throw new Error("crash");
          const result: unknown = await value.apply(target, args);
          if (isMine) throw new Error("crash");
          return result;
        };
      },
    });
  const guarded = {
    ...ports,
    store: guard(ports.store),
    identities: guard(ports.identities),
    lanes: guard(ports.lanes),
  };
  return { guarded, reached: () => calls >= k };
}

describe.each(["before", "after"] as const)("a failure %s the effect of any port call", (when) => {
  test("loses nothing and claims nothing twice", async () => {
    let k = 1;
    for (let isReached = true; isReached; k += 1) {
      const ports = world();
      const records = [
        message(order("i-1", { event_name: "identify", user: { user_id: "u-1", email: "ada@lovelace.dev" } }), "a"),
        message(order("o-1", { user: { user_id: "u-1" } }), "a"),
        message(order("o-1", { user: { user_id: "u-1" } }), "b"),
        message(order("o-2", { user: { user_id: "u-2" }, browser_ids: {} }), "b"),
        { messageId: "poison", groupId: "c", body: "{" },
      ];
      const { guarded, reached } = failingAt(ports, k, when);
      const back = new Set(await enrichBatch(records, settings, guarded));
      isReached = reached();
      if (isReached) expect(back.size).toBeGreaterThan(0);
      const redelivered = records.filter(({ messageId }) => back.has(messageId));
      expect(await enrichBatch(redelivered, settings, ports)).toEqual([]);

      for (const lane of LANES) {
        // At least once into the lane, which drops what it has; only first copies are ever put there.
        expect([...new Set(sent(ports, lane))].sort()).toEqual(["o-1", "o-2"]);
      }
      const [claim] = await ports.store.readStory("o-1", ["shop"]);
      expect(claim?.claim?.copies).toBe(2);
      expect(ports.store.quarantined()).toHaveLength(1);
      const withMail = ports.lanes.messages("meta").filter(({ event }) => event.event_id === "o-1");
      expect(withMail.length).toBeGreaterThan(0);
    }
    expect(k).toBeGreaterThan(15);
  });
});
