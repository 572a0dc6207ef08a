import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { run } from "../../../bin/cli/main.ts";
import * as answers from "../../support/ops-answers.ts";
import type { Answers } from "../../support/ops-server.ts";
import { type OpsServer, startOpsServer } from "../../support/ops-server.ts";
import { NOON, type Script, scriptedTerminal } from "../../support/scripted-terminal.ts";

let server: OpsServer;
beforeAll(async () => {
  server = await startOpsServer(() => NOON);
});
afterAll(() => server.close());

/** Runs a command line against the answers; `$` of a route's name is what the screen's file shows. */
async function tool(words: readonly string[], given: Answers, script: Script = {}) {
  server.answer(given);
  const terminal = scriptedTerminal({
    ...script,
    env: { TRACKLAYER_URL: server.url, TRACKLAYER_OPS_KEY: server.key, ...script.env },
  });
  const exitCode = await run(words, { terminal, fetch, exitCode: 0 });
  return { exitCode, terminal, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

interface Case {
  readonly args: readonly string[];
  readonly answers: Answers;
  /** What the API is asked, as its router reads it. */
  readonly asks: readonly unknown[];
  readonly exitCode?: number;
  /** What `--json` prints where it is not the answer itself. */
  readonly prints?: unknown;
}

/** Each shows the text of screens/<name>.txt. */
const CASES: Readonly<Record<string, Case>> = {
  trace: {
    args: ["trace", "order-100017"],
    answers: { "GET /events/{event_id}": answers.STORIES },
    asks: [{ event_id: "order-100017" }],
  },
  events: {
    args: ["events", "--name", "purchase", "--from", "24h", "--limit", "2"],
    answers: { "GET /events": answers.EVENTS },
    asks: [{ name: "purchase", from: NOON - 86_400_000, limit: 2 }],
  },
  failures: {
    args: ["failures", "--lane", "meta"],
    answers: { "GET /failures": answers.FAILURES },
    asks: [{ lane: "meta" }],
  },
  "identity-erase": {
    args: ["identity", "erase", "ada@example.com", "--yes"],
    answers: { "POST /privacy/erase": answers.ERASURE },
    asks: [{ identifier: "ada@example.com" }],
  },
  "privacy-erase": {
    args: ["privacy", "erase", "ada@example.com", "--yes"],
    answers: { "POST /privacy/erase": answers.ERASURE },
    asks: [{ identifier: "ada@example.com" }],
  },
  "privacy-status": {
    args: ["privacy", "status", "--limit", "3"],
    answers: { "GET /privacy/jobs": { items: [answers.ERASURE] } },
    asks: [{ limit: 3 }],
  },
  "privacy-platforms": {
    args: ["privacy", "platforms"],
    answers: { "GET /privacy/platforms": answers.PLATFORMS },
    asks: [{}],
  },
  findings: { args: ["findings"], answers: { "GET /findings": answers.FINDINGS }, asks: [{ days: 7, limit: 100 }] },
  reconciliation: {
    args: ["reconciliation"],
    answers: { "GET /reconciliation": answers.HOURS },
    asks: [{ days: 1 }],
    exitCode: 1,
  },
  destinations: {
    args: ["destinations", "--window", "60"],
    answers: { "GET /destinations": answers.DESTINATIONS_HEALTH },
    asks: [{ window: 60 }],
  },
  "destinations-one": {
    args: ["destinations", "meta"],
    answers: { "GET /destinations/{lane}": answers.DESTINATIONS_HEALTH.items[0] ?? {} },
    asks: [{ lane: "meta" }],
  },
  pause: {
    args: ["pause", "meta", "--reason", "new token"],
    answers: { "POST /destinations/{lane}/pause": { state: "paused", since: NOON, reason: "new token" } },
    asks: [{ lane: "meta", reason: "new token" }],
  },
  resume: {
    args: ["resume", "meta"],
    answers: { "POST /destinations/{lane}/resume": { state: "closed", since: NOON, reason: "resumed" } },
    asks: [{ lane: "meta" }],
  },
  quality: {
    args: ["quality", "--window", "60", "--event", "order-100017", "--days", "1", "--source", "shop-web"],
    answers: { "GET /quality": answers.QUALITY },
    asks: [{ window: 60, event_id: "order-100017", days: 1, source: "shop-web" }],
  },
  "quality-no-event": {
    args: ["quality", "--event", "nowhere"],
    answers: { "GET /quality": { window: answers.QUALITY.window, destinations: [], presence: {}, events: [] } },
    asks: [{ event_id: "nowhere", window: 1_440 }],
  },
  sensitive: {
    args: ["sensitive", "--days", "3"],
    answers: { "GET /sensitive": answers.SENSITIVE },
    asks: [{ days: 3 }],
  },
  "replay-list": { args: ["replay"], answers: { "GET /replays": answers.REPLAYS }, asks: [{ limit: 20 }] },
  "replay-show": {
    args: ["replay", "show", "r1"],
    answers: { "GET /replays/{id}": answers.replay({ state: "failed", reason: "the archive cannot be read" }) },
    asks: [{ id: "r1" }],
    exitCode: 1,
  },
  "replay-cancel": {
    args: ["replay", "cancel", "r1"],
    answers: { "POST /replays/{id}/cancel": answers.replay({ state: "cancelled" }) },
    asks: [{ id: "r1" }],
  },
  dlq: { args: ["dlq"], answers: { "GET /dlq": answers.QUEUES }, asks: [{}] },
  "dlq-show": {
    args: ["dlq", "show", "lane-meta-dlq", "--limit", "2"],
    answers: { "GET /dlq/{queue}/messages": answers.DEAD_LETTERS },
    asks: [{ queue: "lane-meta-dlq", limit: 2 }],
  },
  "dlq-redrive": {
    args: ["dlq", "redrive", "lane-meta-dlq", "--pace", "10"],
    answers: { "POST /dlq/{queue}/redrive": { queue: "lane-meta-dlq", to: "lane-meta", messages: 3 } },
    asks: [{ queue: "lane-meta-dlq", messages_per_second: 10 }],
  },
  "dlq-purge": {
    args: ["dlq", "purge", "lane-meta-dlq", "--yes"],
    answers: { "POST /dlq/{queue}/purge": { queue: "lane-meta-dlq", messages: 1 } },
    asks: [{ queue: "lane-meta-dlq", confirm: "lane-meta-dlq" }],
  },
  quarantine: {
    args: ["quarantine", "--source", "shop-web", "--field", "value"],
    answers: { "GET /quarantine": answers.QUARANTINE },
    asks: [{ source: "shop-web", field: "value", limit: 50 }],
  },
  "quarantine-show": {
    args: ["quarantine", "show", "bad-1"],
    answers: { "GET /events/{event_id}": { event_id: "bad-1", found: true, events: [answers.QUARANTINED_STORY] } },
    asks: [{ event_id: "bad-1" }],
    prints: { items: [answers.QUARANTINED_STORY.quarantined] },
  },
  "quarantine-resubmit": {
    args: ["quarantine", "resubmit", "--ids", "bad-1,bad-2", "--yes"],
    answers: { "POST /quarantine/resubmit": answers.RESUBMITTED },
    asks: [{ event_ids: ["bad-1", "bad-2"], limit: 100, dry_run: false }],
  },
  identity: {
    args: ["identity", "show", "ana@example.com"],
    answers: { "GET /identity": answers.IDENTITY },
    asks: [{ identifier: "ana@example.com" }],
  },
  "identity-split": {
    args: ["identity", "split", "Zq3vKpW1xYb7TnR0aPcD2e", "hM8sLd5uFj2gQe9wXo4iVr", "--yes"],
    answers: {
      "POST /identity/split": { person_id: "Zq3vKpW1xYb7TnR0aPcD2e", split_id: "hM8sLd5uFj2gQe9wXo4iVr", pointers: 3 },
    },
    asks: [{ person_id: "Zq3vKpW1xYb7TnR0aPcD2e", merged_id: "hM8sLd5uFj2gQe9wXo4iVr" }],
  },
  keys: { args: ["keys"], answers: { "GET /keys": answers.KEYS }, asks: [{}] },
  "keys-create": {
    args: ["keys", "create", "--label", "ci", "--permissions", "read,operate", "--expires-in-days", "30"],
    answers: { "POST /keys": answers.CREATED_KEY },
    asks: [{ label: "ci", permissions: ["read", "operate"], expires_at: NOON + 30 * 86_400_000 }],
  },
  "keys-revoke": {
    args: ["keys", "revoke", "abcdefghijkl"],
    answers: { "DELETE /keys/{id}": { revoked: "abcdefghijkl" } },
    asks: [{ id: "abcdefghijkl" }],
  },
  audit: { args: ["audit", "--limit", "1"], answers: { "GET /audit": answers.AUDIT }, asks: [{ limit: 1 }] },
  "audit-verify": {
    args: ["audit", "verify"],
    answers: { "GET /audit/verify": answers.VERDICT },
    asks: [{}],
    exitCode: 1,
  },
};
const NAMED = Object.entries(CASES);

test.each(NAMED)("%s asks the API and shows its answer", async (name, { args, answers: given, asks, exitCode = 0 }) => {
  const shown = await tool(args, given);
  expect(shown.stdout).toBe(readFileSync(join(import.meta.dirname, "screens", `${name}.txt`), "utf8"));
  expect([shown.exitCode, server.requests.map(({ input }) => input)]).toEqual([exitCode, asks]);
});

test.each(NAMED)(
  "%s --json prints the answer of the API and nothing else",
  async (_, { args, answers: given, exitCode = 0, prints = Object.values(given)[0] }) => {
    const { stdout, stderr, exitCode: code } = await tool([...args, "--json"], given);
    expect([code, stderr, JSON.parse(stdout)]).toEqual([exitCode, "", prints]);
  },
);

test("on a narrow screen an event id stays whole on one line, to be copied into trace", async () => {
  const { stdout } = await tool(["events", "--name", "purchase"], { "GET /events": answers.EVENTS }, { columns: 80 });
  const lines = stdout.split("\n").map((line) => line.split("  "));
  for (const { event_id } of answers.EVENTS.items) expect(lines.some((cells) => cells.includes(event_id))).toBe(true);
});

test.each(NAMED)("%s in colours says the same", async (name, { args, answers: given }) => {
  const { stdout } = await tool(args, given, { colours: true });
  const lines = stripVTControlCharacters(stdout).split("\n");
  const plain = lines.map((line) => line.trimEnd()).join("\n");
  expect(plain).toBe(readFileSync(join(import.meta.dirname, "screens", `${name}.txt`), "utf8"));
});

test("--version tells the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
  expect(await tool(["--version"], {})).toMatchObject({ stdout: `${version}\n`, stderr: "", exitCode: 0 });
});
