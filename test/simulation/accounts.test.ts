import { simulate } from "./run.ts";
import { type Subject, subject } from "./subject.ts";

/** Seeds of each defect; how often one shows depends on the traffic that the seed has. */
const SEEDS = 20;

/** What the reconciliation says of calm runs of a pipeline with a defect. The oracle's own findings are not asked. */
async function accountsOf(broken: Partial<Subject>): Promise<string[]> {
  const told: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulate({ seed, scenario: "calm", subject: { ...subject, ...broken } });
    for (const { rule, what } of violations) if (rule === "the accounts close") told.push(what);
  }
  return told;
}

const SENT = { sent: true, messageId: "lost" } as const;

test("G25: a pipeline without a defect has nothing to tell", async () => {
  expect(await accountsOf({})).toEqual([]);
});

test("a lane message that never reaches its queue is told, with its lane", async () => {
  const told = await accountsOf({
    createSqsLaneQueues(options) {
      const queues = subject.createSqsLaneQueues(options);
      return {
        send: async (lane, messages) => (lane === "counts" ? messages.map(() => SENT) : queues.send(lane, messages)),
      };
    },
  });
  expect(told.length).toBeGreaterThan(10);
  for (const sentence of told)
    expect(sentence).toMatch(/no receipt at counts, .* replay start --destination counts --ids /);
});

test("a message that a lane's function deletes without a receipt is told", async () => {
  const told = await accountsOf({ deliver: async () => ({ failures: [] }) });
  expect(told.filter((sentence) => sentence.includes("no receipt at drops")).length).toBeGreaterThan(10);
});

test("a message that enrich deletes and does not process is missing from the queue's account", async () => {
  const told = await accountsOf({
    enrichBatch: (records, settings, ports) => subject.enrichBatch(records.slice(1), settings, ports),
  });
  expect(told.filter((sentence) => sentence.includes("came out nowhere")).length).toBeGreaterThan(10);
});

test("an event that was claimed and that the archive lost is told", async () => {
  const told = await accountsOf({
    enrichBatch: (records, settings, ports) =>
      subject.enrichBatch(records, settings, { ...ports, archive: { put: async (events) => events.map(() => SENT) } }),
  });
  expect(told.filter((sentence) => sentence.includes("went to the archive")).length).toBeGreaterThan(10);
});
