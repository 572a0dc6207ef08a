import type * as z from "zod/mini";

/** One wrong setting: where, what was expected, and what came. */
export interface SettingsIssue {
  readonly field: string;
  readonly rule: string;
  readonly got: string;
}

/** Thrown for wrong settings, with every issue in the message and as data. */
export class SettingsError extends Error {
  readonly issues: readonly SettingsIssue[];
  constructor(issues: readonly SettingsIssue[]) {
    super(issues.map(({ field, rule, got }) => `${field}: ${rule} (got ${got})`).join("; "));
    this.name = "SettingsError";
    this.issues = issues;
  }
}

/** The `settings` of a destination from a schema: parses, applies defaults, and throws `SettingsError`. */
export function settingsFrom<Settings>(schema: z.ZodMiniType<Settings>): { parse(input: unknown): Settings } {
  return {
    parse(input) {
      const result = schema.safeParse(input ?? {}, { reportInput: true });
      if (result.success) return result.data;
      throw new SettingsError(
        result.error.issues.map((issue) => ({
          field: issue.path.join(".") || "settings",
          rule: issue.code === "unrecognized_keys" ? `unknown: ${issue.keys.join(", ")}` : issue.message,
          got: JSON.stringify(issue.input) ?? "nothing",
        })),
      );
    },
  };
}
