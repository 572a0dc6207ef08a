import { platformDeletions } from "../../src/adapters/lambda-ops.ts";
import { createMemoryForgettableDeliveries } from "../../src/adapters/memory/forgettable-deliveries.ts";
import { createMemoryPrivacyJobs } from "../../src/adapters/memory/privacy-jobs.ts";
import { createMemoryReplayStore } from "../../src/adapters/memory/replay-store.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import type { PrivacyJob } from "../../src/core/privacy-job.ts";
import { meta } from "../../src/destinations/meta.ts";
import { webhook } from "../../src/destinations/webhook.ts";
import type { PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import { listPrivacyJobs, readPrivacyJob, startErasure } from "../../src/ops/privacy-erase.ts";
import { type EraseDeps, eraseSteps } from "../../src/pipeline/erase.ts";
import { runPrivacySlice } from "../../src/pipeline/privacy-jobs.ts";
import { lookupWorld } from "./lookup-world.ts";
import { createOpsWorld } from "./ops-world.ts";

/** How long what was under way takes to arrive in these worlds, ms. */
export const SETTLE_MS = 5 * MINUTE_MS;
const SLICE_MS = 30 * SECOND_MS;

/** The pipeline up to the lanes on memory, with everything that an erasure touches. */
export async function eraseWorld(options: { hasArchive?: boolean } = {}) {
  const world = await lookupWorld(options);
  const { archive, clock, config, identities, log, store, time, tombstones } = world;
  const jobs = createMemoryPrivacyJobs();
  const replays = createMemoryReplayStore();
  const deps: EraseDeps = {
    identities,
    scopes: ["shop"],
    defaultCountry: "DE",
    tombstones,
    newSecret: () => "secret",
    lifetimes: { tombstonesMs: 31 * DAY_MS, remains: [{ place: "backups", what: "everything", forMs: 35 * DAY_MS }] },
    ...(options.hasArchive === false ? {} : { archive }),
    deliveries: createMemoryForgettableDeliveries(store),
    jobs,
    replays,
    clock,
    archiveDays: 30,
    quarantineDays: config.retention.quarantineDays,
    settleMs: SETTLE_MS,
  };
  const deletions = platformDeletions(config, { meta, webhook });
  const ports = { ...world, privacyJobs: jobs, erasing: deps, deletions };
  const ops = await createOpsWorld([startErasure, listPrivacyJobs, readPrivacyJob], ports);
  let asked = 0;
  return {
    ...world,
    ops,
    jobs,
    replays,
    deps,
    /** Asks for an erasure over the API; every request with an id of its own. */
    async erase(identifier: string): Promise<{ status: number; body: PrivacyJobView }> {
      asked += 1;
      const caller = { actor: "key:k1", permissions: new Set(["personal" as const]), personal: false };
      const newId = `job${asked}`;
      return { status: 200, body: await startErasure.run({ identifier }, ports, { ...caller, newId }) };
    },
    /** One run of the schedule, a minute after the one before. */
    async slice(changed: Partial<EraseDeps> = {}): Promise<void> {
      time.now += MINUTE_MS;
      const steps = { erase: eraseSteps({ ...deps, ...changed }) };
      for (const job of await jobs.list({ state: "running", limit: 10 })) {
        await runPrivacySlice(job, time.now + SLICE_MS, { jobs, steps, clock, log });
      }
    },
    async finish(id: string): Promise<PrivacyJob> {
      for (let run = 0; run < 50 && (await jobs.read(id))?.state === "running"; run += 1) await this.slice();
      const job = await jobs.read(id);
      if (job === undefined) throw new Error(`no job ${id}`);
      return job;
    },
    /** Everything that any store holds, as text, to look for somebody in. */
    async everything(): Promise<string> {
      const lines: string[] = [];
      for (const { key } of await archive.objects(0, Number.MAX_SAFE_INTEGER))
        for await (const line of archive.lines(key)) lines.push(line);
      const stories = [...new Set(store.claims().map(({ key }) => key.event_id))];
      return JSON.stringify([
        identities.contents(),
        lines,
        store.records(),
        store.claims().map(({ order }) => order),
        store.quarantined(),
        await Promise.all(stories.map((id) => store.readStory(id, ["shop"]))),
        await jobs.list({ limit: 100 }),
        await replays.list({ limit: 100 }),
      ]);
    },
  };
}
