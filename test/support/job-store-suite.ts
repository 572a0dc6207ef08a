import type { JobList, JobStore, StoredJob } from "../../src/pipeline/job-store.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

/** What every store of jobs must do. `make` gives a running job of version 1, called `job-1` and by `key:k1`. */
export function jobStoreSuite<Job extends StoredJob & { readonly by: string }>(
  create: () => Promise<JobStore<Job>>,
  make: () => Job,
  { changed, ended, neverEnded }: { changed: Partial<Job>; ended: Job["state"]; neverEnded?: Job["state"] },
): void {
  test("of two who read one version, one saves the next", async () => {
    const store = await create();
    expect(await store.save(make())).toBe(true);
    expect(await store.save({ ...make(), by: "key:other" })).toBe(false);
    expect(await store.save({ ...make(), ...changed, version: 2 })).toBe(true);
    expect(await store.save({ ...make(), version: 2 })).toBe(false);
    expect(await store.save({ ...make(), version: 4 })).toBe(false);
    expect(await store.save({ ...make(), id: "none", version: 2 })).toBe(false);
    expect(await store.read("job-1")).toMatchObject({ ...changed, version: 2, by: "key:k1" });
  });

  test("keeps digests of a person whose number no item would hold, with each change of them", async () => {
    const store = await create();
    // Thrice what DynamoDB takes in one item.
    const many = Array.from({ length: 30_000 }, (_, index) => `anonymous_id#${String(index).padStart(27, "k")}`);
    expect(JSON.stringify(many).length).toBeGreaterThan(3 * 400_000);
    const job: Job = { ...make(), person_keys: many };
    expect(await store.save(job)).toBe(true);
    expect(await store.read(job.id)).toEqual(job);
    const longer: Job = { ...job, version: 2, person_keys: [...many, "email#late"] };
    expect(await store.save(longer)).toBe(true);
    expect(await store.save({ ...job, version: 2, person_keys: many.slice(1) })).toBe(false);
    expect(await store.list({ limit: 5 })).toEqual([longer]);
    const emptied: Job = { ...longer, version: 3, state: ended, person_keys: [] };
    expect(await store.save(emptied)).toBe(true);
    expect(await store.list({ limit: 5 })).toEqual([emptied]);
  });

  test("lists newest first, in pages, by state, and a job in one place only while its state changes", async () => {
    const store = await create();
    for (let index = 0; index < 7; index += 1) {
      // Two of each moment.
      const job = { ...make(), id: `job-${index}`, created_at: NOW + Math.floor(index / 2) };
      await store.save(job);
      if (index % 3 !== 0) await store.save({ ...job, version: 2, state: index === 1 ? ended : "done" });
    }
    const ids = async (options: JobList<Job>) => (await store.list(options)).map(({ id }) => id);
    const all = ["job-6", "job-5", "job-4", "job-3", "job-2", "job-1", "job-0"];
    expect(await ids({ limit: 10 })).toEqual(all);
    expect(await ids({ limit: 3 })).toEqual(all.slice(0, 3));
    expect(await ids({ limit: 3, before: "job-4" })).toEqual(all.slice(3, 6));
    expect(await ids({ limit: 3, before: "job-0" })).toEqual([]);
    expect(await ids({ limit: 10, state: "running" })).toEqual(["job-6", "job-3", "job-0"]);
    expect(await ids({ limit: 1, state: "running", before: "job-6" })).toEqual(["job-3"]);
    expect(await ids({ limit: 10, state: ended })).toEqual(["job-1"]);
    if (neverEnded !== undefined) expect(await ids({ limit: 10, state: neverEnded })).toEqual([]);
  });
}
