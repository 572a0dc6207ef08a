import type { Context } from "aws-lambda";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { metricNamespace } from "../core/metric-names.ts";
import { archiveAgeTask } from "../pipeline/archive-age.ts";
import { eraseSteps } from "../pipeline/erase.ts";
import { exportStep } from "../pipeline/export.ts";
import { createLaneWatch } from "../pipeline/lane-watch.ts";
import { type MaintenanceDeps, maintain } from "../pipeline/maintenance.ts";
import type { Clock } from "../pipeline/ports.ts";
import { privacyTask } from "../pipeline/privacy-jobs.ts";
import { replayTask } from "../pipeline/replay-jobs.ts";
import { createDynamoClient } from "./dynamo-client.ts";
import { createDynamoLaneControls } from "./dynamo-lane-controls.ts";
import { createDynamoPrivacyJobs } from "./dynamo-privacy-jobs.ts";
import { createEmfMetrics } from "./emf-metrics.ts";
import { createEraseDeps } from "./erase-deps.ts";
import { createEventSourceIntakes, readMappings } from "./event-source-intakes.ts";
import { createExportDeps } from "./export-deps.ts";
import { createPowertoolsLog } from "./powertools-log.ts";
import { createReplayDeps } from "./replay-deps.ts";
import type { Destinations } from "./routing-rules.ts";
import { readRuntimeConfig, requireEnv } from "./runtime-config.ts";
import { createSystemClock } from "./system-clock.ts";

/** Kept free at the end of a run, ms: for the calls that a task has under way at its deadline, and for the log. */
const MARGIN_MS = 8_000;

/** The maintain λ, started by the schedule; what it is given does not matter, the clock does. */
export type MaintainHandler = (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">) => Promise<void>;

/** What tasks are made of, once per container. */
interface TaskPorts extends Omit<MaintenanceDeps, "tasks" | "inTurn"> {
  readonly config: ResolvedConfig;
  readonly clock: Clock;
  readonly destinations: Destinations;
}

/** The handler that gives every task its turn. Clients live as long as the container. */
export function createMaintainHandler(destinations: Destinations): MaintainHandler {
  let container: MaintenanceDeps | undefined;
  return async (_event, context) => {
    container ??= containerDeps(destinations);
    const deadline = container.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    try {
      await maintain(deadline, container);
    } finally {
      container.metrics.flush();
    }
  };
}

function containerDeps(destinations: Destinations): MaintenanceDeps {
  const config = readRuntimeConfig();
  const clock = createSystemClock();
  const ports = {
    clock,
    metrics: createEmfMetrics({ namespace: metricNamespace(config.environment), now: () => clock.now() }),
    log: createPowertoolsLog("maintain", config.logs),
  };
  return { ...ports, ...tasks({ ...ports, config, destinations }) };
}

/** What is short and urgent, and what may take all the time that is left. */
function tasks({ config, destinations, ...ports }: TaskPorts): Pick<MaintenanceDeps, "tasks" | "inTurn"> {
  const table = { client: createDynamoClient(), table: requireEnv("DELIVERY_TABLE") };
  const replays = createReplayDeps({ ...ports, config, destinations, client: table.client });
  const jobs = createDynamoPrivacyJobs(table);
  const erasing = createEraseDeps({ ...ports, config, client: table.client, jobs });
  const { archive } = erasing;
  const urgent = [
    createLaneWatch({
      ...ports,
      lanes: config.destinations.map(({ id }) => id),
      controls: createDynamoLaneControls(table),
      intakes: createEventSourceIntakes({ mappings: readMappings(requireEnv("LANE_INTAKES")) }),
    }),
    ...(archive === undefined ? [] : [archiveAgeTask({ ...erasing, archive })]),
  ];
  const long = [
    ...(replays === undefined ? [] : [replayTask(replays)]),
    privacyTask({
      ...ports,
      jobs,
      steps: {
        erase: eraseSteps(erasing),
        ...(replays === undefined
          ? {}
          : {
              export: [
                exportStep(createExportDeps({ ...ports, config, client: table.client, jobs, replaying: replays })),
              ],
            }),
      },
    }),
  ];
  return { tasks: urgent, inTurn: long };
}
