import { judgeOptions, type SandboxPlatform } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { linkedin as linkedinSandbox } from "../../packages/sandbox/src/platforms/linkedin.ts";
import { microsoftAds as microsoftAdsSandbox } from "../../packages/sandbox/src/platforms/microsoft-ads.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { purchaseEvent } from "../support/events.ts";
import { sampledLane } from "../support/sampled-lanes.ts";

// Platforms that name the guilty rows in the text or the details of an answer: the sandbox writes such an answer by
// their documents, and what the lane reads out of it must be exactly those rows.

const purchases = ["a", "b", "c", "d"].map((event_id) => ({ ...purchaseEvent(), event_id }));
const NOW = purchaseEvent().event_time + 60_000;

function outcomesOf(id: string, sandbox: SandboxPlatform, events: readonly CanonicalEvent[], bad: readonly string[]) {
  const lane = sampledLane(id, NOW);
  const { destination } = lane;
  for (const event of events) expect(destination.skipReason(event, lane)).toBeUndefined();
  const request = platformRequest(destination.buildRequest(events, lane));
  const { answer } = sandbox.judge(request, NOW, judgeOptions({ rejectEventIds: bad }));
  return destination.classify(answer, events).map((outcome) => ({
    kind: outcome.kind,
    afterMs: outcome.kind === "retry" ? outcome.afterMs : undefined,
  }));
}

const again = { kind: "retry", afterMs: 0 };
const [delivered, rejected] = [{ kind: "delivered" }, { kind: "rejected" }];

test("LinkedIn keeps nothing of a batch with bad events: those are refused, and the others pass without them", () => {
  expect(outcomesOf("linkedin", linkedinSandbox, purchases, ["b", "d"])).toEqual([again, rejected, again, rejected]);
  const spared = purchases.filter(({ event_id }) => event_id === "a" || event_id === "c");
  expect(outcomesOf("linkedin", linkedinSandbox, spared, ["b", "d"])).toEqual([delivered, delivered]);
});

test("a bad event alone is refused without an index", () => {
  expect(outcomesOf("linkedin", linkedinSandbox, purchases.slice(0, 1), ["a"])).toEqual([rejected]);
});

test("Microsoft takes the others at once", () => {
  const outcomes = outcomesOf("microsoft-ads", microsoftAdsSandbox, purchases, ["b", "d"]);
  expect(outcomes).toEqual([delivered, rejected, delivered, rejected]);
});
