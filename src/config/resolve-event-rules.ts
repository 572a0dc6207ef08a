import type { Destination } from "../core/destination.ts";
import type { EventName } from "../core/event.ts";
import type { EventRule } from "../core/event-rules.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import { ruleOf } from "./event-mapping-schema.ts";

/** How a destination knows events: by names of its own, and by those that it lets a user give. */
interface NamingDestination extends Pick<Destination, "id" | "eventNameProblem"> {
  readonly eventNames?: Destination["eventNames"];
}

/** The rules that the mappings stand for; the destination checks names that it knows events by. */
export function resolveEventRules(
  mappings: ParsedConfig["destinations"][string]["customEvents"],
  field: string,
  destination: NamingDestination | undefined,
  problems: ConfigProblem[],
): Record<string, EventRule> {
  return Object.fromEntries(
    Object.entries(mappings).map(([event, mapping]) => {
      const rule = ruleOf(mapping);
      const name = field.endsWith(".customEvents") ? "custom" : (event as EventName);
      const problem = eventRuleProblem(rule, name, destination);
      if (problem !== undefined) {
        const got = rule.name === undefined ? showValue(field, mapping) : JSON.stringify(rule.name);
        problems.push({ field: `${field}.${event}`, rule: problem, got });
      }
      return [event, rule];
    }),
  );
}

/** A rule without a name rests on the destination's own name: where there is none, it would silently send nothing. */
function eventRuleProblem(
  rule: EventRule,
  event: EventName,
  destination: NamingDestination | undefined,
): string | undefined {
  if (rule.name !== undefined) return destination?.eventNameProblem?.(rule.name);
  if (rule.drop === true || destination?.eventNames === undefined) return undefined;
  if (destination.eventNames[event] !== undefined) return undefined;
  return `needs a name: ${destination.id} has none of its own for it, and would skip the event`;
}
