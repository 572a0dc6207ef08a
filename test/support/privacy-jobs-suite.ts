import type { PrivacyJob } from "../../src/core/privacy-job.ts";
import { newPrivacyJob } from "../../src/pipeline/privacy-jobs.ts";
import type { PrivacyJobStore } from "../../src/pipeline/privacy-ports.ts";
import { jobStoreSuite } from "./job-store-suite.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

/** A job that was just made. */
export function privacyJob(more: Partial<PrivacyJob> = {}): PrivacyJob {
  const job = newPrivacyJob(
    { id: "job-1", kind: "erase", person_keys: ["email#1", "person#2"], by: "key:k1", step: "tombstones" },
    NOW,
  );
  return { ...job, ...more };
}

/** What every `PrivacyJobStore` must do. */
export function privacyJobsSuite(create: () => Promise<PrivacyJobStore>): void {
  test("keeps a job whole", async () => {
    const store = await create();
    const job = privacyJob({
      reason: "é\u{1f600}",
      cursor: "events/1.gz",
      not_before: NOW + 5,
      counts: { identity: 3, archive: 0 },
      copies_until: NOW + 7,
      file: { key: "exports/1", bytes: 4, expires_at: NOW + 9 },
    });
    expect(await store.save(job)).toBe(true);
    expect(await store.read("job-1")).toEqual(job);
    expect(await store.read("job-2")).toBeUndefined();
  });

  jobStoreSuite(create, privacyJob, { changed: { step: "identity" }, ended: "failed" });

  test("lists one kind, also of one state", async () => {
    const store = await create();
    for (let index = 0; index < 7; index += 1) {
      const kind = index % 2 === 0 ? "erase" : "export";
      const job = privacyJob({ id: `job-${index}`, kind, created_at: NOW + Math.floor(index / 2) });
      await store.save(job);
      if (index % 3 !== 0) await store.save({ ...job, version: 2, state: "done" });
    }
    const ids = async (options: Parameters<PrivacyJobStore["list"]>[0]) =>
      (await store.list(options)).map(({ id }) => id);
    expect(await ids({ limit: 10, kind: "export" })).toEqual(["job-5", "job-3", "job-1"]);
    expect(await ids({ limit: 10, kind: "erase", state: "running" })).toEqual(["job-6", "job-0"]);
  });
}
