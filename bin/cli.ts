import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { resourceName } from "../lib/constructs/resource-name.ts";
import { createDynamoDeliveryStore } from "../src/adapters/dynamo-delivery-store.ts";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import { type StoryReader, traceJson, traceLines } from "../src/pipeline/trace.ts";
import { laneExplanations } from "./lane-explanations.ts";
import { loadConfig } from "./load-config.ts";
import { explained, type LocalState, readLocalState } from "./local-state.ts";

const USAGE = `Usage: npm run trace -- <event_id> [options]

Prints the whole story of one event: when it came, whose it is, what was decided for each destination and how it went;
and of what is not delivered: what the platform said, what that means, and what to do.

  --json              machine-readable: {"event_id", "found", "events": [...]}
  --directory <path>  where the local stack keeps its addresses (default: .tracklayer)
  --deployed          read the deployed stack of tracklayer.config.ts with your AWS credentials
  --stack <name>      read another environment's stack, by its name: TrackLayer-<environment>
  --table <name>      read this delivery table with your AWS credentials
  --scope <scope>     look in this dedup scope too; may be repeated (default: those of the configured sources)
  --region <region>   AWS region of the deployed stack

Without --deployed, --stack or --table it reads the local stack that \`npm start\` runs.
`;

interface Options {
  json: boolean;
  directory?: string | undefined;
  deployed: boolean;
  stack?: string | undefined;
  table?: string | undefined;
  scope: string[];
  region?: string | undefined;
}

async function trace(eventId: string, options: Options): Promise<number> {
  const config = await loadConfig();
  const isDeployed = options.deployed || options.stack !== undefined || options.table !== undefined;
  const local = isDeployed ? undefined : readLocalState(options.directory);
  const configured = local?.scopes ?? config.sources.map(({ dedupScope }) => dedupScope);
  const scopes = [...new Set([...configured, ...options.scope])];
  const reader = local === undefined ? openDeployed(config, options) : openLocal(config, local);
  // `unreadable` is where enrich keeps messages that named no scope.
  const events = await reader.readStory(eventId, [...scopes, "unreadable"]);
  const explain = laneExplanations(config);
  if (options.json) {
    console.log(JSON.stringify(traceJson(eventId, events, explain), null, 2));
  } else if (events.length > 0) {
    const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
    console.log(traceLines(events, { colours, explain }).join("\n"));
  } else {
    console.error(
      `Nothing is stored about ${eventId} in the dedup scope${scopes.length === 1 ? "" : "s"} ${scopes.join(", ")}.`,
    );
    console.error("It was not accepted, is still on its way, or is older than the retention of this environment.");
  }
  return events.length > 0 ? 0 : 1;
}

function openDeployed({ environment, retention }: ResolvedConfig, options: Options): StoryReader {
  const client = new DynamoDBClient(options.region === undefined ? {} : { region: options.region });
  const table = options.table ?? deliveryTable(options.stack ?? `TrackLayer-${environment}`);
  return createDynamoDeliveryStore({ client, table, ...retention, now: Date.now });
}

function openLocal(
  { retention }: ResolvedConfig,
  { gatewayUrl, region, credentials, tables }: LocalState,
): StoryReader {
  const client = new DynamoDBClient({ endpoint: gatewayUrl, region, credentials });
  return createDynamoDeliveryStore({ client, table: tables.delivery, ...retention, now: Date.now });
}

/** The delivery table of the stack `TrackLayer-<environment>`. */
function deliveryTable(stack: string): string {
  return resourceName(stack.replace(/^tracklayer-/i, ""), "delivery");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      directory: { type: "string" },
      deployed: { type: "boolean", default: false },
      stack: { type: "string" },
      table: { type: "string" },
      region: { type: "string" },
      scope: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, eventId, ...rest] = positionals;
  if (values.help || command !== "trace" || eventId === undefined || rest.length > 0) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  return trace(eventId, values);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(explained(error).message);
  process.exitCode = 1;
}
