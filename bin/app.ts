import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { FEATURE_FLAGS } from "../lib/feature-flags.ts";
import { addLaneWarnings } from "../lib/lane-warnings.ts";
import { TracklayerStack } from "../lib/stacks/tracklayer-stack.ts";
import { ConfigError } from "../src/config/config-error.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";
import { detectorIds } from "../src/detectors/registry.ts";
import { loadConfig } from "./load-config.ts";

async function main(): Promise<void> {
  const config = await loadConfig();
  // The template depends on the configuration and the code alone, not on the CDK version that made it.
  const app = new App({ analyticsReporting: false, context: FEATURE_FLAGS });
  const stack = new TracklayerStack(app, `TrackLayer-${config.environment}`, {
    config,
    destinations: DESTINATIONS,
    detectors: detectorIds(config),
  });
  addLaneWarnings(stack, config, DESTINATIONS, Date.now());
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}

try {
  await main();
} catch (error) {
  // A wrong configuration is the user's to mend: the list of problems says all, a stack trace would bury it.
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
