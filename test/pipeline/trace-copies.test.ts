import type { DeliveryRecord, LaterCopy, RoutingDecision } from "../../src/core/delivery-record.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { traceLines } from "../../src/pipeline/trace.ts";
import {
  beforeCopies,
  copyLines,
  missedLine,
  sentQuality,
  toldCopies,
  waitingLine,
} from "../../src/pipeline/trace-copies.ts";
import { STORY } from "../support/delivery-store-suite.ts";
import { LANE, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

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

describe("a copy that came between what a lane read and what it sent", () => {
  function record(lane: string, known: Pick<DeliveryRecord, "heard" | "merged"> = {}): DeliveryRecord {
    const key = { dedup_scope: "shop", event_id: "o-1", event_name: "purchase" as const };
    return { key, lane, state: "delivered", attempts: [], attempt_count: 1, updated_at: UNTIL, ...known };
  }
  const told = (...records: DeliveryRecord[]) => toldCopies({ claim, copies: [copy], records });

  test("is late where every lane missed it, and not where one had it or none has asked yet", () => {
    expect(told(record("meta"), record("ga4"))).toEqual([{ ...copy, late: true }]);
    expect(told(record("meta"), record("ga4", { merged: ["back-end"] }))).toEqual([copy]);
    expect(told(record("meta", { heard: ["back-end"] }))).toEqual([copy]);
    expect(told()).toEqual([copy]);
    const plain = { story: STORY, copies: 2, first_received_at: STORY.received_at };
    expect(toldCopies({ claim: plain, copies: [copy], records: [record("meta")] })).toEqual([copy]);
  });

  test("is not missed where the lane tries again: the next request has it", () => {
    for (const state of ["retry", "unauthorized", "attempting"] as const) {
      const tried = { ...record("meta"), state };
      expect(told(tried)).toEqual([copy]);
      expect(missedLine(tried, { claim, copies: [copy] })).toEqual([]);
    }
  });

  test("is named at each lane that missed it while another one had it", () => {
    const event = { claim, copies: [copy] };
    expect(missedLine(record("meta"), event)).toEqual([
      "    without  the copy of back-end: it came when the lane had asked for it already",
    ]);
    expect(missedLine(record("meta", { merged: ["back-end"] }), event)).toEqual([]);
    expect(missedLine(record("meta", { merged: ["other"], heard: ["back-end"] }), event)).toEqual([]);
    expect(missedLine(record("meta"), { claim, copies: [{ ...copy, late: true }] })).toEqual([]);
    expect(missedLine(undefined, event)).toEqual([]);
  });

  test("is told as it was: with the receipt that the lane itself wrote", async () => {
    const first = purchase("e1");
    const merge = { until: NOW - 1_000, score: 4 };
    const copyOfFirst = { ...copy, first_received_at: first.received_at, received_at: first.received_at + 29_000 };
    const view = { lanes: [LANE], raw: false, kind: "server" as const, consent: {}, undecided: [] };
    const views = [{ ...view, parts: { hashes: { email_plain: "hash" } } }];
    const lines = async (isInTime: boolean) => {
      const lane = laneWorld();
      const story = { ...STORY, received_at: first.received_at, merge: { until: NOW, fields: [], undecided: [] } };
      await lane.store.claim(eventKey(first), "first", story);
      if (isInTime) await lane.store.addCopy(eventKey(first), copyOfFirst, views);
      await lane.deliver([laneMessage(first, { merge })]);
      if (!isInTime) await lane.store.addCopy(eventKey(first), copyOfFirst, views);
      const stories = await lane.store.readStory("e1", [first.source.dedup_scope]);
      const explain = () => ({ said: "", means: "", todo: "" });
      return traceLines(stories, { colours: false, explain }).filter((line) => line.includes("back-end"));
    };
    expect(await lines(true)).toEqual([
      "  merged     copy of back-end 29 s after the first; added email, phone; is believed about value",
      "    merged   with the copy of back-end",
    ]);
    expect(await lines(false)).toEqual([
      "  late       copy of back-end 29 s after the first; would have added email, phone; would have been believed about value",
    ]);
  });
});
