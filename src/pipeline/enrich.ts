import { campaignConsent } from "../core/campaign-touches.ts";
import { withSignals } from "../core/consent-signals.ts";
import type { EventStory, QuarantinedEvent } from "../core/delivery-record.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import { hashVariants } from "../core/hash-variants.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import { type MergeRules, waitsUntil } from "../core/merge-rules.ts";
import { present } from "../core/present.ts";
import { type RoutingRules, routeEvent } from "../core/routing.ts";
import { cleanEvent, countRemoved } from "../core/sensitive-data.ts";
import { type ArchivePorts, archiveAll } from "./archive.ts";
import { type ContactVaults, type OpenVault, openVault } from "./contact-vaults.ts";
import { takeDuplicate } from "./duplicates.ts";
import { countClaimed, countDuplicate, logPartial } from "./enrich-counts.ts";
import { dropErased, type EnrichErasurePorts, erasedAmong } from "./enrich-erasures.ts";
import { type FanOutPorts, fanOut, type Outgoing } from "./fan-out.ts";
import { type IdentitySession, type IdentityStore, openIdentities } from "./identity.ts";
import type { Duplicate } from "./later-copies.ts";
import type { OrderPersons } from "./order-persons.ts";
import { loggableId } from "./platform-words.ts";
import {
  pure,
  type QueuedRecord,
  type ReadRecord,
  readRecord,
  UnprocessableEvent,
  unprocessable,
} from "./queued-record.ts";
import { tellStory } from "./tell-story.ts";

/** Configuration of enrich, and the names counted one by one. */
export interface EnrichSettings extends RoutingRules {
  /** Absent: no event waits for another copy. */
  readonly merge?: MergeRules;
  readonly keyEvents: readonly string[];
  readonly identityRetentionMs: number;
}

export interface EnrichPorts extends FanOutPorts, ArchivePorts, Pick<EnrichErasurePorts, "erasures"> {
  readonly identities: IdentityStore;
  /** Absent: no event finds its person by its order. */
  readonly orders?: OrderPersons;
  /** Absent: no lane takes contacts in clear, and the graph keeps none. */
  readonly contacts?: ContactVaults;
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
  let erased: ReadonlySet<ReadRecord>;
  let vault: OpenVault | undefined;
  try {
    [erased, vault] = await Promise.all([erasedAmong(read, ports), openVault(ports)]);
    const events = read.flatMap((it) => (it.kind === "event" && !erased.has(it) ? [it.event] : []));
    const { consent, identityRetentionMs: retentionMs } = settings;
    const keepsCampaigns = campaignConsent(consent);
    const rules = { retentionMs, honourGpc: consent.honourGpc, keepsCampaigns, ...present({ contacts: vault }) };
    session = await openIdentities(events, ports.identities, rules, ports.orders);
  } catch (error) {
    ports.log.error("identities cannot be read", { error: nameOf(error), records: records.length });
    return records.map(({ messageId }) => messageId);
  }

  logRemoved(read, ports);
  const outgoing: Outgoing[] = [];
  const duplicates: Duplicate[] = [];
  const quarantined: QueuedRecord[] = [];
  const dropped: QueuedRecord[] = [];
  await Promise.all(
    [...Map.groupBy(read, ({ record }) => record.groupId).values()].map(async (group) => {
      for (const item of group) {
        if (failed.has(item.record)) return;
        try {
          if (item.kind === "event" && erased.has(item)) {
            await dropErased(item.event, ports);
            dropped.push(item.record);
            continue;
          }
          const claimed = await processRecord(item, session, settings, ports);
          if (claimed === "quarantined") quarantined.push(item.record);
          else if ("story" in claimed) outgoing.push(claimed);
          else duplicates.push(claimed);
        } catch (error) {
          const isKept = error instanceof UnprocessableEvent && (await quarantinePoison(item, error, ports));
          if (isKept) quarantined.push(item.record);
          else failed.add(item.record, nameOf(error));
        }
      }
    }),
  );

  vault?.tell();
  const [undelivered, unarchived] = await Promise.all([
    fanOut(outgoing, settings, ports),
    archiveAll(outgoing, duplicates, ports),
  ]);
  for (const [record, reason] of undelivered) failed.add(record, reason);
  for (const [record, reason] of unarchived) failed.add(record, reason);
  for (const it of duplicates) if (!failed.has(it.record)) countDuplicate(it, ports.metrics);
  for (const record of quarantined) if (!failed.has(record)) ports.metrics.add("EventsQuarantined", 1);
  for (const record of dropped) if (!failed.has(record)) ports.metrics.add("EventsErased", 1);
  logPartial(
    outgoing.filter(({ record }) => !failed.has(record)),
    ports.log,
  );
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
): Promise<Outgoing | Duplicate | "quarantined"> {
  if (item.kind === "quarantine") {
    await ports.store.quarantine(item.quarantined);
    // Not a share of them, as of what goes well: who sends broken events must be found.
    const detail = reasonsOf(item.quarantined);
    ports.log.warn("event refused", { ...eventNamed(item.quarantined), step: "quarantined", detail });
    return "quarantined";
  }
  const identified = await session.identify(item.event);
  const event = identified.known === undefined ? item.event : { ...item.event, known: identified.known };
  const waitsUntilAt = waitsUntil(event, settings.merge, ports.clock.now());
  const routed = pure(() => routeEvent(event, settings, ports.clock.now(), { waits: waitsUntilAt !== undefined }));
  for (const { lane, error } of routed.unscored) {
    ports.log.error("destination cannot name its identifiers", {
      lane,
      event_id: loggableId(event.event_id),
      error: nameOf(error),
    });
  }
  const key = eventKey(event);
  const story = tellStory(event, identified, routed, { ...item, waitsUntil: waitsUntilAt });
  const claim = await ports.store.claim(key, item.copyId, story);
  if (!claim.owner) {
    const losing = { copyId: item.copyId, event, routed };
    const { detail, later } = await takeDuplicate(losing, claim, { lanes: settings.lanes, session, ports });
    ports.log.step({ ...eventNamed(event), step: "duplicate", detail });
    return { record: item.record, ...(later === undefined ? {} : { later }) };
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
function decisionsOf({ decisions, merge }: EventStory): string {
  if (decisions.length === 0) return "";
  const sent = decisions.flatMap(({ lane, skip }) => (skip === undefined ? [lane] : []));
  const held = decisions.flatMap(({ lane, skip }) => (skip === undefined ? [] : [`not ${lane}: ${skip.code}`]));
  const wait = merge === undefined ? [] : [`waits for another copy until ${new Date(merge.until).toISOString()}`];
  return [sent.length === 0 ? "nowhere" : sent.join(", "), ...wait, ...held].join("; ");
}

/** Which field broke which rule. Only the first step of its path: the rest may lead through keys that the sender chose. */
function reasonsOf({ reasons }: QuarantinedEvent): string {
  const told = reasons.map(({ field, rule }) => `${field.split(/[.[]/)[0] || "event"}: ${rule}`);
  return [...new Set(told)].join("; ").slice(0, 300);
}

/**
 * Adds the event's own hashes, reads its consent strings and takes out what nobody may have. An event that cannot be
 * hashed or looked up is one that nobody could ever process.
 */
function hashed(item: ReadRecord, settings: EnrichSettings): ReadRecord {
  if (item.kind !== "event") return item;
  const { defaultCountry } = settings;
  try {
    const options = defaultCountry === undefined ? {} : { defaultCountry };
    const { hashes, phoneE164, problems } = hashVariants(item.event.user, options);
    const { event: clean, removed } = cleanEvent(item.event, settings.sensitiveData);
    const answered = withSignals(clean);
    const event = { ...answered.event, hashes, ...(phoneE164 === undefined ? {} : { phone_e164: phoneE164 }) };
    graphIdentifiers(event);
    const told = [...problems, ...answered.problems].map(({ field, problem }) => `${field} ${problem}`);
    return { ...item, event, removed, problems: told };
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
