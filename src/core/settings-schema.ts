/**
 * Reads a destination's settings. Small and our own because every destination is bundled into λs that never validate:
 * settings are checked once, at synth, and a schema library would be a fifth of a delivery bundle.
 */

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

/** Reads one value; what is wrong is added to `issues`, and the answer is then not used. */
export type Field<Value> = (given: unknown, field: string, issues: SettingsIssue[]) => Value;

/** A text that `accepts` takes; `rule` says what that is, as in "must be digits". */
export function text(rule: string, accepts: (text: string) => boolean = () => true): Field<string> {
  return (given, field, issues) => {
    if (typeof given === "string" && accepts(given)) return given;
    issues.push(issue(field, rule, given));
    return "";
  };
}

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]): Field<Word> {
  return (given, field, issues) => {
    const word = words.find((candidate) => candidate === given);
    if (word === undefined) issues.push(issue(field, `must be one of ${words.join(", ")}`, given));
    return word ?? words[0];
  };
}

/** `true` or `false`. */
export const flag: Field<boolean> = (given, field, issues) => {
  if (typeof given !== "boolean") issues.push(issue(field, "must be true or false", given));
  return given === true;
};

/** A list whose entries are all read by `entry`. */
export function listOf<Value>(entry: Field<Value>): Field<Value[]> {
  return (given, field, issues) => {
    if (Array.isArray(given)) return given.map((value, index) => entry(value, `${field}.${index}`, issues));
    issues.push(issue(field, "must be a list", given));
    return [];
  };
}

/** An object with names and values of one kind each. */
export function recordOf(name: Field<string>, value: Field<string>): Field<Record<string, string>> {
  return (given, field, issues) => {
    if (isPlain(given)) {
      const entries = Object.entries(given).map(([key, inner]) => {
        const at = `${field}.${key}`;
        return [name(key, at, issues), value(inner, at, issues)] as const;
      });
      return Object.fromEntries(entries);
    }
    issues.push(issue(field, "must be an object", given));
    return {};
  };
}

/** `otherwise` when nothing is given. */
export function byDefault<Value, Otherwise extends Value | undefined>(
  field: Field<Value>,
  otherwise: Otherwise,
): Field<Value | Otherwise> {
  return (given, name, issues) => (given === undefined ? otherwise : field(given, name, issues));
}

/** The `settings` of a destination: reads every field, refuses unknown ones, and throws `SettingsError` for any issue. */
export function settingsFrom<Settings extends object>(
  fields: {
    [Name in keyof Settings]-?: Field<Settings[Name]>;
  },
): { parse(input: unknown): Settings } {
  return {
    parse(input = {}) {
      const issues: SettingsIssue[] = [];
      if (!isPlain(input)) throw new SettingsError([issue("settings", "must be an object", input)]);
      for (const name of Object.keys(input)) {
        if (!Object.hasOwn(fields, name)) issues.push(issue(name, "is no setting", input[name]));
      }
      const read = (Object.entries(fields) as [string, Field<unknown>][])
        .map(([name, field]) => [name, field(input[name], name, issues)] as const)
        .filter(([, value]) => value !== undefined);
      if (issues.length > 0) throw new SettingsError(issues);
      return Object.fromEntries(read) as Settings;
    },
  };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function issue(field: string, rule: string, given: unknown): SettingsIssue {
  return { field, rule, got: JSON.stringify(given) ?? "nothing" };
}
