import { MINUTE_MS } from "../core/durations.ts";
import { isPersonKey } from "../core/person-keys.ts";
import { addPrivacyCounts, type PrivacyJob, type PrivacyKind } from "../core/privacy-job.ts";
import { errorFields } from "./error-fields.ts";
import type { MaintenanceTask } from "./maintenance.ts";
import type { Clock, Log } from "./ports.ts";
import type { PrivacyJobStore } from "./privacy-ports.ts";

/** What one portion of a step came to. Without a cursor and a time to wait for, the step is over. */
export interface PrivacyPortion {
  readonly counts?: Readonly<Record<string, number>>;
  /** Where the step goes on. */
  readonly cursor?: string;
  /** The step has nothing to do before, epoch ms. */
  readonly notBefore?: number;
  readonly changes?: Partial<
    Pick<PrivacyJob, "person_keys" | "graph_used_until" | "copies_until" | "remains" | "file">
  >;
}

/** A part of a job. Portions take seconds, and one that is done twice does no harm: a crash repeats the last one. */
export interface PrivacyStep {
  readonly name: string;
  /** Absent where this worker may not do it: it leaves the job to one that may. */
  readonly portion?: (job: PrivacyJob, deadline: number) => Promise<PrivacyPortion>;
}

/** What jobs are worked on with. */
export interface PrivacyDeps {
  readonly jobs: PrivacyJobStore;
  /** In their order. A kind that this worker has no steps for is left to another one. */
  readonly steps: Partial<Readonly<Record<PrivacyKind, readonly PrivacyStep[]>>>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** Past a slice's deadline nobody else takes the job for this long: clocks differ, and a portion may be under way, ms. */
const LEASE_MARGIN_MS = MINUTE_MS;
/** Jobs that are looked at in one run. */
const MOST_JOBS = 50;
/** Slices in a row that come to nothing before a job is given up: with one a minute, two hours. */
const MOST_FAILURES = 120;
/** From then on its runs fail: the alarm hears of a run that failed twice, and of a job that is over nobody runs again. */
const ALARMING_FAILURES = MOST_FAILURES - 10;

/** A new job, at its first step; nothing is stored. */
export function newPrivacyJob(
  job: Pick<PrivacyJob, "id" | "kind" | "person_keys" | "by" | "step">,
  now: number,
): PrivacyJob {
  return {
    ...job,
    version: 1,
    state: "running",
    created_at: now,
    updated_at: now,
    lease_until: 0,
    failures: 0,
    counts: {},
  };
}

/**
 * Works on a job until `deadline` (epoch ms), its end, or a wait, and answers it as it then is. One worker at a time has
 * it: each portion is written down under the job's next version, so that a worker whose lease was lost stops there.
 */
export async function runPrivacySlice(job: PrivacyJob, deadline: number, deps: PrivacyDeps): Promise<PrivacyJob> {
  const { clock, jobs, log } = deps;
  const steps = deps.steps[job.kind] ?? [];
  const now = clock.now();
  const isFree = job.state === "running" && job.lease_until <= now && (job.not_before ?? 0) <= now;
  if (!isFree || portionOf(job, steps) === undefined) return job;
  const { not_before: _, ...due } = job;
  // Whoever ends a slice gives the lease back. A function that was stopped could not, nor say that it failed.
  const failures = job.failures + (job.lease_until > 0 ? 1 : 0);
  if (failures >= MOST_FAILURES) return released(job, "its worker was stopped", deps);
  let current: PrivacyJob = { ...due, ...next(job, now), failures, lease_until: deadline + LEASE_MARGIN_MS };
  if (!(await jobs.save(current))) return job;
  try {
    for (;;) {
      const work = portionOf(current, steps);
      if (work === undefined) return current;
      const after = afterPortion(current, await work(current, deadline), steps, clock.now());
      const isOver = after.state !== "running" || portionOf(after, steps) === undefined;
      const isTime = isOver || after.not_before !== undefined || clock.now() >= deadline;
      const saved = isTime ? { ...after, lease_until: 0 } : after;
      if (!(await jobs.save(saved))) return current;
      current = saved;
      if (isTime) return current;
    }
  } catch (error) {
    log.error("a privacy job stopped short", { job: job.id, step: current.step, ...errorFields(error) });
    return released(current, error instanceof Error ? error.name : "unknown error", deps);
  }
}

function portionOf({ step }: PrivacyJob, steps: readonly PrivacyStep[]): PrivacyStep["portion"] {
  return steps.find(({ name }) => name === step)?.portion;
}

function afterPortion(
  job: PrivacyJob,
  { changes = {}, counts = {}, cursor, notBefore }: PrivacyPortion,
  steps: readonly PrivacyStep[],
  now: number,
): PrivacyJob {
  const { cursor: _, reason: __, ...kept } = job;
  const done = { ...kept, ...changes, ...next(job, now), counts: addPrivacyCounts(job.counts, counts), failures: 0 };
  if (cursor !== undefined) return { ...done, cursor, ...(notBefore === undefined ? {} : { not_before: notBefore }) };
  if (notBefore !== undefined) return { ...done, not_before: notBefore };
  const following = steps[steps.findIndex(({ name }) => name === job.step) + 1];
  return following === undefined ? { ...done, state: "done" } : { ...done, step: following.name };
}

/** What went wrong may be over in a minute; a job that never gets on is given up in sight. */
async function released(job: PrivacyJob, error: string, { clock, jobs }: PrivacyDeps): Promise<PrivacyJob> {
  const failures = job.failures + 1;
  const isLost = failures >= MOST_FAILURES;
  const reason = isLost
    ? `given up at ${job.step}: ${error}`
    : `interrupted at ${job.step}: ${error}; goes on by itself`;
  const ended = isLost ? { state: "failed" as const, person_keys: keysAfterwards(job) } : {};
  const after = { ...job, ...next(job, clock.now()), lease_until: 0, failures, reason, ...ended };
  return (await jobs.save(after).catch(() => false)) ? after : job;
}

/**
 * What a job that was given up is known by. An erasure's next try needs all of it; of an export an erasure finds the parts
 * by the person alone, where the graph knew one.
 */
function keysAfterwards({ kind, person_keys: keys }: PrivacyJob): readonly string[] {
  const persons = keys.filter(isPersonKey);
  return kind === "erase" || persons.length === 0 ? keys : persons;
}

function next({ version }: PrivacyJob, now: number): Pick<PrivacyJob, "version" | "updated_at"> {
  return { version: version + 1, updated_at: now };
}

/** Gives every running job a slice of the time that the run has left, the oldest first. Throws when one was given up or soon will be. */
export function privacyTask(deps: PrivacyDeps): MaintenanceTask {
  return {
    name: "privacy",
    async run(deadline) {
      const jobs = (await deps.jobs.list({ state: "running", limit: MOST_JOBS })).toReversed();
      const lost: string[] = [];
      for (const [index, job] of jobs.entries()) {
        const left = deadline - deps.clock.now();
        if (left <= 0) break;
        const after = await runPrivacySlice(job, deps.clock.now() + left / (jobs.length - index), deps);
        if (after !== job && after.failures >= ALARMING_FAILURES) lost.push(after.id);
      }
      if (lost.length > 0) throw new Error(`given up, or about to be: ${lost.join(", ")}`);
    },
  };
}

/**
 * The running job of this kind for the same person, if there is one: it is asked for once, however often. Where the graph
 * knows a person it is their id that tells; two people may have a browser in common. An erasure leaves nobody to know, so
 * that any identifier of the job will do; of an export only the job of an unknown one.
 */
export async function runningJobOf(
  kind: PrivacyKind,
  keys: readonly string[],
  { jobs }: Pick<PrivacyDeps, "jobs">,
): Promise<PrivacyJob | undefined> {
  const persons = keys.filter(isPersonKey);
  const wanted = new Set(persons.length > 0 ? persons : keys);
  const isOfUnknown = kind === "export" && persons.length === 0;
  const running = await jobs.list({ kind, state: "running", limit: MOST_JOBS });
  return running.find(
    ({ person_keys: known }) => known.some((key) => wanted.has(key)) && !(isOfUnknown && known.some(isPersonKey)),
  );
}
