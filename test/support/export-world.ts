import { createMemoryExportStore } from "../../src/adapters/memory/export-store.ts";
import { createMemoryPrivacyJobs } from "../../src/adapters/memory/privacy-jobs.ts";
import { createMemoryReplayStore } from "../../src/adapters/memory/replay-store.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { ExportSection } from "../../src/core/export-document.ts";
import type { PrivacyJob } from "../../src/core/privacy-job.ts";
import type { ExportPage } from "../../src/ops/contract/privacy.ts";
import { downloadExport, startExport } from "../../src/ops/privacy-export.ts";
import { type ExportDeps, exportStep } from "../../src/pipeline/export.ts";
import { runPrivacySlice } from "../../src/pipeline/privacy-jobs.ts";
import { lookupWorld } from "./lookup-world.ts";
import { createOpsWorld } from "./ops-world.ts";

/** How long the archive takes in these worlds, ms. */
export const SETTLE_MS = 20 * SECOND_MS;
const SLICE_MS = 30 * SECOND_MS;

/** The document as its parts make it up. */
export type CollectedExport = { readonly about: ExportPage["about"] } & Readonly<Record<ExportSection, unknown[]>>;

/** The pipeline on memory, with everything that an export reads, writes and answers. */
export async function exportWorld() {
  const world = await lookupWorld();
  const { archive, clock, config, identities, log, lookups, time } = world;
  const jobs = createMemoryPrivacyJobs();
  const exports = createMemoryExportStore();
  const replays = createMemoryReplayStore();
  const deps: ExportDeps = {
    exports,
    archive,
    reads: lookups,
    identities,
    replays,
    jobs,
    clock,
    log,
    lanes: config.destinations.map(({ id }) => id),
    scopes: ["shop"],
    defaultCountry: "DE",
    archiveDays: 30,
    quarantineDays: config.retention.quarantineDays,
    deliveryDays: config.retention.deliveryDays,
    settleMs: SETTLE_MS,
    keptMs: 7 * 24 * 60 * MINUTE_MS,
  };
  const routes = { ...world, privacyJobs: jobs, exports };
  const ops = await createOpsWorld([startExport, downloadExport], routes);
  return {
    ...world,
    ops,
    jobs,
    exports,
    replays,
    deps,
    /** Asks for an export; the answer of the API. */
    ask: (identifier: string, key?: string) =>
      ops.ask({
        method: "POST",
        path: "/privacy/export",
        body: JSON.stringify({ identifier }),
        ...(key === undefined ? {} : { key }),
      }),
    /** One run of the schedule, a minute after the one before. */
    async slice(changed: Partial<ExportDeps> & { readonly privacyJobs?: typeof jobs } = {}): Promise<void> {
      time.now += MINUTE_MS;
      const { privacyJobs = jobs, ...more } = changed;
      const steps = { export: [exportStep({ ...deps, ...more })] };
      for (const job of await jobs.list({ state: "running", limit: 10 })) {
        await runPrivacySlice(job, time.now + SLICE_MS, { jobs: privacyJobs, steps, clock, log });
      }
    },
    async finish(id: string): Promise<PrivacyJob> {
      for (let run = 0; run < 50; run += 1) {
        const job = await jobs.read(id);
        if (job === undefined || job.state !== "running") break;
        await this.slice();
      }
      const job = await jobs.read(id);
      if (job === undefined) throw new Error(`no job ${id}`);
      return job;
    },
    /** Fetches every part over the API. */
    async download(id: string): Promise<CollectedExport> {
      const found: Record<ExportSection, unknown[]> = {
        persons: [],
        identifiers: [],
        events: [],
        quarantine: [],
        replays: [],
        privacy_jobs: [],
      };
      for (let part: number | undefined = 0; ; ) {
        const { body, status } = await ops.ask({
          path: `/privacy/exports/${id}`,
          query: `part=${part}&personal=true`,
        });
        if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
        const page = downloadExport.answer?.parse(body) as ExportPage;
        if (page.section !== undefined) found[page.section].push(...page.items);
        if (page.next === undefined) return { about: page.about, ...found };
        part = page.next;
      }
    },
  };
}
