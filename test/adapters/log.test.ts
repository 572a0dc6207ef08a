import { createLog } from "../../src/adapters/log.ts";
import { capturedOutput } from "../support/captured-output.ts";

/** What was logged, as objects. */
async function logged(write: () => void): Promise<Record<string, unknown>[]> {
  return (await capturedOutput(write)).map((line) => JSON.parse(line));
}

test("a call is one JSON line with level, service, message and the given fields", async () => {
  const lines = await logged(() => {
    const log = createLog("deliver-meta");
    log.info("lane batch", { messages: 3, dry: false });
    log.warn("not delivered yet", { reason: "status 500" });
    log.error("not delivered");
  });
  expect(lines).toEqual([
    expect.objectContaining({ level: "INFO", service: "deliver-meta", message: "lane batch", messages: 3, dry: false }),
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
    const log = createLog("deliver-meta");
    log.error("first", { event_ids: "e1" });
    log.error("second");
  });
  expect(second).not.toHaveProperty("event_ids");
});
