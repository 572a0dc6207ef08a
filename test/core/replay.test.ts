import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import {
  addCounts,
  asOfToday,
  decideReplay,
  isSelected,
  NO_COUNTS,
  pageSize,
  parseArchived,
  type ReplayTimes,
} from "../../src/core/replay.ts";
import { archivedEvent } from "../support/event-archive-suite.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

const ARCHIVED = archivedEvent("e1", { decisions: [{ lane: "meta", send: true }] });
const AT = ARCHIVED.archived_at;
const JOB = { id: "job", created_at: AT + 2 * DAY_MS, force: false, selection: {} };
const TIMES: ReplayTimes = { now: AT + 2 * DAY_MS + 1, retryWindowMs: DAY_MS, receiptsMs: 30 * DAY_MS };
const LANE = testLane("meta");

function record(state: DeliveryState, more: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const delivered = state === "delivered" ? { delivered_at: AT } : {};
  const base = { key: eventKey(ARCHIVED.event), lane: "meta", state, attempts: [], attempt_count: 1, updated_at: AT };
  return { ...base, ...delivered, ...more };
}

function decide(
  stored: DeliveryRecord | undefined,
  {
    job = {},
    times = {},
    archived = ARCHIVED,
    isAllowed = true,
  }: {
    job?: Partial<typeof JOB> & { selection?: { outcomes?: DeliveryState[] } };
    times?: Partial<ReplayTimes>;
    archived?: ArchivedEvent;
    isAllowed?: boolean;
  } = {},
) {
  return decideReplay({ archived, lane: LANE, isAllowed, record: stored }, { ...JOB, ...job }, { ...TIMES, ...times });
}

describe("what is done with an event at a destination", () => {
  test.each<[DeliveryState, string, string]>([
    ["delivered", "delivered_already", "send"],
    ["rejected", "send", "send"],
    ["skipped", "send", "send"],
    ["expired", "send", "send"],
    ["retry", "send", "send"],
    ["unauthorized", "send", "send"],
    // Counted there, or not: nobody knows.
    ["attempting", "delivered_already", "send"],
  ])("%s two days ago: %s, forced %s", (state, without, forced) => {
    expect(decide(record(state))).toBe(without);
    expect(decide(record(state), { job: { force: true } })).toBe(forced);
  });

  test.each(["retry", "unauthorized", "attempting"] as const)(
    "%s within the hour is on its way, forced or not",
    (state) => {
      const stored = record(state, { updated_at: TIMES.now - HOUR_MS });
      expect(decide(stored)).toBe("on_its_way");
      expect(decide(stored, { job: { force: true } })).toBe("on_its_way");
    },
  );

  test("without a receipt it is on its way while the retry window lasts, if it was meant to go at all", () => {
    expect(decide(undefined, { times: { now: AT + DAY_MS - 1 } })).toBe("on_its_way");
    expect(decide(undefined, { times: { now: AT + DAY_MS } })).toBe("send");
    for (const decisions of [[], [{ lane: "meta", send: false }], [{ lane: "ga4", send: true }]]) {
      expect(decide(undefined, { times: { now: AT + 1 }, archived: { ...ARCHIVED, decisions } })).toBe("send");
    }
  });

  test("an end that came after the wish, or by this very job, is left alone", () => {
    for (const state of ["rejected", "skipped", "expired"] as const) {
      expect(decide(record(state, { updated_at: JOB.created_at + 1 }))).toBe("on_its_way");
      expect(decide(record(state, { replay: "job" }))).toBe("on_its_way");
      expect(decide(record(state, { replay: "another" }))).toBe("send");
    }
  });

  test("what arrived once is not sent because a forced copy failed later", () => {
    expect(decide(record("rejected", { delivered_at: AT - 1 }))).toBe("delivered_already");
  });

  test("too old is by the platform's age, with the margin that the lane keeps", () => {
    const limit = ARCHIVED.event.event_time + 7 * DAY_MS;
    expect(decide(record("expired"), { times: { now: limit - 60_001 } })).toBe("send");
    expect(decide(record("expired"), { times: { now: limit - 60_000 } })).toBe("too_old");
  });

  test("what today's configuration or consent forbids is not sent, forced or not", () => {
    expect(decide(record("expired"), { isAllowed: false, job: { force: true } })).toBe("not_allowed");
  });

  test("outcomes select by what diagnostics show", () => {
    const only = (outcomes: DeliveryState[]) => ({ job: { selection: { outcomes } } });
    expect(decide(record("expired"), only(["expired"]))).toBe("send");
    expect(decide(record("rejected"), only(["expired"]))).toBe("not_selected");
    expect(decide(undefined, only(["pending"]))).toBe("send");
    expect(decide(undefined, only(["skipped"]))).toBe("not_selected");
    const skipped = { ...ARCHIVED, decisions: [{ lane: "meta", send: false }] };
    expect(decide(undefined, { ...only(["skipped"]), archived: skipped })).toBe("send");
  });
});

describe("which events", () => {
  const job = (selection: object) => ({ selection, windows: [{ from: AT, to: AT + 10 }] });

  test("by the time of archiving, from inclusive and to exclusive", () => {
    const at = (archived_at: number) => isSelected({ ...ARCHIVED, archived_at }, job({}));
    expect([AT - 1, AT, AT + 9, AT + 10].map(at)).toEqual([false, true, true, false]);
  });

  test("by id, source and name, of which all have to hold", () => {
    expect(isSelected(ARCHIVED, job({ event_ids: ["e0", "e1"], sources: ["web"], event_names: ["purchase"] }))).toBe(
      true,
    );
    expect(isSelected(ARCHIVED, job({ event_ids: ["e0"] }))).toBe(false);
    expect(isSelected(ARCHIVED, job({ event_ids: ["e1"], sources: ["server"] }))).toBe(false);
    expect(isSelected(ARCHIVED, job({ event_names: ["lead"] }))).toBe(false);
  });

  test("a custom event by its own name too", () => {
    const custom = archivedEvent("e1", { event: purchaseEvent({ event_name: "custom", custom_name: "Quiz Done" }) });
    for (const name of ["custom", "Quiz Done", "custom:Quiz Done"]) {
      expect(isSelected(custom, job({ event_names: [name] }))).toBe(true);
    }
    expect(isSelected(custom, job({ event_names: ["purchase"] }))).toBe(false);
  });
});

test("a line is an event of ours, or nothing", () => {
  expect(parseArchived(JSON.stringify(ARCHIVED))).toEqual(ARCHIVED);
  const spoilt = [{ ...ARCHIVED, v: 2 }, { ...ARCHIVED, event: {} }, { ...ARCHIVED, decisions: {} }, [], null, 7, "x"];
  for (const line of ["", "{", ...spoilt.map((it) => JSON.stringify(it))]) expect(parseArchived(line)).toBeUndefined();
});

test("a refusal wins whenever it was said, and what nobody answered stays open", () => {
  const archived = { ...ARCHIVED, consent: { ad_storage: "granted", ad_user_data: "denied" } as const };
  expect(asOfToday(archived, { ad_storage: "denied" }).consent).toEqual({
    ad_storage: "denied",
    ad_user_data: "denied",
  });
  const known = { person_id: "p", hashes: { email_plain: "hash" } };
  const filled = { ...archived, event: { ...ARCHIVED.event, known } };
  expect(asOfToday(filled, { ad_storage: "denied" }).known).toEqual({ person_id: "p" });
  expect(asOfToday(filled, {}).known).toEqual(known);
});

test("pages are small where the pace is slow, and never empty", () => {
  expect([pageSize(1, 10), pageSize(10, 2), pageSize(1_000, 3), pageSize(5, 0)]).toEqual([1, 25, 100, 25]);
});

test("counts add up", () => {
  expect(addCounts({ ...NO_COUNTS, sent: 2 }, { sent: 3, events: 1 })).toEqual({ ...NO_COUNTS, sent: 5, events: 1 });
});
