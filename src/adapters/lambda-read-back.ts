import type { Context } from "aws-lambda";
import { MINUTE_MS, SECOND_MS } from "../core/durations.ts";
import { createAccessTokens } from "../pipeline/access-token.ts";
import { type ReadBackDeps, readBackQuality } from "../pipeline/quality-read-back.ts";
import { createSecrets } from "./aws-secrets.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoReadBacks } from "./dynamo-read-backs.ts";
import { createHttpSender } from "./http-sender.ts";
import { laneSettings } from "./lane-settings.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import type { Destinations } from "./routing-rules.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSystemClock } from "./system-clock.ts";

/** Kept free at the end of a run, ms: to keep what the last platform said. */
const MARGIN_MS = 10 * SECOND_MS;
/** A run reads each secret once, and the next run comes an hour later: a new credential is in use at once. */
const SECRET_TTL_MS = MINUTE_MS;

/** The read-back λ, started by the schedule; what it is given does not matter, the clock does. */
export type ReadBackHandler = (
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<{ read: number }>;

/** The handler that asks each configured platform that is due. Clients live as long as the container. */
export function createReadBackHandler(destinations: Destinations): ReadBackHandler {
  let container: ReadBackDeps | undefined;
  return async (_event, context) => {
    container ??= containerDeps(destinations);
    const deadline = container.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    return { read: await readBackQuality(deadline, container) };
  };
}

function containerDeps(destinations: Destinations): ReadBackDeps {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const http = createHttpSender();
  const log = createPowertoolsLog("read-back", config.logs);
  const lanes = config.destinations.flatMap(({ id, readBackQuality: isAsked, type }) => {
    const destination = destinations[type];
    return isAsked === true && destination !== undefined ? [{ lane: laneSettings(id, config), destination }] : [];
  });
  const tokens = new Map(lanes.map(({ lane }) => [lane.id, createAccessTokens({ lane: lane.id, http, clock, log })]));
  return {
    lanes,
    accessTokensOf: (lane) => tokens.get(lane),
    http,
    credentials: createSecrets({ ttlMs: SECRET_TTL_MS, now: () => clock.now() }),
    store: createDynamoReadBacks({ client: createDynamoClient(), table: requireEnv("DELIVERY_TABLE") }),
    clock,
    log,
  };
}
