import { type ArchivedEvent, isLaterCopy } from "../core/archived-event.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { parseErased } from "../core/erased-line.ts";
import { eventKey, eventKeyText } from "../core/event-key.ts";
import { addCounts, isSelected, pageSize, parseArchived } from "../core/replay.ts";
import { replayCostUsd } from "../core/replay-cost.ts";
import type { ReplayJob } from "../core/replay-job.ts";
import type { ArchiveObject, ArchiveReader } from "./archive-ports.ts";
import { createCopyFinder } from "./archived-copies.ts";
import { linesOf } from "./archived-lines.ts";
import { errorFields } from "./error-fields.ts";
import type { Clock, Log } from "./ports.ts";
import { type PageResult, type ReplayPageDeps, ReplaySendError, workReplayPage } from "./replay-page.ts";
import type { ReplayStore } from "./replay-ports.ts";

/** What a replay works with. */
export interface ReplayDeps extends ReplayPageDeps {
  readonly replays: ReplayStore;
  readonly archive: ArchiveReader;
  readonly clock: Clock;
  readonly log: Log;
}

/** Past a slice's deadline nobody else takes the job for this long: clocks differ, and its last page may be under way, ms. */
const LEASE_MARGIN_MS = MINUTE_MS;
/** Lines that are looked at before the place is written down although few of them were selected. */
const LINES_BETWEEN_CHECKPOINTS = 5_000;

/** A place in the archive, and what was found on the way there. */
interface Page {
  readonly selected: readonly ArchivedEvent[];
  readonly unreadable: number;
  /** Where the next page begins; absent at the end of the archive. */
  readonly next?: { readonly object: string; readonly line: number };
  readonly finished: readonly ArchiveObject[];
}

/**
 * Works on a job until `deadline` (epoch ms) or its end, at its pace, and answers it as it then is. One worker at a
 * time has it: whoever holds the lease, and each page is written down under the job's next version, so that a worker
 * whose lease was lost stops at its next page. A crash repeats a page at most; the lanes drop what they have.
 */
export async function runReplaySlice(job: ReplayJob, deadline: number, deps: ReplayDeps): Promise<ReplayJob> {
  const { clock, log, replays } = deps;
  const startedAt = clock.now();
  if (job.state !== "running" || job.lease_until > startedAt) return job;
  let current: ReplayJob = advanced(job, { lease_until: deadline + LEASE_MARGIN_MS }, startedAt);
  if (!(await replays.save(current))) return job;
  try {
    let sent = 0;
    const objects = await objectsOf(current, deps.archive);
    current = { ...current, progress: progressOf(current, objects) };
    const copies = createCopyFinder(deps.archive);
    for await (const page of pages(current, objects, deps)) {
      const result = await workReplayPage(await copies.completed(page.selected), current, deps);
      sent += current.dry_run ? 0 : result.sent;
      // Seconds that were spent ahead of the pace are waited for by whoever goes on.
      const paceAt = startedAt + (sent / current.pace) * 1_000;
      const isOver = page.next === undefined;
      const isTime = isOver || Math.max(clock.now(), paceAt) >= deadline;
      const next = afterPage(current, page, result, { now: clock.now(), objects: objects.length });
      const lease = isTime ? { lease_until: isOver ? 0 : paceAt } : {};
      const saved = { ...next, ...lease };
      if (!(await replays.save(saved))) return current;
      current = saved;
      if (isTime) return current;
      if (paceAt > clock.now()) await clock.sleep(paceAt - clock.now());
    }
    return current;
  } catch (error) {
    // What the archive, a table or a queue refuses now is tried again by the next slice, from the last page on.
    log.error("a replay stopped short", { replay: job.id, ...errorFields(error) });
    // Ours names the lane and the queue's code; another's message may quote what it was about.
    const why =
      error instanceof ReplaySendError ? error.message : error instanceof Error ? error.name : "unknown error";
    const reason = `interrupted: ${why}; goes on by itself`;
    const released = advanced(current, { lease_until: 0, reason }, clock.now());
    return (await replays.save(released).catch(() => false)) ? released : current;
  }
}

/** The job with its next version. */
function advanced(job: ReplayJob, changes: Partial<ReplayJob>, now: number): ReplayJob {
  return { ...job, ...changes, version: job.version + 1, updated_at: now };
}

/** Every object of the job's windows once, in the order of their names, by which the cursor goes. */
async function objectsOf({ windows }: ReplayJob, archive: ArchiveReader): Promise<ArchiveObject[]> {
  const found = new Map<string, ArchiveObject>();
  for (const { from, to } of windows)
    for (const object of await archive.objects(from, to)) found.set(object.key, object);
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function progressOf({ cursor }: ReplayJob, objects: readonly ArchiveObject[]): ReplayJob["progress"] {
  const done = cursor === undefined ? 0 : objects.filter(({ key }) => key < cursor.object).length;
  return { done, of: objects.length };
}

function afterPage(
  job: ReplayJob,
  page: Page,
  result: PageResult,
  { now, objects }: { now: number; objects: number },
): ReplayJob {
  const counts = addCounts(addCounts(job.counts, result.counts), { unreadable: page.unreadable });
  const byDestination = { ...job.by_destination };
  for (const [lane, sent] of Object.entries(result.byLane)) byDestination[lane] = (byDestination[lane] ?? 0) + sent;
  const bytes = page.finished.reduce((sum, object) => sum + object.bytes, 0);
  const work = { ...result.work, objects: page.finished.length, lists: 0, bytes };
  const { cursor: _, reason: __, ...kept } = job;
  const changes = {
    counts,
    by_destination: byDestination,
    cost_usd: job.cost_usd + replayCostUsd(work),
    progress: { done: Math.min(objects, job.progress.done + page.finished.length), of: objects },
    ...(page.next === undefined ? { state: "done" as const } : { cursor: page.next }),
  };
  return advanced(kept, changes, now);
}

/** The archive from the job's cursor on, in pages that each are worked on and written down as one. */
async function* pages(job: ReplayJob, objects: readonly ArchiveObject[], deps: ReplayDeps): AsyncGenerator<Page> {
  const lanes = job.selection.destinations?.length ?? deps.rules.lanes.length;
  // A dry run has no pace to keep.
  const size = pageSize(job.dry_run ? Number.POSITIVE_INFINITY : job.pace, lanes);
  // Of two lines of one event the second is a copy that a lost answer put there. Lanes drop those that a later slice meets.
  const seen = new Set<string>();
  const empty = (): Page & { selected: ArchivedEvent[]; unreadable: number; finished: ArchiveObject[] } => ({
    selected: [],
    unreadable: 0,
    finished: [],
  });
  let page = empty();
  let looked = 0;
  for (const object of objects) {
    const { cursor } = job;
    if (cursor !== undefined && object.key < cursor.object) continue;
    const skip = cursor?.object === object.key ? cursor.line : 0;
    let line = 0;
    for await (const text of linesOf(object, deps)) {
      line += 1;
      if (line <= skip) continue;
      looked += 1;
      const archived = parseArchived(text);
      if (archived === undefined) page.unreadable += parseErased(text) === undefined ? 1 : 0;
      else if (!isLaterCopy(archived) && isSelected(archived, job) && isNew(seen, archived))
        page.selected.push(archived);
      if (page.selected.length < size && looked < LINES_BETWEEN_CHECKPOINTS) continue;
      yield { ...page, next: { object: object.key, line } };
      page = empty();
      looked = 0;
    }
    page.finished.push(object);
  }
  yield page;
}

function isNew(seen: Set<string>, { event }: ArchivedEvent): boolean {
  const key = eventKeyText(eventKey(event));
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
