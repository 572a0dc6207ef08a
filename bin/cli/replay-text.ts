import type { ReplayCounts } from "../../src/core/replay-job.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { ReplayView } from "../../src/ops/contract/replays.ts";
import type { Paint, Tone } from "../../src/pipeline/tone.ts";
import type { Screen } from "./cli.ts";
import { counted, shownTime, tableLines } from "./shown-text.ts";

const STATES: Readonly<Record<ReplayView["state"], Tone>> = {
  running: "wait",
  done: "good",
  cancelled: "dim",
  failed: "bad",
};
const LEFT_OUT: readonly (readonly [keyof ReplayCounts, string])[] = [
  ["delivered_already", "delivered already"],
  ["on_its_way", "still on its way"],
  ["too_old", "older than the platform takes"],
  ["not_allowed", "not allowed by today's configuration or consent, or of somebody erased"],
  ["unreadable", "lines of the archive that cannot be read"],
];
const BAR = 24;
const NOTHING_FOUND = "nothing fits, or it came within the last minutes and is not archived yet: then try again";

function paintReplay(paint: Paint, { state }: ReplayView): string {
  return paint(STATES[state] ?? "dim", state);
}

/** How far it is, for one line that is written over. */
export function progressBar({ id, progress: { done, of }, counts, dry_run }: ReplayView): string {
  const filled = of === 0 ? 0 : Math.round((BAR * done) / of);
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}]`;
  const work = dry_run ? "to send" : "sent";
  return `replay ${id}  ${bar} ${done} of ${of} archive objects, ${counts.sent.toLocaleString("en-US")} ${work}`;
}

/** One replay: what it found, what it sends to whom, what it leaves out, and what that costs. */
export function replayLines(job: ReplayView, { paint }: Screen): string[] {
  const { counts, by_destination, cost_usd, dry_run } = job;
  const toWhom = Object.entries(by_destination).map(([lane, n]) => `${lane} ${n.toLocaleString("en-US")}`);
  const leftOut = LEFT_OUT.filter(([count]) => counts[count] > 0);
  return [
    `${paint("strong", `replay ${job.id}`)}  ${paintReplay(paint, job)}${dry_run ? "  dry run: nothing is sent" : ""}${job.force ? "  force" : ""}`,
    `  started    ${shownTime(job.created_at)} by ${job.by}, at most ${job.pace} a second`,
    ...(job.state === "running" ? [`  progress   ${job.progress.done} of ${job.progress.of} archive objects`] : []),
    ...(job.reason === undefined ? [] : [`  reason     ${job.reason}`]),
    `  found      ${counted(counts.events, "event")}`,
    ...(job.state === "done" && counts.events === 0 ? [`  note       ${NOTHING_FOUND}`] : []),
    `  ${dry_run ? "would send" : "sent      "} ${counts.sent.toLocaleString("en-US")}${toWhom.length === 0 ? "" : `: ${toWhom.join(", ")}`}`,
    ...leftOut.map(([count, why]) => `  left out   ${counts[count].toLocaleString("en-US")} ${why}`),
    `  ${dry_run ? "would cost" : "cost      "} about $${shownCost(cost_usd)}`,
  ];
}

/** Small amounts keep their first two digits: a replay of some events costs millionths. */
function shownCost(usd: number): string {
  return usd >= 1 || usd === 0
    ? usd.toFixed(2)
    : Number(usd.toPrecision(2)).toFixed(Math.min(8, 1 - Math.floor(Math.log10(usd))));
}

/** Replays, one a line. */
export function replayTable({ items }: Page<ReplayView>, screen: Screen): string[] {
  if (items.length === 0) return ["No replay was started."];
  const rows = items.map((job) => [
    job.id,
    paintReplay(screen.paint, job),
    shownTime(job.created_at),
    job.by,
    `${job.progress.done}/${job.progress.of}`,
    String(job.counts.sent),
    [job.dry_run ? "dry run" : "", job.force ? "force" : ""].filter((word) => word !== "").join(", "),
  ]);
  return tableLines(["ID", "STATE", "STARTED", "BY", "OBJECTS", "SENT", ""], rows, screen);
}
