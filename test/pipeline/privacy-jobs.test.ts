import { createMemoryPrivacyJobs } from "../../src/adapters/memory/privacy-jobs.ts";
import type { PrivacyJob } from "../../src/core/privacy-job.ts";
import { newPrivacyJob, type PrivacyStep, privacyTask, runPrivacySlice } from "../../src/pipeline/privacy-jobs.ts";
import { fixedClock, recordingLog } from "../support/pipeline-ports.ts";

const NOW = 1_000_000;
const JOB = { id: "j", kind: "erase", person_keys: ["email#1"], by: "key:k", step: "one" } as const;

async function world(steps: readonly PrivacyStep[]) {
  const jobs = createMemoryPrivacyJobs();
  const clock = fixedClock(NOW);
  const log = recordingLog();
  const job = newPrivacyJob(JOB, NOW);
  await jobs.save(job);
  const deps = { jobs, steps: { erase: steps }, clock, log };
  return {
    ...deps,
    deps,
    run: async () => runPrivacySlice((await jobs.read("j")) as PrivacyJob, clock.now() + 1_000, deps),
  };
}

test("steps follow each other, add up, and the job ends after the last", async () => {
  const seen: string[] = [];
  const it = await world([
    {
      name: "one",
      async portion({ cursor }) {
        seen.push(`one ${cursor}`);
        return cursor === "b" ? { counts: { a: 1 } } : { counts: { a: 2 }, cursor: cursor === undefined ? "a" : "b" };
      },
    },
    { name: "two", portion: async () => ({ counts: { b: 1 }, changes: { person_keys: [] } }) },
  ]);
  expect(await it.run()).toMatchObject({ state: "done", counts: { a: 5, b: 1 }, person_keys: [], lease_until: 0 });
  expect(seen).toEqual(["one undefined", "one a", "one b"]);
  expect(await it.jobs.read("j")).toMatchObject({ state: "done" });
});

test("a step that waits lets go of the job until its time", async () => {
  let calls = 0;
  const it = await world([
    {
      name: "one",
      async portion() {
        calls += 1;
        return it.clock.now() < NOW + 5_000 ? { notBefore: NOW + 5_000 } : {};
      },
    },
  ]);
  expect(await it.run()).toMatchObject({ state: "running", not_before: NOW + 5_000, lease_until: 0 });
  expect((await it.run()).version).toBe(3);
  expect(calls).toBe(1);
  it.clock.set(NOW + 5_000);
  const done = await it.run();
  expect(done).toMatchObject({ state: "done" });
  expect(done).not.toHaveProperty("not_before");
});

test("what this worker may not do is left to another one, with the lease free", async () => {
  const it = await world([{ name: "one", portion: async () => ({}) }, { name: "two" }]);
  expect(await it.run()).toMatchObject({ state: "running", step: "two", lease_until: 0 });
  const { version } = await it.run();
  expect((await it.jobs.read("j"))?.version).toBe(version);
});

test("a step that fails is told, tried again, and given up in sight after two hours of runs", async () => {
  const it = await world([{ name: "one", portion: () => Promise.reject(new TypeError("of ada@lovelace.dev")) }]);
  const first = await it.run();
  expect(first).toMatchObject({
    state: "running",
    failures: 1,
    reason: "interrupted at one: TypeError; goes on by itself",
    lease_until: 0,
  });
  for (let run = 2; run < 110; run += 1) await it.run();
  const task = privacyTask(it.deps);
  await task.run(it.clock.now() + 1_000).catch(() => {});
  // Of an alarm are only runs that failed twice: the last one alone would pass when it is repeated.
  for (let run = 111; run <= 120; run += 1)
    await expect(task.run(it.clock.now() + 1_000)).rejects.toThrow("given up, or about to be: j");
  expect(await it.jobs.read("j")).toMatchObject({ state: "failed", reason: "given up at one: TypeError" });
  await task.run(it.clock.now() + 1_000);
});

test("a step whose worker is stopped each time is given up as well, and nobody starts it again", async () => {
  let started = 0;
  let begun = () => {};
  const it = await world([
    {
      name: "one",
      // A function that is stopped answers nothing: what it began is left as it is.
      portion() {
        started += 1;
        begun();
        return new Promise(() => {});
      },
    },
  ]);
  for (let run = 0; run < 130; run += 1) {
    it.clock.set(it.clock.now() + 120_000);
    const isStopped = new Promise<void>((done) => {
      begun = done;
    });
    await Promise.race([it.run(), isStopped]);
  }
  expect(started).toBe(120);
  expect(await it.jobs.read("j")).toMatchObject({ state: "failed", reason: "given up at one: its worker was stopped" });
  expect((await it.jobs.read("j"))?.person_keys).toEqual(JOB.person_keys);
});

test("an export that was given up keeps no identifier: whoever erases the person finds it by their id", async () => {
  const { deps, jobs, clock } = await world([]);
  const failing = { name: "one", portion: () => Promise.reject(new TypeError("no bucket")) };
  const both = ["email#1", "person#p1"];
  for (const [id, person_keys] of [["known", both] as const, ["unknown", ["email#1"]] as const]) {
    await jobs.save(newPrivacyJob({ ...JOB, id, kind: "export", person_keys }, NOW));
    for (let run = 0; run < 120; run += 1) {
      const job = (await jobs.read(id)) as PrivacyJob;
      await runPrivacySlice(job, clock.now() + 1_000, { ...deps, steps: { export: [failing] } });
    }
  }
  expect(await jobs.read("known")).toMatchObject({ state: "failed", person_keys: ["person#p1"] });
  expect(await jobs.read("unknown")).toMatchObject({ state: "failed", person_keys: ["email#1"] });
});

test("of two workers one has the job, and the one whose lease was taken stops", async () => {
  const order: string[] = [];
  const it = await world([
    {
      name: "one",
      async portion(job) {
        order.push("first");
        // Its time runs out: another worker takes the job up while this one is at it.
        const stored = (await it.jobs.read("j")) as PrivacyJob;
        await it.jobs.save({ ...stored, version: stored.version + 1, counts: { other: 1 } });
        return { counts: { mine: job.version } };
      },
    },
  ]);
  await it.run();
  expect(order).toEqual(["first"]);
  expect(await it.jobs.read("j")).toMatchObject({ state: "running", counts: { other: 1 } });
  expect((await it.run()).counts).toEqual({ other: 1 });
});
