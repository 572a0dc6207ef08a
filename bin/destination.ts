import { parseArgs } from "node:util";
import { previewEvent } from "../src/pipeline/preview.ts";
import { previewJson, previewLines } from "../src/pipeline/preview-text.ts";
import { chooseLane, namedAs, previewScope } from "./destination-lane.ts";
import { colours, type Options, readEventFile, tellRefusal } from "./destination-options.ts";
import { runTest } from "./destination-test.ts";
import { laneExplanations } from "./lane-explanations.ts";
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
  --as <name>               the platform's name or id for the event, as \`events\` of the config would give it
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

async function runPreview(name: string, file: string, options: Options): Promise<number> {
  const config = await loadConfig();
  const chosen = chooseLane(config, name, options.settings);
  const scope = previewScope(chosen, config, Date.now());
  const given = readEventFile(file, config, options, scope);
  if (!given.ok) return tellRefusal(given, options);
  const { event, warnings } = given;
  const preview = previewEvent(event, options.as === undefined ? scope : namedAs(scope, event, options.as));
  const lane = { id: chosen.resolved.id, name: chosen.destination.name };
  if (options.json) console.log(JSON.stringify(previewJson(preview, lane, warnings), null, 2));
  else {
    const explain = laneExplanations({ destinations: [chosen.resolved] });
    console.log(previewLines(preview, lane, { warnings, colours: colours(), explain }).join("\n"));
  }
  return 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      settings: { type: "string" },
      as: { type: "string" },
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
    if (command === "preview" && file !== undefined) return runPreview(lane, file, options);
    if (command === "test") return runTest(lane, file, options);
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
