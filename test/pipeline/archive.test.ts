import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { EventArchive } from "../../src/pipeline/archive-ports.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import type { SendResult } from "../../src/pipeline/ports.ts";
import type { QueuedRecord } from "../../src/pipeline/queued-record.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const NOW = purchaseEvent().received_at + 1_000;
const settings = enrichingFor([testLane("meta"), testLane("ga4")]);

const world = () => ({ ...enrichPorts(["meta", "ga4"], NOW), archive: createMemoryEventArchive({ now: () => NOW }) });

let serial = 0;
function message(event: CanonicalEvent, groupId?: string): QueuedRecord {
  serial += 1;
  return queuedCopy(event, `copy-${serial}`, groupId);
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
