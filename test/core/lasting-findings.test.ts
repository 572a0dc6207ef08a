import fc from "fast-check";
import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { Finding } from "../../src/core/finding.ts";
import { followVerdict, NOTHING_OPEN, type OpenFindings } from "../../src/core/lasting-findings.ts";

const START = Date.parse("2026-11-02T00:00:00Z");

interface Seen {
  readonly subject?: string;
  readonly severity?: Finding["severity"];
  /** Hours of the window. */
  readonly length?: number;
}

function finding(end: number, { length = 1, severity = "warning", subject = "s" }: Seen = {}): Finding {
  const window = { start: end - length * HOUR_MS, end };
  const numbers = { observed: 1, expected: { low: 5, high: 9 }, basis: 14, sentence: "fell" };
  return { detector: "d", subject, window, severity, ...numbers };
}

/** What one hour says: it fell, it is well, or nobody can say. */
type Hour = "-" | "." | " " | Seen;

/** Follows hours one by one from `START`; each tells what was told, kept and ended, in hours since then. */
function follow(hours: readonly Hour[] | string) {
  let open: OpenFindings = NOTHING_OPEN;
  const told: [number, string][] = [];
  const ended: [number, number][] = [];
  const beginnings = new Set<number>();
  for (const [index, hour] of [...hours].entries()) {
    const end = START + (index + 1) * HOUR_MS;
    const seen = hour === "-" ? {} : typeof hour === "string" ? undefined : hour;
    const verdict = {
      found: seen === undefined ? [] : [finding(end, seen)],
      quiet: hour === "." ? ["s"] : [],
    };
    const next = followVerdict(open, verdict, end);
    open = next.open;
    told.push(...next.told.map(({ why }): [number, string] => [index, why]));
    ended.push(...next.ended.map(({ last_seen_at: at }): [number, number] => [index, (at - START) / HOUR_MS]));
    for (const { began_at } of next.seen) beginnings.add((began_at - START) / HOUR_MS);
  }
  return { open: open.findings, told, ended, beginnings: [...beginnings] };
}

test("a fall that lasts is one finding, told when it begins", () => {
  const { beginnings, ended, open, told } = follow("..------..");
  expect({ beginnings, told }).toEqual({ beginnings: [2], told: [[2, "began"]] });
  // Over with the second quiet hour, and seen last at the end of the eighth.
  expect(ended).toEqual([[9, 8]]);
  expect(open).toEqual([]);
});

test("one good hour, or any number that nobody can judge, do not end it", () => {
  expect(follow("--.--.-").beginnings).toEqual([0]);
  expect(follow("--. . -").ended).toEqual([[4, 2]]);
  expect(follow("--         --").beginnings).toEqual([0]);
  expect(follow("--.         --").beginnings).toEqual([0]);
});

test("a new fall after the end is a new finding, and is told", () => {
  const { beginnings, told } = follow("--..--");
  expect(beginnings).toEqual([0, 4]);
  expect(told).toEqual([
    [0, "began"],
    [4, "began"],
  ]);
});

test("people are told again once a day, and at once when it becomes critical, but not when that comes and goes", () => {
  expect(follow("-".repeat(60)).told).toEqual([
    [0, "began"],
    [24, "lasts"],
    [48, "lasts"],
  ]);
  const critical = { severity: "critical" } as const;
  expect(follow(["-", "-", critical, "-", critical, "-"]).told).toEqual([
    [0, "began"],
    [2, "worse"],
  ]);
});

test("one that only a whole day shows is not over after two hours that look better by a hair", () => {
  const day = { length: 24 };
  const { beginnings, ended } = follow([day, ".", ".", ".", day, ...".".repeat(47)]);
  expect({ beginnings, ended }).toEqual({ beginnings: [-23], ended: [] });
  expect(follow([day, ...".".repeat(48)]).ended).toEqual([[48, 1]]);
});

test("a day that still has what is over in it is no new fall; one that begins after it is", () => {
  const echo = follow(["-", ".", ".", { length: 24 }, { length: 6 }]);
  expect(echo.beginnings).toEqual([0]);
  expect(echo.told).toEqual([[0, "began"]]);
  expect(follow(["-", ".", ".", ".", ".", ".", ".", { length: 6 }]).told).toHaveLength(2);
  expect(follow(["-", ".", ".", ...".".repeat(22), { length: 24 }]).told).toHaveLength(2);
});

test("what nobody can judge for a week is over: its source may be gone", () => {
  expect(follow(`-${" ".repeat(167)}`).ended).toEqual([]);
  expect(follow(`-${" ".repeat(168)}`).ended).toEqual([[168, 1]]);
});

test("subjects are followed by themselves", () => {
  const end = START + HOUR_MS;
  const first = followVerdict(NOTHING_OPEN, { found: [finding(end), finding(end, { subject: "t" })], quiet: [] }, end);
  const second = followVerdict(first.open, { found: [finding(end + HOUR_MS)], quiet: ["t"] }, end + HOUR_MS);
  const third = followVerdict(second.open, { found: [], quiet: ["t"] }, end + 2 * HOUR_MS);
  expect(third.ended.map(({ subject }) => subject)).toEqual(["t"]);
  expect(third.open.findings.map(({ subject }) => subject)).toEqual(["s"]);
});

test("an hour that is judged after newer ones changes nothing that is open, and what only it shows is past", () => {
  const end = START + DAY_MS;
  const { open } = followVerdict(NOTHING_OPEN, { found: [finding(end)], quiet: [] }, end);
  const late = end - 5 * HOUR_MS;
  const verdict = { found: [finding(late), finding(late, { subject: "t" })], quiet: [] };
  const followed = followVerdict(open, verdict, late);
  expect(followed.open).toEqual(open);
  expect(followed.seen).toMatchObject([{ subject: "t", began_at: late - HOUR_MS, ended_at: late }]);
  expect(followed.told).toMatchObject([{ why: "began" }]);
  expect(followVerdict(open, { found: [], quiet: ["s"] }, late).open).toEqual(open);
});

const hours = fc.array(fc.constantFrom<Hour>("-", ".", " ", { severity: "critical" }, { length: 6 }, { length: 24 }), {
  maxLength: 200,
});

test("judged twice, an hour changes nothing more and tells the same", () => {
  fc.assert(
    fc.property(hours, (all) => {
      let open: OpenFindings = NOTHING_OPEN;
      for (const [index, hour] of all.entries()) {
        const end = START + (index + 1) * HOUR_MS;
        const seen = hour === "-" ? {} : typeof hour === "string" ? undefined : hour;
        const verdict = { found: seen ? [finding(end, seen)] : [], quiet: hour === "." ? ["s"] : [] };
        const once = followVerdict(open, verdict, end);
        const twice = followVerdict(once.open, verdict, end);
        expect(twice.open).toEqual(once.open);
        expect(twice.told).toEqual(once.told);
        open = once.open;
      }
    }),
  );
});

test("whatever the hours say: told at every beginning, each ends before the next begins, and never more than once a day without a cause", () => {
  fc.assert(
    fc.property(hours, (all) => {
      const { beginnings, ended, told } = follow(all);
      expect(told.filter(([, why]) => why === "began")).toHaveLength(ended.length + follow(all).open.length);
      expect(beginnings.length).toBeLessThanOrEqual(told.length);
      const reminders = told.filter(([, why]) => why === "lasts");
      expect(reminders.length).toBeLessThanOrEqual(all.length / 24);
    }),
  );
});
