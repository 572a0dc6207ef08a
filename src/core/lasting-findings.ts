import { DAY_MS } from "./durations.ts";
import type { Finding, FollowedFinding, Verdict } from "./finding.ts";

/** A finding is over after so many quiet periods in a row: one alone may be luck, as of few events. */
const QUIET_PERIODS = 2;

/** People are told again of what lasts. */
const REMINDER_MS = DAY_MS;

/** The longest window that a detector looks at. */
const ECHO_MS = DAY_MS;

/** What nobody could judge for so long is over: its source is gone, or its past has become as empty as its present. */
const OUT_OF_SIGHT_MS = 7 * DAY_MS;

/** A finding that lasts. Times are epoch ms. */
export interface OpenFinding {
  readonly subject: string;
  /** Start of the first period in which it was seen. */
  readonly began_at: number;
  /** End of the last one, and how long that was. */
  readonly last_seen_at: number;
  readonly period_ms: number;
  /** The worst so far. */
  readonly severity: Finding["severity"];
  /** End of the period with which people were told last, and why. */
  readonly told_at: number;
  readonly told: Told["why"];
  /** End of the last period in which it could be judged, and how many in a row were quiet. */
  readonly judged_at: number;
  readonly quiet: number;
}

/** What one detector has to remember from one run to the next. */
export interface OpenFindings {
  /** End of the newest period that it judged while there was anything to remember, epoch ms. */
  readonly judged_until: number;
  readonly findings: readonly OpenFinding[];
  /** By subject: when a finding of the last day ended, epoch ms. */
  readonly over: Readonly<Record<string, number>>;
}

/** A finding that people are told of: it began, became critical, or has lasted another day. */
export interface Told {
  readonly finding: FollowedFinding;
  readonly why: "began" | "worse" | "lasts";
}

/** What a verdict changes. */
export interface FollowedVerdict {
  readonly open: OpenFindings;
  /** Everything that was seen in the period, to be kept with its new numbers. */
  readonly seen: readonly FollowedFinding[];
  readonly ended: readonly OpenFinding[];
  readonly told: readonly Told[];
}

/** Before the first run. */
export const NOTHING_OPEN: OpenFindings = { judged_until: 0, findings: [], over: {} };

/**
 * Follows what a detector finds from period to period, so that a fall which lasts for a week is one finding and not 168.
 * The same verdict twice changes nothing more, and tells the same again: the first time may not have got through.
 */
export function followVerdict(before: OpenFindings, verdict: Verdict, windowEnd: number): FollowedVerdict {
  // Hours of an outage may be judged after newer ones. They cannot say what is so now.
  if (windowEnd < before.judged_until) return followLate(before, verdict);
  const openBefore = new Map(before.findings.map((it) => [it.subject, it]));
  const quiet = new Set(verdict.quiet);
  const found = new Map(verdict.found.filter((it) => !isEcho(it, before)).map((finding) => [finding.subject, finding]));

  const seen: FollowedFinding[] = [];
  const told: Told[] = [];
  const open: OpenFinding[] = [];
  const ended: OpenFinding[] = [];
  for (const finding of found.values()) {
    const next = seenAgain(openBefore.get(finding.subject), finding, windowEnd);
    const followed = { ...finding, began_at: next.began_at };
    open.push(next);
    seen.push(followed);
    if (next.told_at === windowEnd) told.push({ finding: followed, why: next.told });
  }
  for (const it of before.findings) {
    if (found.has(it.subject)) continue;
    const next = quiet.has(it.subject) ? quietFor(it, windowEnd) : it;
    (isOver(next, windowEnd) ? ended : open).push(next);
  }
  const over = [
    ...Object.entries(before.over).filter(([, until]) => windowEnd - until < ECHO_MS),
    ...ended.map(({ last_seen_at, subject }) => [subject, last_seen_at] as const),
  ];
  return { open: { judged_until: windowEnd, findings: open, over: Object.fromEntries(over) }, seen, ended, told };
}

/**
 * A window of a day still has a morning's fall in it when the hours since were well. Once that is over, it is not a new
 * one at night, when only the day has events enough to be judged.
 */
function isEcho({ subject, window }: Finding, { findings, over }: OpenFindings): boolean {
  if (findings.some((it) => it.subject === subject)) return false;
  return window.start < (over[subject] ?? 0);
}

function seenAgain(before: OpenFinding | undefined, finding: Finding, windowEnd: number): OpenFinding {
  const { severity, subject, window } = finding;
  const now = {
    subject,
    last_seen_at: windowEnd,
    period_ms: window.end - window.start,
    judged_at: windowEnd,
    quiet: 0,
  };
  if (before === undefined) return { ...now, severity, began_at: window.start, told_at: windowEnd, told: "began" };
  const { began_at, severity: worst, told, told_at } = before;
  const isWorse = severity === "critical" && worst === "warning";
  const kept = { ...now, began_at, severity: isWorse ? severity : worst };
  if (isWorse) return { ...kept, told_at: windowEnd, told: "worse" };
  if (windowEnd - told_at >= REMINDER_MS) return { ...kept, told_at: windowEnd, told: "lasts" };
  return { ...kept, told_at, told };
}

function quietFor(it: OpenFinding, windowEnd: number): OpenFinding {
  return it.judged_at === windowEnd ? it : { ...it, judged_at: windowEnd, quiet: it.quiet + 1 };
}

/** A fall that only a whole day shows is not over after two hours in which the day looked better by a hair. */
function isOver({ judged_at, last_seen_at, period_ms, quiet }: OpenFinding, windowEnd: number): boolean {
  if (windowEnd - judged_at >= OUT_OF_SIGHT_MS) return true;
  return quiet >= QUIET_PERIODS && windowEnd - last_seen_at >= QUIET_PERIODS * period_ms;
}

/** What is open says more about its subject than an hour before it; what nothing open tells of is kept as past. */
function followLate(before: OpenFindings, { found }: Verdict): FollowedVerdict {
  const known = new Set(before.findings.map(({ subject }) => subject));
  const seen = found
    .filter(({ subject }) => !known.has(subject))
    .map((finding) => ({ ...finding, began_at: finding.window.start, ended_at: finding.window.end }));
  return { open: before, seen, ended: [], told: seen.map((finding) => ({ finding, why: "began" })) };
}
