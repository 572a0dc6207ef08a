import type { ArchivedEvent } from "../core/archived-event.ts";
import type { DeliveryRecord } from "../core/delivery-record.ts";
import { HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import { parseErased } from "../core/erased-line.ts";
import { type EventKey, eventKey } from "../core/event-key.ts";
import { isStopped, type LaneControl } from "../core/lane-control.ts";
import type { DeliveryState } from "../core/outcome.ts";
import { present } from "../core/present.ts";
import { MAX_CELLS, type QualityCell, QualityTally } from "../core/quality-rollup.ts";
import { judgeDelivery, type LaneSituation } from "../core/reconciliation.ts";
import { parseArchived } from "../core/replay.ts";
import { MAX_SENSITIVE_CELLS, type SensitiveCell, SensitiveTally } from "../core/sensitive-rollup.ts";
import type { ArchiveReader } from "./archive-ports.ts";
import type { LaneControlStore } from "./lane-control-ports.ts";
import type { DeliveryStore } from "./ports.ts";
import { type ArchivedCopy, completeScores } from "./reconcile-copies.ts";
import type { QueueDepths } from "./reconcile-ports.ts";

/** Events whose receipts are read together: what DynamoDB answers at once. */
const CHUNK = 100;

/** Events of one lane that are looked at a second time; more than that are lost for one reason, and no accident. */
const MAX_SUSPECTS = 2_000;

/** How long before its metric an event may have been archived: an invocation of enrich, and the tries of a put, ms. */
const METRIC_LAG_MS = MINUTE_MS;

/** What the events of an hour are followed through. */
export interface LanesScope {
  readonly archive: ArchiveReader;
  readonly store: Pick<DeliveryStore, "readRecords">;
  readonly controls: Pick<LaneControlStore, "read">;
  readonly depths: Pick<QueueDepths, "lane">;
  /** Configured lanes. */
  readonly lanes: readonly string[];
  readonly retryWindowMs: number;
}

/** An event that has no end at a lane, and nothing that explains it. */
export interface Unexplained {
  readonly key: EventKey;
  readonly archivedAt: number;
  readonly verdict: "lost" | "unconfirmed";
  readonly state: DeliveryState;
}

/** What was found at one lane. */
export interface LaneFindings {
  readonly lane: string;
  expected: number;
  readonly outcomes: Partial<Record<DeliveryState, number>>;
  waiting: number;
  readonly unexplained: Unexplained[];
  /** Beyond `MAX_SUSPECTS`. */
  more: number;
}

/** What the archive and the receipts say about one hour. */
export interface HourContents {
  /** Distinct events that were archived in the hour. */
  readonly events: number;
  /** Lines of the hour and shortly before: no fewer than the metric counted. */
  readonly lines: number;
  readonly unreadable: number;
  readonly lanes: readonly LaneFindings[];
  readonly quality: readonly QualityCell[];
  readonly sensitive: readonly SensitiveCell[];
}

type Archived = Pick<ArchivedEvent, "archived_at" | "copy_id" | "decisions" | "removed"> & {
  readonly key: EventKey;
  readonly source: string;
  /** Source of the first copy, for the line of a later one. */
  readonly copyOf?: string;
  /** A synthetic event says nothing of what real ones carry. */
  readonly isTest?: true;
};

/**
 * Walks through the hour's archive and asks for the receipt of every delivery that was decided. What looks lost is
 * looked at again in the end, consistently: SQS counts approximately, and a message may be between two places.
 */
export async function readHour(hour: number, now: number, isFinal: boolean, scope: LanesScope): Promise<HourContents> {
  const found = new Map<string, LaneFindings>();
  const tally = { events: 0, lines: 0, unreadable: 0 };
  const quality = new QualityTally();
  const sensitive = new SensitiveTally();
  // Before the receipts: what is on no queue now has its receipt by then.
  const situations = await situationsOf(scope.lanes, { now, isFinal, scope });
  const situationOf = (lane: string): LaneSituation =>
    situations.get(lane) ?? { ...NOWHERE, now, isFinal, retryWindowMs: scope.retryWindowMs };
  for await (const lines of chunksOf(hour, scope.archive, tally)) {
    await completeScores(lines.filter(isCopy), quality, scope.store);
    const chunk = lines.filter((line) => !isCopy(line));
    for (const { decisions, isTest, key, removed = [], source } of chunk) {
      if (isTest !== true) quality.add(source, key.event_name, decisions);
      sensitive.add(source, key.event_name, removed);
    }
    const lanes = new Set(
      chunk.flatMap(({ decisions }) => decisions.flatMap(({ lane, send }) => (send ? [lane] : []))),
    );
    for (const lane of lanes) {
      const wanted = chunk.filter(({ decisions }) => decisions.some((it) => it.lane === lane && it.send));
      const records = await scope.store.readRecords(
        lane,
        wanted.map(({ key }) => key),
        { mayBeStale: true },
      );
      const lanesFindings = found.get(lane) ?? emptyFindings(lane);
      found.set(lane, lanesFindings);
      for (const [index, event] of wanted.entries()) note(lanesFindings, event, records[index], situationOf(lane));
    }
  }
  for (const findings of found.values()) await lookAgain(findings, { now, isFinal, scope });
  return {
    ...tally,
    lanes: [...found.values()].sort((a, b) => (a.lane < b.lane ? -1 : 1)),
    quality: quality.cells().slice(0, MAX_CELLS),
    sensitive: sensitive.cells().slice(0, MAX_SENSITIVE_CELLS),
  };
}

function isCopy(line: Archived): line is Archived & ArchivedCopy {
  return line.copyOf !== undefined;
}

const NOWHERE = { isRemoved: true, isHeldUp: false, onQueue: 0 } as const;

interface Look {
  readonly now: number;
  readonly isFinal: boolean;
  readonly scope: LanesScope;
}

async function situationsOf(
  lanes: readonly string[],
  { isFinal, now, scope }: Look,
): Promise<Map<string, LaneSituation>> {
  const { controls, depths, retryWindowMs } = scope;
  const [stands, onQueue] = await Promise.all([
    controls.read(lanes),
    Promise.all(lanes.map((lane) => depths.lane(lane))),
  ]);
  return new Map(
    lanes.map((lane, index) => {
      const isHeldUp = wasHeldUp(stands[index], now - retryWindowMs);
      return [lane, { now, isFinal, retryWindowMs, isRemoved: false, isHeldUp, onQueue: onQueue[index] ?? 0 }];
    }),
  );
}

/** Time behind a stopped lane does not count against an event, so after it each has a whole window once more. */
function wasHeldUp(control: LaneControl | undefined, since: number): boolean {
  return isStopped(control) || (control?.resumed_at ?? 0) > since;
}

function emptyFindings(lane: string): LaneFindings {
  return { lane, expected: 0, outcomes: {}, waiting: 0, unexplained: [], more: 0 };
}

function note(
  findings: LaneFindings,
  event: Pick<Archived, "key" | "archived_at">,
  record: DeliveryRecord | undefined,
  situation: LaneSituation,
): void {
  const state = record?.state ?? "pending";
  findings.expected += 1;
  findings.outcomes[state] = (findings.outcomes[state] ?? 0) + 1;
  const verdict = judgeDelivery(record, situation);
  if (verdict === "ended") return;
  if (verdict === "waiting") findings.waiting += 1;
  else if (findings.unexplained.length === MAX_SUSPECTS) findings.more += 1;
  else findings.unexplained.push({ key: event.key, archivedAt: event.archived_at, verdict, state });
}

async function lookAgain(findings: LaneFindings, look: Look): Promise<void> {
  const suspects = findings.unexplained.splice(0);
  if (suspects.length === 0) return;
  const situation = (await situationsOf([findings.lane], look)).get(findings.lane);
  for (let start = 0; start < suspects.length; start += CHUNK) {
    const chunk = suspects.slice(start, start + CHUNK);
    const records = await look.scope.store.readRecords(
      findings.lane,
      chunk.map(({ key }) => key),
    );
    for (const [index, suspect] of chunk.entries()) {
      const { outcomes } = findings;
      outcomes[suspect.state] = (outcomes[suspect.state] ?? 1) - 1;
      if (outcomes[suspect.state] === 0) delete outcomes[suspect.state];
      findings.expected -= 1;
      const event = { key: suspect.key, archived_at: suspect.archivedAt };
      if (situation !== undefined) note(findings, event, records[index], situation);
    }
  }
}

/** The hour's events and later copies, each once, in portions; counts what it sees. */
async function* chunksOf(
  hour: number,
  archive: ArchiveReader,
  tally: { events: number; lines: number; unreadable: number },
): AsyncGenerator<Archived[]> {
  const end = hour + HOUR_MS;
  const seen = new Set<string>();
  let chunk: Archived[] = [];
  for (const { key } of await archive.objects(hour - METRIC_LAG_MS, end)) {
    for await (const line of archive.lines(key)) {
      const event = readLine(line);
      if (event === undefined) {
        countUnread(line, { from: hour, to: end }, tally);
        continue;
      }
      if (event.archived_at < hour - METRIC_LAG_MS || event.archived_at >= end) continue;
      // A later copy is no event: it changes what its event's score is.
      if (event.copyOf === undefined) tally.lines += 1;
      const id = JSON.stringify([event.key, event.copy_id]);
      if (event.archived_at < hour || seen.has(id)) continue;
      seen.add(id);
      if (event.copyOf === undefined) tally.events += 1;
      chunk.push(event);
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** An event that was erased was archived all the same; where it went nobody may know any more. */
function countUnread(
  line: string,
  { from, to }: { readonly from: number; readonly to: number },
  tally: { events: number; lines: number; unreadable: number },
): void {
  const erased = parseErased(line);
  if (erased === undefined) tally.unreadable += 1;
  else if (erased.copy !== true && erased.archived_at >= from - METRIC_LAG_MS && erased.archived_at < to) {
    tally.lines += 1;
    if (erased.archived_at >= from) tally.events += 1;
  }
}

/** As much of a line as is needed: an hour's events together must fit into memory. */
function readLine(line: string): Archived | undefined {
  const archived = parseArchived(line);
  if (archived === undefined) return undefined;
  const { archived_at, copy_id, copy_of, decisions, event, removed } = archived;
  const optional = present({
    removed,
    copyOf: copy_of?.source,
    isTest: event.test === true ? (true as const) : undefined,
  });
  return { archived_at, copy_id, decisions, key: eventKey(event), source: event.source.id, ...optional };
}
