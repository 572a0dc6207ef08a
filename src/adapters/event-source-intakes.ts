import {
  GetEventSourceMappingCommand,
  LambdaClient,
  type LambdaClientConfig,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import type { LaneIntakes } from "../pipeline/lane-control-ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

/** Which event source mapping feeds which lane. */
export interface EventSourceIntakesOptions {
  /** Ids of the mappings by lane. */
  readonly mappings: Readonly<Record<string, string>>;
  readonly client?: Pick<LambdaClient, "send">;
}

const OFF: ReadonlySet<string | undefined> = new Set(["Disabled", "Disabling"]);

/** The client of Lambda's own API. */
export function createLambdaClient(config: LambdaClientConfig = {}): LambdaClient {
  return new LambdaClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER, ...config });
}

/** Intakes of lanes as Lambda's event source mappings. It takes them up to a minute to do what they are told. */
export function createEventSourceIntakes(options: EventSourceIntakesOptions): LaneIntakes {
  const { client = createLambdaClient(), mappings } = options;
  const idOf = (lane: string): string => {
    const id = mappings[lane];
    if (id === undefined) throw new Error(`no event source mapping of lane ${lane} is known`);
    return id;
  };
  return {
    async isOpen(lane) {
      const { State } = await client.send(new GetEventSourceMappingCommand({ UUID: idOf(lane) }));
      return !OFF.has(State);
    },
    async set(lane, open) {
      try {
        await client.send(new UpdateEventSourceMappingCommand({ UUID: idOf(lane), Enabled: open }));
      } catch (error) {
        // It is still busy with the last change. Whoever looks after lanes comes by again in a minute.
        if (error instanceof Error && error.name === "ResourceInUseException") return;
        throw error;
      }
    },
  };
}

/** Mappings by lane, as the stack writes them into the environment; throws when they are not that. */
export function readMappings(json: string): Record<string, string> {
  const mappings: unknown = JSON.parse(json);
  if (typeof mappings !== "object" || mappings === null) throw new Error("LANE_INTAKES is not a JSON object");
  return mappings as Record<string, string>;
}
