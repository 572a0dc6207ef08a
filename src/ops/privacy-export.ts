import { z } from "zod/mini";
import { EXPORT_SECTIONS, type ExportManifest, type ExportPart, exportFolder } from "../core/export-document.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { EXPORT_STEP } from "../pipeline/export.ts";
import type { ExportStore } from "../pipeline/export-ports.ts";
import type { Clock } from "../pipeline/ports.ts";
import { newPrivacyJob, runningJobOf } from "../pipeline/privacy-jobs.ts";
import type { PrivacyJobStore } from "../pipeline/privacy-ports.ts";
import { list } from "./answer-fields.ts";
import type { ExportPage, PrivacyJobView } from "./contract/privacy.ts";
import { jobId } from "./job-pages.ts";
import { ONE_PERSON, onePersonKeys } from "./one-person.ts";
import { auditedIdentifier, type PeoplePorts } from "./people.ts";
import { PRIVACY_JOB, privacyJobView } from "./privacy-jobs.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** What the routes of exports work with. */
export interface ExportPorts extends PeoplePorts {
  readonly privacyJobs: PrivacyJobStore;
  /** Absent when the configuration turns the archive off: exports are kept in its bucket. */
  readonly exports?: Pick<ExportStore, "get">;
  readonly clock: Pick<Clock, "now">;
}

const EXPORT_ID = jobId("an export, as `POST /privacy/export` gives it");

/** `POST /privacy/export`. */
export const startExport = defineRoute({
  method: "POST",
  path: "/privacy/export",
  permission: "personal",
  summary:
    "Collects everything that is kept of one person; the run of each minute does it, and the answer's id fetches it",
  input: z.object({
    identifier: ONE_PERSON,
  }),
  answer: PRIVACY_JOB,
  audit: ({ identifier }, { newId }) => ({
    action: "privacy.export",
    target: newId,
    details: { person: auditedIdentifier(identifier) },
  }),
  async run({ identifier }, ports: ExportPorts, { actor, newId }): Promise<PrivacyJobView> {
    if (ports.exports === undefined) {
      const todo =
        "GET /identity shows what the graph has, and events are found by their ids; both with personal=true.";
      throw new OpsRefusal(409, "no_archive", "the archive is turned off: whole events are kept nowhere", todo);
    }
    const person_keys = await onePersonKeys(identifier, ports);
    const running = await runningJobOf("export", person_keys, { jobs: ports.privacyJobs });
    if (running !== undefined) return privacyJobView(running);
    const now = ports.clock.now();
    const job = newPrivacyJob({ id: newId, kind: "export", person_keys, by: actor, step: EXPORT_STEP }, now);
    if (!(await ports.privacyJobs.save(job))) throw new Error(`a privacy job ${newId} exists already`);
    return privacyJobView(job);
  },
});

const PAGE = z.object({
  about: z.object({
    version: z.literal(1),
    id: z.string(),
    by: z.string(),
    requested_at: z.number(),
    searched_from: z.number(),
    person_ids: list(z.string()),
    not_searched: list(z.object({ place: z.string(), reason: z.string() })),
  }),
  part: z.number(),
  of: z.number(),
  section: z.exactOptional(z.enum(EXPORT_SECTIONS)),
  items: list(z.unknown()),
  next: z.exactOptional(z.number()),
});

/** `GET /privacy/exports/{id}`. */
export const downloadExport = defineRoute({
  method: "GET",
  path: "/privacy/exports/{id}",
  permission: "personal",
  summary: "One part of a finished export, with personal=true: personal data in clear, and nothing else",
  input: z.object({ id: EXPORT_ID, part: z._default(z.int().check(z.nonnegative()), 0) }),
  answer: PAGE as unknown as z.ZodMiniType<ExportPage>,
  personal: ({ id, part }) => ({ action: "privacy.export_read", target: id, details: { part } }),
  async run({ id, part }, { clock, exports, privacyJobs }: ExportPorts, { personal }): Promise<ExportPage> {
    const job = await privacyJobs.read(id);
    if (job === undefined || job.kind !== "export")
      throw new OpsRefusal(404, "no_such_export", "no export has this id");
    if (!personal) {
      throw new OpsRefusal(422, "personal_only", "an export is all personal data: ask with personal=true");
    }
    const { file } = job;
    // An erasure of the person takes the file of a finished one.
    if (file === undefined) throw job.state === "done" ? gone() : unfinished(job);
    const text = file.expires_at <= clock.now() ? undefined : await exports?.get(file.key);
    if (exports === undefined || text === undefined) throw gone();
    const manifest = JSON.parse(text) as ExportManifest;
    return page(manifest, part, async (name) => exports.get(exportFolder(job) + name));
  },
});

async function page(
  { about, parts }: ExportManifest,
  part: number,
  read: (name: string) => Promise<string | undefined>,
): Promise<ExportPage> {
  const name = parts[part];
  // Nothing was found: there is one part, without items.
  if (name === undefined && part > 0) throw new OpsRefusal(404, "no_such_part", "the export has fewer parts");
  const of = Math.max(1, parts.length);
  if (name === undefined) return { about, part, of, items: [] };
  const text = await read(name);
  if (text === undefined) throw gone();
  const { items, section } = JSON.parse(text) as ExportPart;
  return { about, part, of, section, items, ...(part + 1 < of ? { next: part + 1 } : {}) };
}

function unfinished({ reason, state }: PrivacyJob): OpsRefusal {
  const message = state === "failed" ? `the export failed: ${reason ?? "unknown"}` : "the export is not finished";
  const todo = state === "failed" ? "ask for another one" : "ask again in a minute";
  return new OpsRefusal(409, "not_finished", message, todo);
}

function gone(): OpsRefusal {
  return new OpsRefusal(404, "export_over", "this export is deleted", "ask for another one");
}
