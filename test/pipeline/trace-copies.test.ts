import type { LaterCopy, RoutingDecision } from "../../src/core/delivery-record.ts";
import { beforeCopies, copyLines, sentQuality, waitingLine } from "../../src/pipeline/trace-copies.ts";
import { STORY } from "../support/delivery-store-suite.ts";

const UNTIL = STORY.received_at + 30_000;
const claim = {
  story: { ...STORY, merge: { until: UNTIL, fields: [], undecided: [] } },
  copies: 3,
  first_received_at: STORY.received_at,
};
const QUALITY = { score: 8.3, present: [], missing: [], points: {}, doubts: {}, version: 2 };
const copy: LaterCopy = {
  copy_id: "second",
  source: { id: "back-end", kind: "server" },
  received_at: STORY.received_at + 3_400,
  first_received_at: STORY.received_at,
  adds: ["email", "phone"],
  replaces: ["value"],
  qualities: [{ lane: "meta", quality: QUALITY }],
};

test("each later copy says what it added, and what nobody heard of added nothing", () => {
  expect(copyLines({ claim, copies: [copy] })).toEqual([
    "  copies     first of 3; 2 duplicates dropped",
    `  waited     for another copy until ${new Date(UNTIL).toISOString()}`,
    "  merged     copy of back-end 3 s after the first; added email, phone; is believed about value",
    "  unmerged   1 duplicate added nothing",
  ]);
});

test("a late one says what it would have added, and one that only answered says so", () => {
  const late: LaterCopy = { ...copy, late: true, received_at: STORY.received_at + 95_000 };
  const answer: LaterCopy = { ...copy, adds: [], replaces: [] };
  expect(copyLines({ claim, copies: [answer, late] }).slice(2)).toEqual([
    "  merged     copy of back-end 3 s after the first; answered about consent",
    "  late       copy of back-end 95 s after the first; would have added email, phone; would have been believed about value",
  ]);
});

test("an event that waits for none is told of as ever", () => {
  const plain = { story: STORY, copies: 2, first_received_at: STORY.received_at };
  expect(copyLines({ claim: plain })).toEqual(["  copies     first of 2; 1 duplicate dropped"]);
});

test("the score is that of what went out", () => {
  const decision = STORY.decisions[0] as RoutingDecision;
  expect(sentQuality(decision, { merged: ["back-end"] }, [copy])?.score).toBe(8.3);
  expect(sentQuality(decision, {}, [copy])?.score).toBe(decision.quality?.score);
});

test("while it waits the story says for what, and until when", () => {
  const decision = STORY.decisions[0] as RoutingDecision;
  const until = new Date(UNTIL).toISOString();
  expect(waitingLine({ claim }, decision)).toBe(`for its other copy until ${until}; then it is on its way`);
  expect(waitingLine({ claim }, { ...decision, awaits: ["ad_storage"] })).toContain("for an answer about ad_storage");
  expect(waitingLine({}, decision)).toContain("on its way");
});

test("a refusal that another copy's answer ended is told as one of before, and one that stands as it is", () => {
  const decision: RoutingDecision = { ...(STORY.decisions[0] as RoutingDecision), awaits: ["ad_storage"] };
  const { awaits: _, ...decided } = decision;
  expect(beforeCopies({ decision, state: "pending" })).toBe("not yet answered; so far ");
  expect(beforeCopies({ decision, state: "delivered" })).toBe("another copy answered for ad_storage; before ");
  expect(beforeCopies({ decision, state: "skipped" })).toBe("");
  expect(beforeCopies({ decision: decided, state: "delivered" })).toBe("");
  expect(beforeCopies({ state: "delivered" })).toBe("");
});
