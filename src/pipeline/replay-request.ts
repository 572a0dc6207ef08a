import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import { personKey, personKeys } from "../core/person-keys.ts";
import { NO_COUNTS } from "../core/replay.ts";
import { replayCostUsd } from "../core/replay-cost.ts";
import type { ReplayJob, ReplaySelection } from "../core/replay-job.ts";
import type { RoutingRules } from "../core/routing.ts";
import type { IdentityStore } from "./identity.ts";
import type { Clock } from "./ports.ts";
import type { ReplayStore } from "./replay-ports.ts";
import type { StoryReader } from "./trace.ts";

/** Within this after its claim an event is in the archive, unless enrich was held up: then a range has to be given. */
const ARCHIVED_WITHIN_MS = 2 * HOUR_MS;
/** Platforms that name a window drop copies for two days; a margin for the time that the replay itself takes. */
const COPIES_DROPPED_MS = DAY_MS;
const HOPS = 6;

/** What somebody asks for. */
export interface ReplayRequest {
  readonly selection: ReplaySelection;
  readonly dry_run: boolean;
  readonly force: boolean;
  readonly confirm_double_count: boolean;
  /** Events a second over all destinations. */
  readonly pace: number;
}

/** What making a job needs. */
export interface ReplayRequestDeps {
  readonly rules: RoutingRules;
  /** Dedup and identity scopes of the configured sources. */
  readonly scopes: readonly string[];
  readonly sources: readonly string[];
  /** Until the archive's objects are deleted. */
  readonly archiveDays: number;
  readonly replays: ReplayStore;
  readonly stories: StoryReader;
  readonly identities: Pick<IdentityStore, "readPersons" | "readPointers">;
  readonly clock: Pick<Clock, "now">;
}

/** Why a replay was not taken; `todo` is for the person who asked. */
export class ReplayRefusal extends Error {
  readonly code: "selection" | "unknown_destination" | "unknown_source" | "not_found" | "double_count";
  readonly todo?: string;
  constructor(code: ReplayRefusal["code"], message: string, todo?: string) {
    super(message);
    this.name = "ReplayRefusal";
    this.code = code;
    if (todo !== undefined) this.todo = todo;
  }
}

/** Checks the request, finds where in the archive to look, and stores the job. Nothing is read or sent yet. */
export async function createReplay(
  request: ReplayRequest,
  { by, id }: Pick<ReplayJob, "by" | "id">,
  deps: ReplayRequestDeps,
): Promise<ReplayJob> {
  const now = deps.clock.now();
  const { person, ...selection } = request.selection;
  checkSelection(request.selection, deps);
  const windows = await windowsOf(request.selection, now, deps);
  if (request.force && !request.confirm_double_count) checkDoubleCount(request.selection, windows, now, deps);
  const personKeys = person === undefined ? undefined : await personKeysOf(person, deps);
  const lists = windows.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / DAY_MS), 0);
  const job: ReplayJob = {
    id,
    version: 1,
    selection,
    ...(personKeys === undefined ? {} : { person_keys: personKeys }),
    dry_run: request.dry_run,
    force: request.force,
    pace: request.pace,
    state: "running",
    by,
    created_at: now,
    updated_at: now,
    lease_until: 0,
    progress: { done: 0, of: 0 },
    windows,
    counts: NO_COUNTS,
    by_destination: {},
    cost_usd: replayCostUsd({ events: 0, looked: 0, sent: 0, sentWithClaim: 0, objects: 0, lists, bytes: 0 }),
  };
  if (!(await deps.replays.save(job))) throw new Error(`a replay ${id} exists already`);
  return job;
}

function checkSelection(selection: ReplaySelection, { rules, sources }: ReplayRequestDeps): void {
  const { destinations = [], event_ids: ids, from, person, sources: wanted = [], to } = selection;
  if (ids === undefined && person === undefined && from === undefined) {
    throw new ReplayRefusal("selection", "one of event_ids, person and from says which events are meant");
  }
  if (ids?.length === 0) throw new ReplayRefusal("selection", "event_ids is empty");
  if (from !== undefined && to !== undefined && to <= from)
    throw new ReplayRefusal("selection", "to is not after from");
  const lane = destinations.find((id) => rules.lanes.every((it) => it.id !== id));
  if (lane !== undefined) {
    const known = rules.lanes.map(({ id }) => id).join(", ") || "none";
    const message = `no destination ${lane} is configured, only ${known}; a new one is deployed first, then replayed to`;
    throw new ReplayRefusal("unknown_destination", message);
  }
  const source = wanted.find((id) => !sources.includes(id));
  if (source !== undefined)
    throw new ReplayRefusal("unknown_source", `no source ${source} is configured, only ${sources.join(", ")}`);
}

/** A range that is given holds; else events are near their claims, and a person's may be anywhere. */
async function windowsOf(
  { event_ids: ids, from, to = Number.POSITIVE_INFINITY }: ReplaySelection,
  now: number,
  deps: ReplayRequestDeps,
): Promise<ReplayJob["windows"]> {
  const end = Math.min(to, now + 1);
  // Before that there is nothing, and looking there would take as long as if there were. A day for S3, which deletes late.
  const oldest = now - (deps.archiveDays + 1) * DAY_MS;
  if (from !== undefined || ids === undefined) return [{ from: Math.max(from ?? oldest, oldest), to: end }];
  const stories = await Promise.all([...new Set(ids)].map((id) => deps.stories.readStory(id, deps.scopes)));
  const times = stories.flat().flatMap(({ claim }) => (claim === undefined ? [] : [claim.first_received_at]));
  if (times.length === 0) {
    const todo = "Give from and to: of events whose story is deleted nobody knows when they came.";
    throw new ReplayRefusal("not_found", "none of these events is known", todo);
  }
  const merged: { from: number; to: number }[] = [];
  for (const at of times.toSorted((a, b) => a - b)) {
    const window = { from: at - MINUTE_MS, to: Math.min(end, at + ARCHIVED_WITHIN_MS) };
    const last = merged.at(-1);
    if (last !== undefined && window.from <= last.to) last.to = Math.max(last.to, window.to);
    else merged.push(window);
  }
  return merged;
}

/**
 * A forced copy counts twice where copies are not dropped, and where the platform has forgotten the first one. Which
 * events that will be is not known before the archive is read, so any that might be is enough to ask.
 */
function checkDoubleCount(
  { destinations }: ReplaySelection,
  windows: ReplayJob["windows"],
  now: number,
  { rules }: ReplayRequestDeps,
): void {
  const lanes = rules.lanes.filter(({ id }) => destinations === undefined || destinations.includes(id));
  const todo = "Leave force out to send only what is missing, or set confirm_double_count.";
  const counting = lanes.filter(({ destination }) => destination.dedupsByEventId !== true).map(({ id }) => id);
  if (counting.length > 0) {
    throw new ReplayRefusal("double_count", `${counting.join(", ")} would count delivered events twice`, todo);
  }
  if (windows.some(({ from }) => from < now - COPIES_DROPPED_MS)) {
    const known = lanes.map(({ id, destination }) => `${id} (${destination.catalogue.dedup})`).join("; ");
    const message = `platforms forget ids after a while, and would count events of more than a day ago twice: ${known}`;
    throw new ReplayRefusal("double_count", message, todo);
  }
}

/** The keys that the graph may have for what was given, and those of the persons that they lead to today. */
async function personKeysOf(given: string, { identities, rules, scopes }: ReplayRequestDeps): Promise<string[]> {
  const keys = new Set(personKeys(given, { scopes, defaultCountry: rules.defaultCountry }));
  if (keys.size === 0) throw new ReplayRefusal("selection", "this identifies nobody: it is empty or a placeholder");
  const pointers = await identities.readPointers([...keys]);
  let wanted = [given.trim(), ...pointers.flatMap((pointer) => pointer?.person_id ?? [])];
  for (let hop = 0; wanted.length > 0 && hop <= HOPS; hop += 1) {
    const persons = await identities.readPersons([...new Set(wanted)]);
    for (const person of persons) if (person !== undefined) keys.add(personKey(person.id));
    wanted = persons.flatMap((person) => person?.merged_into ?? []);
  }
  return [...keys];
}
