import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { createHttpSender } from "../src/adapters/http-sender.ts";
import { createMemoryDeliveryStore } from "../src/adapters/memory/delivery-store.ts";
import { createMemoryOwnLaneQueue } from "../src/adapters/memory/own-lane-queue.ts";
import type { ResolvedConfig, ResolvedSource } from "../src/config/resolved-config.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import { readGivenEvent } from "../src/pipeline/given-event.ts";
import { type LaneTestDeps, testLane, testPurchaseFor } from "../src/pipeline/lane-test.ts";
import { type PreviewScope, previewEvent } from "../src/pipeline/preview.ts";
import { previewJson, previewLines, problemLines, testJson, testLines } from "../src/pipeline/preview-text.ts";
import { type Access, type AccessOptions, openAccess } from "./destination-access.ts";
import { type ChosenLane, chooseLane, previewScope, readJson } from "./destination-lane.ts";
import { loadConfig } from "./load-config.ts";
import { explain } from "./local-state.ts";

const USAGE = `Usage: npm run destination -- preview <lane> <event.json> [options]
       npm run destination -- test <lane> [event.json] [options]

preview  Shows what would become of an event: the decision with its reason, the request, and where each part of it
         comes from. Sends nothing and needs no credentials.
test     Sends a purchase by a person who does not exist, or the given event marked as a test, in the platform's test
         mode, and shows request, answer and outcome. Goes to the sandbox of the local stack that \`npm start\` runs.

<lane>       an entry of \`destinations\` in tracklayer.config.ts (or the file in TRACKLAYER_CONFIG), or a destination
             that is not configured, with --settings
<event.json> an event as it is posted to /v1/events, or a canonical one; - reads standard input

  --json                    machine-readable
  --settings <file|json>    settings in place of the configured ones
  --source <id>             the source that the event comes through (default: the first server source)

test only:
  --real                    send as a real event; needed where the platform has no test mode
  --deployed                to the platform, with the credentials of the deployed stack of tracklayer.config.ts
  --stack <name>            the same for another environment's stack: TrackLayer-<environment>
  --region <region>         its AWS region
  --real-platform           to the platform, with the credentials in <directory>/secrets.json
  --credentials <file>      credentials from this file, a JSON object of texts
  --directory <path>        where the local stack keeps its addresses and secrets (default: .tracklayer)

Exits with 0 when the preview was made or the platform confirmed the event, else with 1; 2 is a wrong command line.

  npm run destination -- preview meta purchase.json
  npm run destination -- preview ga4 purchase.json --settings '{"measurementId":"G-ABC1234567"}'
  npm run destination -- test ga4
  npm run destination -- test meta --stack TrackLayer-production
`;

interface Options extends AccessOptions {
  readonly json: boolean;
  readonly settings?: string | undefined;
  readonly source?: string | undefined;
  readonly real: boolean;
}

async function preview(name: string, file: string, options: Options): Promise<number> {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const scope = previewScope(chosen, config, Date.now());
  const given = readGivenEvent(readJson(file, "the event"), eventContext(config, options, scope.now));
  if (!given.ok) return refused(given, options);
  const result = previewEvent(given.event, scope);
  const lane = { id: chosen.resolved.id, name: chosen.destination.name };
  const shown = { warnings: given.warnings, colours: colours() };
  if (options.json) console.log(JSON.stringify(previewJson(result, lane, given.warnings), null, 2));
  else console.log(previewLines(result, lane, shown).join("\n"));
  return 0;
}

async function test(name: string, file: string | undefined, options: Options): Promise<number> {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const { destination, resolved } = chosen;
  const hasTestMode = destination.catalogue.testMode !== undefined || resolved.testMode;
  if (!hasTestMode && !options.real) {
    console.error(
      `${destination.name} has no test mode: a test would be a real event there. --real sends one all the same.`,
    );
    return 1;
  }
  const testMode = !options.real;
  const own = previewScope(chosen, config, Date.now());
  const scope: PreviewScope = { ...own, lane: { ...own.lane, testMode } };
  const event = file === undefined ? testPurchaseFor(scope, randomUUID(), { test: testMode }) : undefined;
  const given = event ?? givenTest(file ?? "-", config, options, scope);
  if (given === undefined) return 1;
  const access = await openAccess(resolved, config, options);
  if (!options.json) console.error(announcement(given, access, chosen, testMode));
  const http = createHttpSender();
  try {
    const result = await testLane(given, scope, laneDeps(chosen, config, access, { testMode, http }));
    const lane = { id: resolved.id, name: destination.name };
    if (options.json) console.log(JSON.stringify(testJson(result, lane, access.where), null, 2));
    else console.log(testLines(result, lane, { colours: colours() }).join("\n"));
    return result.state === "delivered" ? 0 : 1;
  } finally {
    http.close();
  }
}

/** The given event as a test, or as a real one with `--real`; undefined when it was refused, which has been said. */
function givenTest(
  file: string,
  config: ResolvedConfig,
  options: Options,
  { now }: PreviewScope,
): CanonicalEvent | undefined {
  const given = readGivenEvent(readJson(file, "the event"), eventContext(config, options, now));
  if (!given.ok) {
    refused(given, options);
    return undefined;
  }
  for (const line of problemLines("warning", given.warnings)) console.error(line);
  const { test: _, ...event } = given.event;
  return options.real ? event : { ...event, test: true };
}

function announcement(
  event: CanonicalEvent,
  { where }: Access,
  { destination }: ChosenLane,
  testMode: boolean,
): string {
  const name = event.custom_name ?? event.event_name;
  const money = event.value === undefined ? "" : ` of ${event.value} ${event.currency ?? ""}`.trimEnd();
  const effect = testMode ? "marked as a test" : "as a real event, which counts there like any other";
  return `Sending the ${name}${money} ${event.event_id} to ${destination.name}, ${effect}: ${where}\n`;
}

function laneDeps(
  { resolved }: ChosenLane,
  config: ResolvedConfig,
  { credentials, secretName }: Access,
  { testMode, http }: { testMode: boolean; http: LaneTestDeps["http"] },
): LaneTestDeps {
  const { id, settings, events, customEvents, consent } = resolved;
  const quiet = () => {};
  return {
    lane: {
      id,
      settings,
      events,
      customEvents,
      secretName,
      testMode,
      retryWindowMs: config.delivery.retryWindowMs,
      ...(consent === undefined ? {} : { consent }),
      ...(config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry }),
    },
    store: createMemoryDeliveryStore({ now: Date.now }),
    queue: createMemoryOwnLaneQueue(),
    http,
    credentials,
    clock: { now: Date.now },
    random: { fraction: Math.random },
    metrics: { add: quiet, flush: quiet },
    log: {
      info: quiet,
      warn: quiet,
      step: quiet,
      error: (message, fields) => console.error(`error: ${message} ${JSON.stringify(fields ?? {})}`),
    },
  };
}

function eventContext(config: ResolvedConfig, { source }: Options, now: number) {
  return { source: sourceOf(config, source), now, newId: randomUUID };
}

function sourceOf({ sources }: ResolvedConfig, id: string | undefined): ResolvedSource {
  const [first] = sources;
  const found =
    id === undefined ? (sources.find(({ kind }) => kind === "server") ?? first) : sources.find((it) => it.id === id);
  if (found === undefined) throw new Error(`--source: one of ${sources.map((it) => it.id).join(", ")}, got ${id}`);
  return found;
}

function refused(given: Extract<ReturnType<typeof readGivenEvent>, { ok: false }>, { json }: Options): number {
  const { errors, warnings } = given;
  if (json) console.log(JSON.stringify({ refused: true, errors, warnings }, null, 2));
  const lines = [...problemLines("error", errors), ...problemLines("warning", warnings)];
  if (!json) console.error(["The event would be refused at ingest:", ...lines].join("\n"));
  return 1;
}

function colours(): boolean {
  return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      settings: { type: "string" },
      source: { type: "string" },
      real: { type: "boolean", default: false },
      deployed: { type: "boolean", default: false },
      stack: { type: "string" },
      region: { type: "string" },
      "real-platform": { type: "boolean", default: false },
      credentials: { type: "string" },
      directory: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, lane, file, ...rest] = positionals;
  const options: Options = { ...values, realPlatform: values["real-platform"] };
  if (!values.help && lane !== undefined && rest.length === 0) {
    if (command === "preview" && file !== undefined) return preview(lane, file, options);
    if (command === "test") return test(lane, file, options);
  }
  console.error(USAGE);
  return values.help ? 0 : 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
