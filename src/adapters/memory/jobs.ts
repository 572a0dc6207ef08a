import { byAge, isListed, type JobStore, type StoredJob } from "../../pipeline/job-store.ts";

/** Jobs in memory, for tests and simulation. */
export function createMemoryJobs<Job extends StoredJob>(): JobStore<Job> {
  const jobs = new Map<string, Job>();
  return {
    async read(id) {
      return structuredClone(jobs.get(id));
    },
    async list(options, isWanted = () => true) {
      const { before, limit } = options;
      const last = before === undefined ? undefined : jobs.get(before);
      return [...jobs.values()]
        .filter((job) => isListed(job, options, last) && isWanted(job))
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
