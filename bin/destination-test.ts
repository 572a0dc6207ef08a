import { randomUUID } from "node:crypto";
import { createHttpSender } from "../src/adapters/http-sender.ts";
import { createMemoryDeliveryStore } from "../src/adapters/memory/delivery-store.ts";
import { createMemoryOwnLaneQueue } from "../src/adapters/memory/own-lane-queue.ts";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import {
  heldBack,
  type LaneTest,
  type LaneTestDeps,
  testLane,
  testPurchase,
  testPurchaseFor,
} from "../src/pipeline/lane-test.ts";
import type { PreviewScope } from "../src/pipeline/preview.ts";
import { problemLines, testJson, testLines } from "../src/pipeline/preview-text.ts";
import { type Access, openAccess } from "./destination-access.ts";
import { chooseLane, namedAs, previewScope } from "./destination-lane.ts";
import { colours, type Options, readEventFile, tellRefusal } from "./destination-options.ts";
import { laneExplanations } from "./lane-explanations.ts";
import { loadConfig } from "./load-config.ts";

/** Sends the test purchase, or the event in the file, and shows what came of it; the exit code. */
export async function runTest(name: string, file: string | undefined, options: Options): Promise<number> {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const { destination, resolved } = chosen;
  const hasTestMode = destination.catalogue.testMode !== undefined || resolved.testMode;
  if (!hasTestMode && !options.real) {
    console.error(
      `${destination.name} has no test mode: a test would be a real event there. --real sends one all the same, to the sandbox unless --deployed, --stack or --real-platform is given.`,
    );
    return 1;
  }
  const own = previewScope(chosen, config, Date.now());
  const unnamed: PreviewScope = { ...own, lane: { ...own.lane, testMode: !options.real } };
  const given = file === undefined ? undefined : givenTest(file, config, options, unnamed);
  if (typeof given === "number") return given;
  const scope = options.as === undefined ? unnamed : namedAs(unnamed, given ?? testPurchase("-", own.now), options.as);
  const event = given ?? testPurchaseFor(scope, randomUUID(), { test: !options.real });

  const held = heldBack(event, scope);
  const access = held === undefined ? await openAccess(resolved, config, options) : undefined;
  if (access !== undefined && !options.json) console.error(announcement(event, access, scope));
  const result = access === undefined ? held : await send(event, scope, config, access);
  if (result === undefined) return 1;
  const lane = { id: resolved.id, name: destination.name };
  const explain = laneExplanations({ destinations: [resolved] });
  if (options.json) console.log(JSON.stringify(testJson(result, lane, access?.where ?? "nowhere", explain), null, 2));
  else console.log(testLines(result, lane, { colours: colours(), explain }).join("\n"));
  return result.state === "delivered" ? 0 : 1;
}

/** The given event as a test, or as a real one with `--real`; an exit code when ingest would refuse it. */
function givenTest(
  file: string,
  config: ResolvedConfig,
  options: Options,
  scope: PreviewScope,
): CanonicalEvent | number {
  const given = readEventFile(file, config, options, scope);
  if (!given.ok) return tellRefusal(given, options);
  for (const line of problemLines("warning", given.warnings)) console.error(line);
  const { test: _, ...event } = given.event;
  return options.real ? event : { ...event, test: true };
}

function announcement(event: CanonicalEvent, { where }: Access, { lane }: PreviewScope): string {
  const name = event.custom_name ?? event.event_name;
  const money = event.value === undefined ? "" : ` of ${event.value} ${event.currency ?? ""}`.trimEnd();
  const effect = lane.testMode ? "marked as a test" : "as a real event, which counts there like any other";
  return `Sending the ${name}${money} ${event.event_id} to ${lane.destination.name}, ${effect}: ${where}\n`;
}

async function send(
  event: CanonicalEvent,
  scope: PreviewScope,
  config: ResolvedConfig,
  access: Access,
): Promise<LaneTest> {
  const http = createHttpSender();
  const said: string[] = [];
  try {
    const result = await testLane(event, scope, laneDeps(scope, config, access, { http, said }));
    // What came of a request is in the result; only what kept it from being made is in the log alone.
    if (result.state === "not_sent") for (const line of said) console.error(line);
    return result;
  } finally {
    http.close();
  }
}

/** The lane as its own λ has it, but for what is written down: receipts and queues are thrown away. */
function laneDeps(
  { lane, rules }: PreviewScope,
  { delivery }: ResolvedConfig,
  { credentials, secretName }: Access,
  { http, said }: { http: LaneTestDeps["http"]; said: string[] },
): LaneTestDeps {
  const { destination: _, ...configured } = lane;
  const quiet = () => {};
  return {
    lane: {
      ...configured,
      secretName,
      retryWindowMs: delivery.retryWindowMs,
      ...(rules.defaultCountry === undefined ? {} : { defaultCountry: rules.defaultCountry }),
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
      error: (message, fields) => void said.push(`${message} ${JSON.stringify(fields ?? {})}`),
    },
  };
}
