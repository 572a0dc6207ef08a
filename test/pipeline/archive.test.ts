import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { EventArchive } from "../../src/pipeline/archive-ports.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import type { SendResult } from "../../src/pipeline/ports.ts";
import type { QueuedRecord } from "../../src/pipeline/queued-record.ts";
import { GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const NOW = purchaseEvent().received_at + 1_000;
const settings: EnrichSettings = {
  lanes: [testLane("meta"), testLane("ga4")],
  consent: GRANTED_BY_DEFAULT,
  keyEvents: [],
  identityRetentionMs: 365 * 86_400_000,
};

function world() {
  return {
    store: createMemoryDeliveryStore(),
    identities: createMemoryIdentityStore(),
    lanes: createMemoryLaneQueues(["meta", "ga4"]),
    archive: createMemoryEventArchive({ now: () => NOW }),
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(NOW),
  };
}

let serial = 0;
function message(event: CanonicalEvent, groupId = "g"): QueuedRecord {
  serial += 1;
  const body = { v: 1, kind: "event", copy_id: `copy-${serial}`, event };
  return { messageId: `m-${serial}`, groupId, body: JSON.stringify(body) };
}

const order = (id: string, changes: Partial<CanonicalEvent> = {}) => purchaseEvent({ event_id: id, ...changes });

/** An archive that answers what it is told for these events, and takes all others. */
function refusing(inner: EventArchive, answers: Readonly<Record<string, SendResult>>): EventArchive {
  return {
    async put(events) {
      const results = await inner.put(events.filter(({ event }) => answers[event.event_id] === undefined));
      const taken = results.values();
      return events.map(
        ({ event }) => answers[event.event_id] ?? taken.next().value ?? { sent: false, reason: "no answer" },
      );
    },
  };
}

test("an owned event is archived once, whole, with what was decided for it", async () => {
  const ports = world();
  const given = message(order("o-1", { destinations: { ga4: false }, consent: { ad_user_data: "granted" } }));
  expect(await enrichBatch([given], settings, ports)).toEqual([]);
  const [line, ...others] = ports.archive.events();
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    v: 1,
    archived_at: NOW,
    copy_id: `copy-${serial}`,
    consent: { ad_user_data: "granted" },
  });
  expect(line?.decisions).toEqual([
    {
      lane: "meta",
      send: true,
      quality: expect.objectContaining({ version: MATCH_QUALITY_VERSION, score: expect.any(Number) }),
    },
    { lane: "ga4", send: false },
  ]);
  expect(line?.decisions[0]?.quality?.sent).toMatchObject({ email: 1 });
  expect(line?.decisions[0]?.quality?.gains).toHaveProperty("click_id");
  // In clear and hashed, so that a destination added later gets all that it may have.
  expect(line?.event.user.email).toBe("ada@lovelace.dev");
  expect(line?.event.hashes?.email_plain).toMatch(/^[0-9a-f]{64}$/);
  expect(line?.event.known?.person_id).toEqual(expect.any(String));
  expect(ports.metrics.total("EventsArchived")).toBe(1);
});

test("neither a copy nor what is quarantined is archived; what only teaches the graph is", async () => {
  const ports = world();
  const broken = { messageId: "m-x", groupId: "x", body: "{" };
  const identify = order("i-1", { event_name: "identify" });
  await enrichBatch(
    [message(order("o-1"), "a"), message(order("o-1"), "b"), broken, message(identify)],
    settings,
    ports,
  );
  expect(ports.archive.events().map(({ event }) => event.event_id)).toEqual(["o-1", "i-1"]);
  expect(ports.metrics.total("EventsArchived")).toBe(ports.metrics.total("EventsClaimed"));
});

test("what the archive did not take goes back with the rest of its group, and is archived when it comes again", async () => {
  const ports = world();
  const archive = refusing(ports.archive, { "a-1": { sent: false, reason: "ServiceUnavailableException" } });
  const records = [message(order("a-1"), "a"), message(order("a-2"), "a"), message(order("b-1"), "b")];
  const failed = await enrichBatch(records, settings, { ...ports, archive });
  expect(failed).toEqual([records[0]?.messageId, records[1]?.messageId]);
  expect(ports.log.lines.join()).toContain("archive: ServiceUnavailableException");
  await enrichBatch(records.slice(0, 2), settings, ports);
  const ids = ports.archive.events().map(({ event }) => event.event_id);
  expect(new Set(ids)).toEqual(new Set(["a-1", "a-2", "b-1"]));
});

test("an archive that throws gives back every record, and the lanes have their copies all the same", async () => {
  const ports = world();
  const archive: EventArchive = { put: () => Promise.reject(new RangeError("x")) };
  const records = [message(order("a-1"), "a"), message(order("b-1"), "b")];
  expect(await enrichBatch(records, settings, { ...ports, archive })).toHaveLength(2);
  expect(ports.lanes.messages("meta")).toHaveLength(2);
});

test("an event that no archive can hold is told in the log and holds nobody up", async () => {
  const ports = world();
  const archive = refusing(ports.archive, { "a-1": { sent: false, reason: "RecordTooLarge" } });
  expect(await enrichBatch([message(order("a-1"))], settings, { ...ports, archive })).toEqual([]);
  expect(ports.log.lines.join()).toContain("event too large to archive");
  expect(ports.metrics.total("EventsArchived")).toBe(0);
});

test("without an archive nothing is kept and nothing fails", async () => {
  const { archive: _, ...ports } = world();
  expect(await enrichBatch([message(order("a-1"))], settings, ports)).toEqual([]);
  expect(ports.metrics.total("EventsArchived")).toBe(0);
});

test("what was taken out of an event is archived by place and kind, and nothing where nothing was", async () => {
  const given = world();
  const url = "https://shop.test/thanks?email=jane.roe%40mail.test";
  await enrichBatch([message(order("dirty", { page: { url } })), message(order("clean"))], settings, given);
  const lines = given.archive.events();
  const removedOf = (id: string) => lines.find(({ event }) => event.event_id === id)?.removed;
  expect(removedOf("dirty")).toEqual(["page.url?email:email"]);
  expect(lines.find(({ event }) => event.event_id === "clean")).not.toHaveProperty("removed");
  expect(JSON.stringify(lines)).not.toContain("jane.roe%40");
});
