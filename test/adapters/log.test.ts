import { createLaneLog } from "../../src/adapters/lane-log.ts";
import { createPowertoolsLog } from "../../src/adapters/powertools-log.ts";
import { capturedOutput } from "../support/captured-output.ts";

/** What was logged, as objects. */
async function logged(write: () => void): Promise<Record<string, unknown>[]> {
  return (await capturedOutput(write)).map((line) => JSON.parse(line));
}

describe.each([
  ["Powertools", createPowertoolsLog],
  ["a lane", createLaneLog],
])("the log of %s", (_, createLog) => {
  test("a call is one JSON line with level, service, message and the given fields", async () => {
    const lines = await logged(() => {
      const log = createLog("deliver-meta", { eventShare: 1 });
      log.info("lane batch", { messages: 3, dry: false });
      log.warn("not delivered yet", { reason: "status 500" });
      log.error("not delivered");
    });
    expect(lines).toEqual([
      expect.objectContaining({
        level: "INFO",
        service: "deliver-meta",
        message: "lane batch",
        messages: 3,
        dry: false,
      }),
      expect.objectContaining({
        level: "WARN",
        service: "deliver-meta",
        message: "not delivered yet",
        reason: "status 500",
      }),
      expect.objectContaining({ level: "ERROR", service: "deliver-meta", message: "not delivered" }),
    ]);
  });

  test("nothing of one line shows in the next", async () => {
    const [, second] = await logged(() => {
      const log = createLog("deliver-meta", { eventShare: 1 });
      log.error("first", { event_ids: "e1" });
      log.error("second");
    });
    expect(second).not.toHaveProperty("event_ids");
  });

  test.each([
    [0, 0],
    [1, 1000],
  ])("with a share of %p, %p of 1000 events are followed", async (eventShare, expected) => {
    expect(await followed(eventShare)).toHaveLength(expected);
  });

  test("a share picks about as many events, and every function picks the same", async () => {
    const chosen = await followed(0.1);
    expect(chosen.length).toBeGreaterThan(50);
    expect(chosen.length).toBeLessThan(200);
    expect(await followed(0.1)).toEqual(chosen);
  });

  /** Ids of the events whose steps were written. */
  async function followed(eventShare: number): Promise<unknown[]> {
    const lines = await logged(() => {
      const log = createLog("enrich", { eventShare });
      for (let n = 0; n < 1000; n += 1) log.step({ step: "claimed", event_id: `e-${n}`, event_name: "purchase" });
    });
    return lines.map((line) => line.event_id);
  }
});

test("a lane's lines have the fields of the others", async () => {
  const [ours, theirs] = await logged(() => {
    createLaneLog("deliver-meta", { eventShare: 1 }).warn("late", { lane: "meta" });
    createPowertoolsLog("deliver-meta", { eventShare: 1 }).warn("late", { lane: "meta" });
  });
  const { timestamp, ...fields } = ours ?? {};
  expect(theirs).toMatchObject(fields);
  expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("a field never takes the place of the level, the message or the service", async () => {
  const [line] = await logged(() => {
    createLaneLog("deliver-meta", { eventShare: 1 }).info("told", { level: "x", message: "y", service: "z" });
  });
  expect(line).toMatchObject({ level: "INFO", message: "told", service: "deliver-meta" });
});

test.each([
  ["WARN", 1],
  ["debug", 2],
  ["nonsense", 2],
])("level %s lets %i of an info and a warning through", async (level, count) => {
  const lines = await logged(() => {
    const log = createLaneLog("deliver-meta", { eventShare: 1, level });
    log.info("one");
    log.warn("two");
  });
  expect(lines).toHaveLength(count);
});
