import type { ExportDeps } from "../../src/pipeline/export.ts";
import type { PrivacyJobStore } from "../../src/pipeline/privacy-ports.ts";
import { exportWorld } from "../support/export-world.ts";
import { serverPurchase } from "../support/lookup-world.ts";

const ANNA = { email: "anna@household.example", user_id: "anna-1" };
const BEN = { email: "ben@household.example", user_id: "ben-2" };
const DEATHS = ["before", "after", "between"] as const;
type Death = (typeof DEATHS)[number];

/** A person with events in several objects of the archive, somebody else's between them, and refused ones. */
async function world() {
  const made = await exportWorld();
  for (const round of [1, 2, 3]) {
    await made.send({
      events: [
        serverPurchase(`a${round}`, { user: ANNA }),
        serverPurchase(`b${round}`, { user: BEN }),
        serverPurchase(`a-refused-${round}`, { user: ANNA, value: "much" }),
      ],
    });
  }
  const { body } = await made.ask(ANNA.email);
  return { ...made, id: String(body.id) };
}

/**
 * The ports of a worker that dies at its nth call: before its effect, after it, or it hangs there, and goes on when
 * another worker is done. From then on a dead one reaches nothing.
 */
function dying(deps: ExportDeps, jobs: PrivacyJobStore, at: number, death: Death) {
  const calls: string[] = [];
  let wake: () => void = () => {};
  const asleep = new Promise<void>((done) => {
    wake = done;
  });
  async function called<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer> {
    calls.push(name);
    if (calls.length < at || death === "between") {
      if (calls.length === at) await asleep;
      return run();
    }
    if (calls.length === at && death === "after") await run();
    throw new Error("dead");
  }
  const wrap = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) =>
          called(`${name}.${String(key)}`, async () => Reflect.apply(member, target, given));
      },
    });
  const { archive } = deps;
  return {
    calls,
    wake: () => wake(),
    deps: {
      exports: wrap("exports", deps.exports),
      reads: wrap("reads", deps.reads),
      identities: wrap("identities", deps.identities),
      replays: wrap("replays", deps.replays),
      jobs: wrap("jobs", deps.jobs),
      archive: {
        objects: (from: number, to: number) => called("archive.objects", () => archive.objects(from, to)),
        async *lines(key: string) {
          await called("archive.lines", async () => undefined);
          yield* archive.lines(key);
        },
      },
    },
    jobs: wrap("jobs", jobs),
  };
}

/** What must be the same whatever happened: the lists of the document, the running of the job itself left out. */
async function documentOf(made: Awaited<ReturnType<typeof world>>) {
  expect((await made.finish(made.id)).state).toBe("done");
  const { about, privacy_jobs: _, ...lists } = await made.download(made.id);
  return { about, ...lists };
}

async function killedAt(at: number, death: Death) {
  const made = await world();
  const worker = dying(made.deps, made.jobs, at, death);
  // A run whose first write is refused ends with the error, as the function then does.
  const first = made.slice({ ...worker.deps, privacyJobs: worker.jobs as typeof made.jobs }).catch(() => {});
  if (death !== "between") await first;
  const document = await documentOf(made);
  worker.wake();
  await first;
  // Whatever a worker that hung did since, the document is still what it was.
  return { calls: worker.calls, document, afterwards: await documentOf(made) };
}

test("G22: whatever call of its a worker dies or hangs at, the document is whole, once, and stays so", async () => {
  const calm = await killedAt(Number.POSITIVE_INFINITY, "before");
  expect(calm.document.events).toHaveLength(3);
  expect(calm.document.quarantine).toHaveLength(3);
  expect(calm.calls.length).toBeGreaterThan(20);
  const wrong: string[] = [];
  for (let at = 1; at <= calm.calls.length; at += 1) {
    for (const death of DEATHS) {
      const { document, afterwards } = await killedAt(at, death);
      for (const it of [document, afterwards]) {
        if (JSON.stringify(it) !== JSON.stringify(calm.document))
          wrong.push(`${death} call ${at}, ${calm.calls[at - 1]}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("a store that never answers ends the job as failed, with the reason, and the run of the minute hears of it", async () => {
  const made = await world();
  const broken = { ...made.exports, put: () => Promise.reject(new TypeError("no bucket")) };
  for (let run = 0; run < 200; run += 1) await made.slice({ exports: broken });
  expect(await made.jobs.read(made.id)).toMatchObject({ state: "failed", reason: "given up at collect: TypeError" });
  const answer = await made.ops.ask({ path: `/privacy/exports/${made.id}`, query: "personal=true" });
  expect(answer).toMatchObject({ status: 409, body: { message: expect.stringContaining("given up at collect") } });
});
