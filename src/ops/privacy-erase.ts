import { z } from "zod/mini";
import { erasedUntil } from "../core/erasure.ts";
import { isPersonKey } from "../core/person-keys.ts";
import { present } from "../core/present.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { type EraseFirstDeps, FIRST_ERASE_STEP, firstEraseSteps } from "../pipeline/erase.ts";
import type { Clock, Log } from "../pipeline/ports.ts";
import { newPrivacyJob, runningJobOf, runPrivacySlice } from "../pipeline/privacy-jobs.ts";
import type { PrivacyJobStore } from "../pipeline/privacy-ports.ts";
import { pageOf } from "./answer-fields.ts";
import type { Page } from "./contract/page.ts";
import type { PrivacyJobView } from "./contract/privacy.ts";
import { jobId, jobPage, jobPageFields } from "./job-pages.ts";
import { ONE_PERSON, onePersonKeys } from "./one-person.ts";
import { auditedIdentifier, type PeoplePorts } from "./people.ts";
import { PRIVACY_JOB, privacyJobView, withPlatforms } from "./privacy-jobs.ts";
import type { PlatformPorts } from "./privacy-platforms.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** What the routes of erasures and of all privacy jobs work with. */
export interface ErasePorts extends PeoplePorts, PlatformPorts {
  readonly privacyJobs: PrivacyJobStore;
  readonly erasing: EraseFirstDeps;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** How long the request itself works on a new job, ms: tombstones and graph take some reads and writes. */
const FIRST_SLICE_MS = 12_000;
const MOST_FAILED = 100;

const JOB_ID = jobId("a privacy job, as `GET /privacy/jobs` lists it");

/** `POST /privacy/erase`. */
export const startErasure = defineRoute({
  method: "POST",
  path: "/privacy/erase",
  permission: "personal",
  summary:
    "Erases a person: from now on nothing of before is sent or learned, and the run of each minute removes what is kept",
  input: z.object({
    identifier: ONE_PERSON,
  }),
  answer: PRIVACY_JOB,
  audit: ({ identifier }, { newId }) => ({
    action: "privacy.erase",
    target: newId,
    details: { person: auditedIdentifier(identifier) },
  }),
  async run({ identifier }, ports: ErasePorts, { actor, newId }): Promise<PrivacyJobView> {
    const { clock, erasing, log, privacyJobs: jobs } = ports;
    const keys = await onePersonKeys(identifier, ports);
    const now = clock.now();
    const running = await runningJobOf("erase", keys, { jobs });
    if (running !== undefined && takesAlong(running, keys, now)) return privacyJobView(running);
    // What was given up before is known by its job alone: the graph may have forgotten the person by now.
    const failed = await failedJobsOf(keys, jobs);
    const person_keys = [...new Set([...keys, ...failed.flatMap((job) => job.person_keys)])];
    const job = newPrivacyJob({ id: newId, kind: "erase", person_keys, by: actor, step: FIRST_ERASE_STEP }, now);
    if (!(await jobs.save(job))) throw new Error(`a privacy job ${newId} exists already`);
    for (const it of failed) await jobs.save({ ...it, person_keys: [], version: it.version + 1 });
    const steps = { erase: firstEraseSteps(erasing) };
    return privacyJobView(await runPrivacySlice(job, now + FIRST_SLICE_MS, { jobs, steps, clock, log }));
  },
});

/** Whether nothing came of the person that a running erasure leaves: who came back after it is known again. */
function takesAlong(job: PrivacyJob, keys: readonly string[], now: number): boolean {
  return now <= erasedUntil(job) || !keys.some(isPersonKey);
}

async function failedJobsOf(keys: readonly string[], jobs: PrivacyJobStore): Promise<PrivacyJob[]> {
  const failed = await jobs.list({ kind: "erase", state: "failed", limit: MOST_FAILED });
  const theirs = new Set(keys);
  return failed.filter(({ person_keys }) => person_keys.some((key) => theirs.has(key)));
}

/** `GET /privacy/jobs`. */
export const listPrivacyJobs = defineRoute({
  method: "GET",
  path: "/privacy/jobs",
  permission: "read",
  summary: "Erasures and exports, newest first",
  input: z.object({
    state: z.optional(z.enum(["running", "done", "failed"])),
    kind: z.optional(z.enum(["erase", "export"])),
    ...jobPageFields(JOB_ID),
  }),
  answer: pageOf(PRIVACY_JOB),
  run({ kind, state, ...page }, { privacyJobs }: ErasePorts): Promise<Page<PrivacyJobView>> {
    return jobPage(page, (from) => privacyJobs.list({ ...from, ...present({ kind, state }) }), privacyJobView);
  },
});

/** `GET /privacy/jobs/{id}`. */
export const readPrivacyJob = defineRoute({
  method: "GET",
  path: "/privacy/jobs/{id}",
  permission: "read",
  summary: "One erasure or export: how far it is, what it removed or found, and until when copies may remain",
  input: z.object({ id: JOB_ID }),
  answer: PRIVACY_JOB,
  async run({ id }, { deletions, privacyJobs }: ErasePorts): Promise<PrivacyJobView> {
    const job = await privacyJobs.read(id);
    if (job === undefined) throw new OpsRefusal(404, "no_such_job", "no privacy job has this id, or it is deleted");
    return withPlatforms(job, deletions);
  },
});
