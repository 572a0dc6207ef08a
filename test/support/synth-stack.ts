import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { FEATURE_FLAGS } from "../../lib/feature-flags.ts";
import { TracklayerStack } from "../../lib/stacks/tracklayer-stack.ts";
import type { TracklayerConfig } from "../../src/config/define-config.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { detectorIds } from "../../src/detectors/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";

/** The stack of the default configuration with some fields replaced; functions are not bundled. */
export function synthStack(overrides: Partial<TracklayerConfig> = {}): { app: App; stack: TracklayerStack } {
  const config = resolveConfig({ ...defaultConfig, ...overrides }, DESTINATIONS);
  const app = new App({ analyticsReporting: false, context: { ...FEATURE_FLAGS, "aws:cdk:bundling-stacks": [] } });
  const stack = new TracklayerStack(app, "Test", {
    config,
    destinations: DESTINATIONS,
    detectors: detectorIds(config),
  });
  return { app, stack };
}

/** The template of `synthStack`. */
export function synthTemplate(overrides: Partial<TracklayerConfig> = {}): Template {
  return Template.fromStack(synthStack(overrides).stack);
}

/** A resource as the template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** All resources of a template by logical id. */
export function resourcesOf(template: Template): Readonly<Record<string, TemplateResource>> {
  return template.toJSON().Resources;
}
