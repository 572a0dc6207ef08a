import { HOUR_MS } from "../core/durations.ts";

import { loggableId } from "./platform-words.ts";
import type { HourContents, LaneFindings, Unexplained } from "./reconcile-lanes.ts";

/** Ids in a sentence: enough to trace, and few enough to read. */
const SAMPLES = 10;

/** Something that nothing explains, in words. */
export interface Difference {
  /** Part of the finding's key: `queue`, `archive`, `lane/<lane>`, `lane/<lane>/unconfirmed`. */
  readonly subject: string;
  readonly events: number;
  readonly severity: "warning" | "critical";
  readonly sentence: string;
}

/** What of an hour is told. */
export interface ToldHour {
  readonly hour: number;
  readonly missing: number;
  readonly unarchived: number;
  readonly contents: HourContents | undefined;
}

/** One difference for each place at which events went missing, with counts, samples and what to do. */
export function differencesOf({ contents, hour, missing, unarchived }: ToldHour): Difference[] {
  const span = `${clock(hour)} to ${clock(hour + HOUR_MS)} UTC`;
  const told: Difference[] = [];
  if (missing > 0) {
    const sentence = `${plural(missing, "event")} of ${span} went into the events queue and came out nowhere: neither claimed, nor a duplicate, nor in quarantine, nor on the queue or its dead-letter queue. The log of enrich says what it did at that time; senders have the events.`;
    told.push({ subject: "queue", events: missing, severity: "critical", sentence });
  }
  if (unarchived > 0) {
    const sentence = `${plural(unarchived, "event")} of ${span} went to the archive and ${unarchived === 1 ? "is" : "are"} not in it. The lanes have their messages; a replay will not find them. Look below errors/ in the archive's bucket, and in the log of enrich for "event too large to archive".`;
    told.push({ subject: "archive", events: unarchived, severity: "warning", sentence });
  }
  for (const lane of contents?.lanes ?? []) told.push(...laneDifferences(lane, hour, span));
  return told;
}

function laneDifferences(findings: LaneFindings, hour: number, span: string): Difference[] {
  const { expected, lane, more, unexplained } = findings;
  const told: Difference[] = [];
  const lost = unexplained.filter(({ verdict }) => verdict === "lost");
  if (lost.length > 0 || more > 0) {
    const events = lost.length + more;
    const retried = lost.filter(({ state }) => state !== "pending").length;
    const states = retried === 0 ? "no receipt" : `no end (${retried} tried before)`;
    const sentence = `${events} of ${plural(expected, "event")} of ${span} ${events === 1 ? "has" : "have"} ${states} at ${lane}, and its queue does not hold ${events === 1 ? "it" : "them"}: ${samples(lost)}. Look into the lane's dead-letter queue first, then send again: ${replayOf(lost, more, { lane, hour })}`;
    told.push({ subject: `lane/${lane}`, events, severity: "critical", sentence });
  }
  const unconfirmed = unexplained.filter(({ verdict }) => verdict === "unconfirmed");
  if (unconfirmed.length > 0) {
    const events = unconfirmed.length;
    const sentence = `${plural(events, "event")} of ${span} ${events === 1 ? "was" : "were"} sent to ${lane}, and what came of it could not be stored: ${samples(unconfirmed)}. The platform counts copies, so nothing is sent again; look there whether it has ${events === 1 ? "it" : "them"}.`;
    told.push({ subject: `lane/${lane}/unconfirmed`, events, severity: "warning", sentence });
  }
  return told;
}

/** The command that sends what is missing: by id while that can be typed, else by time and state. */
function replayOf(lost: readonly Unexplained[], more: number, { hour, lane }: { hour: number; lane: string }): string {
  const command = `npx tracklayer replay start --destination ${lane}`;
  const ids = lost.map(({ key }) => key.event_id);
  const canBeTyped =
    more === 0 && ids.length <= SAMPLES && ids.every((id) => /^[\w.:-]+$/.test(id) && id === loggableId(id));
  if (canBeTyped) return `${command} --ids ${ids.join(",")}`;
  const states = [...new Set(lost.map(({ state }) => state))].sort();
  const range = `--from ${new Date(hour).toISOString()} --to ${new Date(hour + HOUR_MS).toISOString()}`;
  return `${command} ${range} --outcome ${states.join(",")}`;
}

function samples(events: readonly Unexplained[]): string {
  const shown = events.slice(0, SAMPLES).map(({ key }) => loggableId(key.event_id));
  return events.length > shown.length ? `${shown.join(", ")} …` : shown.join(", ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
