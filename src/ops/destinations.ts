import { z } from "zod/mini";
import { didYouMean } from "../config/did-you-mean.ts";
import { DELIVERY_STATES } from "../core/outcome.ts";
import { platformWords } from "../pipeline/platform-words.ts";
import { list } from "./answer-fields.ts";
import type { DestinationHealth } from "./contract/destinations.ts";
import {
  type DeclaredLane,
  type DestinationPorts,
  healthOf,
  type ShownControl,
  shownControl,
} from "./destination-health.ts";
import { NAME } from "./event-filter.ts";
import { pauseLane, resumeLane } from "./lanes.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

const MINUTES = z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(20_160)));
const CONTROL = z.object({
  state: z.enum(["closed", "open", "half_open", "paused"]),
  since: z.number(),
  reason: z.string(),
  by: z.exactOptional(z.string()),
  cause: z.exactOptional(z.enum(["unauthorized", "failures", "throttled"])),
  probe_at: z.exactOptional(z.number()),
});
const HEALTH = z.object({
  lane: z.string(),
  type: z.string(),
  name: z.string(),
  control: z.exactOptional(CONTROL),
  window: z.object({ from: z.number(), to: z.number() }),
  outcomes: z.readonly(z.partialRecord(z.enum(DELIVERY_STATES), z.number())),
  success_share: z.exactOptional(z.number()),
  latency_p50_ms: z.exactOptional(z.number()),
  latency_p95_ms: z.exactOptional(z.number()),
  queue: z.exactOptional(
    z.object({ waiting: z.number(), in_flight: z.number(), oldest_seconds: z.exactOptional(z.number()) }),
  ),
  dead_letters: z.exactOptional(z.number()),
  match_quality: z.exactOptional(z.number()),
  last_error: z.exactOptional(z.object({ at: z.number(), state: z.enum(DELIVERY_STATES), reason: z.string() })),
  auth: z.enum(["ok", "refused", "not_needed", "unknown"]),
  version_ends_in_days: z.exactOptional(z.number()),
  test_mode: z.boolean(),
  consent_overrides: z.exactOptional(list(z.object({ name: z.string(), because: z.string() }))),
  unavailable: z.exactOptional(list(z.enum(["metrics", "queue", "control", "failures"]))),
});

/** `GET /destinations`. */
export const listDestinations = defineRoute({
  method: "GET",
  path: "/destinations",
  permission: "read",
  summary: "How every destination does over the last minutes (`window`, 60)",
  input: z.object({ window: MINUTES }),
  answer: z.object({ items: list(HEALTH) }),
  run: async ({ window = 60 }, ports: DestinationPorts): Promise<{ items: readonly DestinationHealth[] }> => ({
    items: await healthOf(ports.lanes, window, ports),
  }),
});

/** `GET /destinations/{lane}`. */
export const showDestination = defineRoute({
  method: "GET",
  path: "/destinations/{lane}",
  permission: "read",
  summary: "How one destination does over the last minutes (`window`, 60)",
  input: z.object({ lane: NAME, window: MINUTES }),
  answer: HEALTH,
  async run({ lane, window = 60 }, ports: DestinationPorts): Promise<DestinationHealth> {
    const declared = find(ports.lanes, lane);
    const [health] = await healthOf([declared], window, ports);
    if (health === undefined) throw new Error("one lane has one health");
    return health;
  },
});

/** `POST /destinations/{lane}/pause`. */
export const pauseDestination = defineRoute({
  method: "POST",
  path: "/destinations/{lane}/pause",
  permission: "operate",
  summary: "Stop sending to a destination until it is resumed; its events wait",
  input: z.object({ lane: NAME, reason: z.string().check(z.minLength(1), z.maxLength(200)) }),
  answer: CONTROL,
  audit: ({ lane, reason }) => ({ action: "lane.pause", target: lane, details: { reason: platformWords(reason) } }),
  async run({ lane, reason }, ports: DestinationPorts, { actor }): Promise<ShownControl> {
    find(ports.lanes, lane);
    const { retryWindowMs, controls, intakes, clock } = ports;
    // What somebody types may name a customer, and stays for good.
    const request = { lane, reason: platformWords(reason), by: actor, now: clock.now(), retryWindowMs };
    return shownControl(await pauseLane(request, controls, intakes));
  },
});

/** `POST /destinations/{lane}/resume`. */
export const resumeDestination = defineRoute({
  method: "POST",
  path: "/destinations/{lane}/resume",
  permission: "operate",
  summary: "Send to a destination again, whether a person or the breaker stopped it",
  input: z.object({ lane: NAME }),
  answer: CONTROL,
  audit: ({ lane }) => ({ action: "lane.resume", target: lane }),
  async run({ lane }, ports: DestinationPorts, { actor }): Promise<ShownControl> {
    find(ports.lanes, lane);
    return shownControl(await resumeLane({ lane, by: actor, now: ports.clock.now() }, ports.controls, ports.intakes));
  },
});

function find(lanes: readonly DeclaredLane[], wanted: string): DeclaredLane {
  const found = lanes.find(({ lane }) => lane === wanted);
  if (found !== undefined) return found;
  const names = lanes.map(({ lane }) => lane);
  const meant = didYouMean(wanted, names);
  const hint = meant === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean ${meant}?`;
  throw new OpsRefusal(404, "no_such_destination", `no destination of this name is configured; ${hint}`);
}
