import type { PrivacyJob } from "../../core/privacy-job.ts";
import type { PrivacyJobStore } from "../../pipeline/privacy-ports.ts";

/** Requests of people in memory, for tests and simulation. */
export function createMemoryPrivacyJobs(): PrivacyJobStore {
  const jobs = new Map<string, PrivacyJob>();
  const byAge = (a: PrivacyJob, b: PrivacyJob) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
  return {
    async read(id) {
      return structuredClone(jobs.get(id));
    },
    async list({ before, kind, limit, state }) {
      const last = before === undefined ? undefined : jobs.get(before);
      return [...jobs.values()]
        .filter((job) => (state === undefined || job.state === state) && (kind === undefined || job.kind === kind))
        .filter((job) => last === undefined || (job.id !== last.id && byAge(last, job) < 0))
        .sort(byAge)
        .slice(0, limit)
        .map((job) => structuredClone(job));
    },
    async save(job) {
      if ((jobs.get(job.id)?.version ?? 0) !== job.version - 1) return false;
      jobs.set(job.id, structuredClone(job));
      return true;
    },
  };
}
