import { randomUUID } from "node:crypto";
import { createHttpSender } from "../src/adapters/http-sender.ts";
import { createMemoryDeliveryStore } from "../src/adapters/memory/delivery-store.ts";
import { createMemoryOwnLaneQueue } from "../src/adapters/memory/own-lane-queue.ts";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import type { CanonicalEvent } from "../src/core/event.ts";
import type { GivenEvent } from "../src/pipeline/given-event.ts";
import {
  heldBack,
  type LaneTest,
  type LaneTestDeps,
  testLane,
  testPurchase,
  testPurchaseFor,
} from "../src/pipeline/lane-test.ts";
import type { PreviewScope } from "../src/pipeline/preview.ts";
import { problemLines } from "../src/pipeline/preview-text.ts";
import { type Access, openAccess } from "./destination-access.ts";
import { type ChosenLane, namedAs, previewScope } from "./destination-lane.ts";
import { type Options, readEventFile } from "./destination-options.ts";

/** A test that was made, or what kept it from being made. */
export type LaneTrial =
  | { readonly result: LaneTest; readonly where: string }
  | { readonly refused: Extract<GivenEvent, { ok: false }> }
  | { readonly noTestMode: string };

/** Tries a lane with the test purchase, or the event in the file. `tell` gets a line for people before it is sent. */
export async function tryLane(
  chosen: ChosenLane,
  config: ResolvedConfig,
  file: string | undefined,
  options: Options,
  tell: (line: string) => void,
): Promise<LaneTrial> {
  const { destination, resolved } = chosen;
  const isReal = options.real === true;
  const hasTestMode = destination.catalogue.testMode !== undefined || resolved.testMode;
  if (!hasTestMode && !isReal) return { noTestMode: destination.name };
  const own = previewScope(chosen, config, Date.now());
  const unnamed: PreviewScope = { ...own, lane: { ...own.lane, testMode: !isReal } };
  const given = file === undefined ? undefined : readEventFile(file, config, options, unnamed);
  if (given?.ok === false) return { refused: given };
  for (const line of problemLines("warning", given?.warnings ?? [])) tell(line);
  const scope =
    options.as === undefined ? unnamed : namedAs(unnamed, given?.event ?? testPurchase("-", own.now), options.as);
  const event =
    given === undefined ? testPurchaseFor(scope, randomUUID(), { test: !isReal }) : asTest(given.event, isReal);
  const held = heldBack(event, scope);
  if (held !== undefined) return { result: held, where: "nowhere" };
  const access = await openAccess(resolved, config, options);
  tell(announcement(event, access, scope));
  return { result: await send(event, scope, config, access, tell), where: access.where };
}

function asTest({ test: _, ...event }: CanonicalEvent, isReal: boolean): CanonicalEvent {
  return isReal ? event : { ...event, test: true };
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
  tell: (line: string) => void,
): Promise<LaneTest> {
  const http = createHttpSender();
  const said: string[] = [];
  try {
    const result = await testLane(event, scope, laneDeps(scope, config, access, { http, said }));
    // What came of a request is in the result; only what kept it from being made is in the log alone.
    if (result.state === "not_sent") for (const line of said) tell(line);
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
