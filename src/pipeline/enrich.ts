import { campaignConsent } from "../core/campaign-touches.ts";
import { carriedIdentifiers } from "../core/carried-identifiers.ts";
import type { EventStory, QuarantinedEvent } from "../core/delivery-record.ts";
import { type CanonicalEvent, EVENT_NAMES, eventKey } from "../core/event.ts";
import { hashVariants } from "../core/hash-variants.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import { type Routed, type RoutingRules, routeEvent } from "../core/routing.ts";
import { cleanEvent, countRemoved, toldRemoved } from "../core/sensitive-data.ts";
import { type ArchivePorts, archiveAll } from "./archive.ts";
import { countClaimed } from "./enrich-counts.ts";
import { type FanOutPorts, fanOut, type Outgoing } from "./fan-out.ts";
import { type Identified, type IdentitySession, type IdentityStore, openIdentities } from "./identity.ts";
import { loggableId } from "./platform-words.ts";
import {
  pure,
  type QueuedRecord,
  type ReadRecord,
  readRecord,
  UnprocessableEvent,
  unprocessable,
} from "./queued-record.ts";

/** Configuration of enrich, and the names counted one by one. */
export interface EnrichSettings extends RoutingRules {
  readonly keyEvents: readonly string[];
  readonly identityRetentionMs: number;
}

export interface EnrichPorts extends FanOutPorts, ArchivePorts {
  readonly identities: IdentityStore;
}

/**
 * Claims, identifies, routes and fans out one batch of the events queue. Groups are independent; within a group the
 * order holds: after a failure the group's later records are given back too. Answers the message ids to give back.
 *
 * The order of effects is what makes a crash harmless anywhere: the graph learns (repeating teaches nothing new), the
 * claim decides who owns the event (the owner passes again), lanes get their copies (they drop what they already
 * delivered) and the archive its line (its readers drop the second one), and only then is the record acknowledged.
 */
export async function enrichBatch(
  records: readonly QueuedRecord[],
  settings: EnrichSettings,
  ports: EnrichPorts,
): Promise<string[]> {
  const read = records.map((record) => hashed(readRecord(record, ports.clock.now()), settings));
  const failed = new FailedGroups(records, ports);
  let session: IdentitySession;
  try {
    const events = read.flatMap((it) => (it.kind === "event" ? [it.event] : []));
    session = await openIdentities(events, ports.identities, {
      retentionMs: settings.identityRetentionMs,
      keepsCampaigns: campaignConsent(settings.consent),
    });
  } catch (error) {
    ports.log.error("identity graph cannot be read", { error: nameOf(error), records: records.length });
    return records.map(({ messageId }) => messageId);
  }

  logRemoved(read, ports);
  const outgoing: Outgoing[] = [];
  const duplicates: QueuedRecord[] = [];
  const quarantined: QueuedRecord[] = [];
  await Promise.all(
    [...Map.groupBy(read, ({ record }) => record.groupId).values()].map(async (group) => {
      for (const item of group) {
        if (failed.has(item.record)) return;
        try {
          const claimed = await processRecord(item, session, settings, ports);
          if (claimed === "duplicate") duplicates.push(item.record);
          else if (claimed === "quarantined") quarantined.push(item.record);
          else outgoing.push(claimed);
        } catch (error) {
          const isKept = error instanceof UnprocessableEvent && (await quarantinePoison(item, error, ports));
          if (isKept) quarantined.push(item.record);
          else failed.add(item.record, nameOf(error));
        }
      }
    }),
  );

  const [undelivered, unarchived] = await Promise.all([fanOut(outgoing, settings, ports), archiveAll(outgoing, ports)]);
  for (const [record, reason] of undelivered) failed.add(record, reason);
  for (const [record, reason] of unarchived) failed.add(record, reason);
  for (const record of duplicates) if (!failed.has(record)) ports.metrics.add("EventsDuplicate", 1);
  for (const record of quarantined) if (!failed.has(record)) ports.metrics.add("EventsQuarantined", 1);
  for (const it of outgoing) {
    // Not only what a lane refused: what comes back behind such a record of its group is counted when it comes.
    if (failed.has(it.record)) continue;
    countClaimed(it, settings, ports.metrics);
    ports.log.step({ ...eventNamed(it.event), step: "claimed", detail: decisionsOf(it.story) });
  }
  return failed.messageIds();
}

/** What was taken out, by source: whoever maintains that source has to look there. Copies count, as each was sent so. */
function logRemoved(read: readonly ReadRecord[], { log }: EnrichPorts): void {
  const events = read.filter((item) => item.kind === "event").filter(({ removed }) => removed.length > 0);
  for (const [source, found] of Map.groupBy(events, ({ event }) => event.source.id)) {
    const removed = countRemoved(found.map((item) => item.removed));
    log.info("sensitive data taken out", { source, events: found.length, removed: JSON.stringify(removed) });
  }
}

/** One record up to its claim. Answers what to send when this copy owns the event. Throws what a retry may mend. */
async function processRecord(
  item: ReadRecord,
  session: IdentitySession,
  settings: EnrichSettings,
  ports: EnrichPorts,
): Promise<Outgoing | "duplicate" | "quarantined"> {
  if (item.kind === "quarantine") {
    await ports.store.quarantine(item.quarantined);
    // Not a share of them, as of what goes well: who sends broken events must be found.
    const detail = reasonsOf(item.quarantined);
    ports.log.warn("event refused", { ...eventNamed(item.quarantined), step: "quarantined", detail });
    return "quarantined";
  }
  const identified = await session.identify(item.event);
  const event = identified.known === undefined ? item.event : { ...item.event, known: identified.known };
  const routed = pure(() => routeEvent(event, settings, ports.clock.now()));
  for (const { lane, error } of routed.unscored) {
    ports.log.error("destination cannot name its identifiers", {
      lane,
      event_id: loggableId(event.event_id),
      error: nameOf(error),
    });
  }
  const key = eventKey(event);
  const story = tellStory(event, identified, routed, item);
  const claim = await ports.store.claim(key, item.copyId, story);
  if (!claim.owner) {
    const first = `first from ${claim.story.source.id} at ${new Date(claim.first_received_at).toISOString()}`;
    ports.log.step({ ...eventNamed(event), step: "duplicate", detail: `from ${event.source.id}; ${first}` });
    return "duplicate";
  }
  // The stored decisions, not the ones just made: after a redelivery under a new config, state still tells the truth.
  return { record: item.record, copyId: item.copyId, event, consent: routed.consent, story: claim.story };
}

/** Canonical names only: a sender's own name may hold anything, as whatever its template put there. */
function eventNamed(event: Named): Named {
  const isCanonical = (EVENT_NAMES as readonly string[]).includes(event.event_name);
  return { event_id: loggableId(event.event_id), event_name: isCanonical ? event.event_name : "custom" };
}

type Named = { readonly event_id: string; readonly event_name: string };

/** Lanes that get the event, and why the others do not. Details may name the event; trace shows them. */
function decisionsOf({ decisions }: EventStory): string {
  if (decisions.length === 0) return "";
  const sent = decisions.flatMap(({ lane, skip }) => (skip === undefined ? [lane] : []));
  const held = decisions.flatMap(({ lane, skip }) => (skip === undefined ? [] : [`not ${lane}: ${skip.code}`]));
  return [sent.length === 0 ? "nowhere" : sent.join(", "), ...held].join("; ");
}

/** Which field broke which rule. Only the first step of its path: the rest may lead through keys that the sender chose. */
function reasonsOf({ reasons }: QuarantinedEvent): string {
  const told = reasons.map(({ field, rule }) => `${field.split(/[.[]/)[0] || "event"}: ${rule}`);
  return [...new Set(told)].join("; ").slice(0, 300);
}

function tellStory(
  event: CanonicalEvent,
  identified: Identified,
  routed: Routed,
  { problems, removed }: ReadRecord & { kind: "event" },
): EventStory {
  const told = toldRemoved(removed);
  return {
    event_id_origin: event.event_id_origin,
    event_time: event.event_time,
    received_at: event.received_at,
    source: event.source,
    ...(event.order_id === undefined ? {} : { order_id: event.order_id }),
    ...(event.value === undefined ? {} : { value: event.value }),
    ...(event.currency === undefined ? {} : { currency: event.currency }),
    carried: carriedIdentifiers(event),
    ...(problems.length === 0 ? {} : { problems }),
    ...(told === undefined ? {} : { removed: told }),
    identity: {
      ...(identified.known === undefined ? {} : { person_id: identified.known.person_id }),
      filled: [...(identified.filled ?? [])],
      learned: [...identified.learned],
    },
    consent: routed.seen,
    decisions: routed.decisions,
  };
}

/**
 * Adds the event's own hashes and takes out what nobody may have. An event that cannot be hashed or looked up is one that
 * nobody could ever process.
 */
function hashed(item: ReadRecord, settings: EnrichSettings): ReadRecord {
  if (item.kind !== "event") return item;
  const { defaultCountry } = settings;
  try {
    const options = defaultCountry === undefined ? {} : { defaultCountry };
    const { hashes, phoneE164, problems } = hashVariants(item.event.user, options);
    const { event: clean, removed } = cleanEvent(item.event, settings.sensitiveData);
    const event = { ...clean, hashes, ...(phoneE164 === undefined ? {} : { phone_e164: phoneE164 }) };
    graphIdentifiers(event);
    return { ...item, event, removed, problems: problems.map(({ field, problem }) => `${field} ${problem}`) };
  } catch (error) {
    return { kind: "quarantine", record: item.record, quarantined: poison(item, error) };
  }
}

/** Answers whether quarantine has it; if not, the record goes back like any other that the store refused. */
async function quarantinePoison(item: ReadRecord, error: unknown, ports: EnrichPorts): Promise<boolean> {
  ports.log.error("event cannot be processed", { message_id: item.record.messageId, error: nameOf(error) });
  try {
    await ports.store.quarantine(poison(item, error));
    return true;
  } catch {
    return false;
  }
}

function poison(item: ReadRecord, error: unknown): QuarantinedEvent {
  const known = item.kind === "event" ? item.event : undefined;
  const at = known?.received_at ?? 0;
  return unprocessable(item.record, at, { field: "event", rule: "must be processable", got: nameOf(error) }, known);
}

/** The kind of an error. Its message is not for logs: a parser quotes what it could not parse. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Which records to give back: a group's first failure and everything of that group after it. */
class FailedGroups {
  readonly #records: readonly QueuedRecord[];
  readonly #log: EnrichPorts["log"];
  readonly #firstFailure = new Map<string, number>();

  constructor(records: readonly QueuedRecord[], ports: EnrichPorts) {
    this.#records = records;
    this.#log = ports.log;
  }

  add(record: QueuedRecord, reason: string): void {
    const index = this.#records.indexOf(record);
    const first = this.#firstFailure.get(record.groupId);
    if (first === undefined || index < first) this.#firstFailure.set(record.groupId, index);
    this.#log.warn("record goes back to the queue", { message_id: record.messageId, reason });
  }

  has(record: QueuedRecord): boolean {
    const first = this.#firstFailure.get(record.groupId);
    return first !== undefined && this.#records.indexOf(record) >= first;
  }

  messageIds(): string[] {
    return this.#records.filter((record) => this.has(record)).map(({ messageId }) => messageId);
  }
}
