import { WARNING_DAYS } from "../../src/core/version-end.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import type { Screen } from "./cli.ts";
import { counted, shownDuration, shownShare, shownTime, tableLines } from "./shown-text.ts";
import { paintLane, paintState } from "./state-tone.ts";

/** One line per destination, with a line below for what a person should know of it. */
export function destinationTable(items: readonly DestinationHealth[], screen: Screen): string[] {
  if (items.length === 0) return ["No destination is configured."];
  const { paint } = screen;
  const rows = items.map((health) => [
    health.lane,
    shownLane(health, screen),
    shownShare(health.success_share) || "no attempts",
    latency(health),
    waiting(health),
    givenUp(health, screen),
    credentials(health, screen),
  ]);
  const head = ["LANE", "STATE", "SUCCESS", "P50 / P95", "WAITING", "GIVEN UP", "CREDENTIALS"];
  const notes = items.flatMap((health) => noteOf(health).map((note) => `${paint("strong", health.lane)}  ${note}`));
  return [...tableLines(head, rows, screen), ...(notes.length === 0 ? [] : ["", ...notes])];
}

/** One destination in full. */
export function destinationLines(health: DestinationHealth, screen: Screen): string[] {
  const { paint } = screen;
  const outcomes = Object.entries(health.outcomes) as [keyof DestinationHealth["outcomes"], number][];
  const { last_error: last } = health;
  const facts: [string, string | undefined][] = [
    ["window", `${shownTime(health.window.from)} to ${shownTime(health.window.to)}`],
    ["outcomes", outcomes.map(([state, n]) => `${paintState(paint, state)} ${n}`).join(", ") || "none"],
    ["success", shownShare(health.success_share) || undefined],
    ["latency", latency(health) || undefined],
    ["waiting", waiting(health) || undefined],
    [
      "of these",
      health.queue === undefined ? undefined : `${health.queue.in_flight} being sent, or put off for a retry`,
    ],
    ["given up", health.dead_letters === undefined ? undefined : counted(health.dead_letters, "message")],
    ["quality", health.match_quality === undefined ? undefined : `${health.match_quality.toFixed(1)} of 10`],
    ["credentials", credentials(health, screen)],
    ...(health.consent_overrides ?? []).map(({ because, name }): [string, string] => [
      "consent",
      `loosened by override ${name}: ${because}`,
    ]),
    ["test mode", health.test_mode ? "on: nothing counts" : undefined],
    [
      "last error",
      last === undefined ? undefined : `${shownTime(last.at)}  ${paintState(paint, last.state)}: ${last.reason}`,
    ],
  ];
  return [
    `${paint("strong", health.lane)}  ${health.name}  ${shownLane(health, screen)}`,
    ...facts.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(12)} ${text}`])),
    ...noteOf(health).map((note) => `  ${paint("wait", "note".padEnd(12))} ${note}`),
  ];
}

function latency({ latency_p50_ms: p50, latency_p95_ms: p95 }: DestinationHealth): string {
  if (p50 === undefined && p95 === undefined) return "";
  return [p50, p95].map((ms) => (ms === undefined ? "?" : shownDuration(ms))).join(" / ");
}

function shownLane({ control }: DestinationHealth, { paint }: Screen): string {
  return control === undefined ? "" : paintLane(paint, control.state);
}

function givenUp({ dead_letters: messages }: DestinationHealth, { paint }: Screen): string {
  if (messages === undefined) return "";
  return messages === 0 ? "0" : paint("bad", String(messages));
}

/** A refusal stays in the window after it was mended: a lane that runs again is not to look broken. */
function credentials({ auth, control }: DestinationHealth, { paint }: Screen): string {
  if (auth !== "refused") return auth.replace("_", " ");
  return control?.state === "closed" ? paint("wait", "refused lately") : paint("bad", "refused");
}

function waiting({ queue }: DestinationHealth): string {
  if (queue === undefined) return "";
  // What was put off for its next attempt waits too, though SQS counts it as in flight.
  const { waiting: visible, in_flight, oldest_seconds: seconds } = queue;
  const messages = String(visible + in_flight);
  return seconds === undefined || seconds === 0 ? messages : `${messages}, oldest ${shownDuration(seconds * 1000)}`;
}

/** What needs a person's eye: why it is stopped, what ends soon, what could not be read. */
function noteOf({ control, outcomes, version_ends_in_days: days, unavailable = [] }: DestinationHealth): string[] {
  const notes: string[] = [];
  if (control !== undefined && control.state !== "closed") {
    const by = control.by === undefined ? "" : ` by ${control.by}`;
    const probe = control.probe_at === undefined ? "" : `; next probe ${shownTime(control.probe_at)}`;
    const stopped = control.state === "paused" ? "paused" : "stopped";
    notes.push(`${stopped} since ${shownTime(control.since)}${by}: ${control.reason || "no reason given"}${probe}`);
  }
  // The success share is of what came to an end: without this a lane that only retries would look well.
  const retries = outcomes.retry ?? 0;
  if (retries > 0) notes.push(`${counted(retries, "attempt")} in the window that the platform did not take yet`);
  if (days !== undefined && days < 0) notes.push(`its API version ended ${counted(-days, "day")} ago`);
  else if (days !== undefined && days <= WARNING_DAYS) notes.push(`its API version ends in ${counted(days, "day")}`);
  if (unavailable.length > 0) notes.push(`could not be read: ${unavailable.join(", ")}`);
  return notes;
}
