import type { Destination } from "../core/destination.ts";
import { SettingsError } from "../core/settings-schema.ts";
import { type ConfigProblem, showValue } from "./config-error.ts";
import { valueAt } from "./schema-problems.ts";

/** The destination's own check; its problems are moved under the lane's field. */
export function parseSettings(
  destination: Pick<Destination, "settings">,
  field: string,
  settings: unknown,
  problems: ConfigProblem[],
): unknown {
  try {
    return destination.settings.parse(settings);
  } catch (error) {
    problems.push(...settingsProblems(error, field, settings));
    return undefined;
  }
}

function settingsProblems(error: unknown, field: string, settings: unknown): ConfigProblem[] {
  if (!(error instanceof SettingsError)) {
    const rule = error instanceof Error ? error.message : String(error);
    return [{ field, rule, got: showValue(field, settings) }];
  }
  return error.issues.map((issue) => {
    const own = issue.field === "settings" && !hasOwnField(settings, "settings");
    const name = own ? field : `${field}.${issue.field}`;
    const value = own ? settings : valueAt(settings, issue.field.split("."));
    return { field: name, rule: issue.rule, got: showValue(name, value) };
  });
}

function hasOwnField(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}
