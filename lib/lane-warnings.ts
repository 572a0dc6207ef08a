import { Annotations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import type { Destination } from "../src/core/destination.ts";

/** As much of a destination as its warnings depend on. */
type WarningDestination = Pick<Destination, "name" | "catalogue" | "warnings">;

/**
 * Puts what the user should know of each lane on the stack as warnings, which every `cdk synth` and `cdk deploy` prints
 * and `--strict` turns into errors: versions that end soon, test modes that there are not, overrides of what a
 * destination declares of consent, and defaults that take silence for consent in the EEA. `now` is epoch ms.
 */
export function addLaneWarnings(
  stack: Construct,
  config: Pick<ResolvedConfig, "consent" | "destinations">,
  destinations: Readonly<Record<string, WarningDestination>>,
  now: number,
): void {
  if (!config.consent.honourGpc) {
    const text = "consent.honourGpc: opt-outs by Global Privacy Control are not honoured, which some laws ask for";
    Annotations.of(stack).addWarningV2("tracklayer:consent:gpc", text);
  }
  for (const { because, name } of config.consent.defaults) {
    if (because === undefined) continue;
    const text = `consent.defaults: the rule ${name} takes silence for consent where that needs a reason: ${because}`;
    Annotations.of(stack).addWarningV2(`tracklayer:consent:default:${name}`, text);
  }
  for (const { id, type, settings, testMode, consentOverrides = [] } of config.destinations) {
    const destination = destinations[type];
    const warn = (kind: string, text: string): void =>
      Annotations.of(stack).addWarningV2(`tracklayer:${id}${kind}`, `destinations.${id}: ${text}`);
    for (const warning of destination?.warnings?.(settings, now) ?? []) warn("", warning);
    if (testMode && destination !== undefined && destination.catalogue.testMode === undefined) {
      const { name } = destination;
      warn(":testMode", `${name} has no test mode: with testMode, real events are delivered there as real ones`);
    }
    for (const { name, because, whenDenied } of consentOverrides) {
      const purposes = Object.keys(whenDenied).join(", ");
      warn(
        `:override:${name}`,
        `the consent override ${name} lets more through when ${purposes} is denied: ${because}`,
      );
    }
  }
}
