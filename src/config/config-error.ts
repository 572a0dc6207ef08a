/** One thing that is wrong in the configuration. */
export interface ConfigProblem {
  /** Path of the field as the user wrote it, such as `sources.shop-web.origins[0]`. */
  readonly field: string;
  /** The rule it breaks, as an instruction. */
  readonly rule: string;
  /** What was there, as text; anything that looks like a secret is masked. */
  readonly got: string;
}

/** The configuration is wrong. The message lists every problem, so that one run is enough to mend them all. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ field, rule, got }) => `  ${field}: ${rule} (got ${got})`);
    super(`The TrackLayer configuration has ${countOf(problems)}:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function countOf(problems: readonly ConfigProblem[]): string {
  return problems.length === 1 ? "1 problem" : `${problems.length} problems`;
}

const LONGEST_SHOWN = 80;
const SECRET_FIELD = /secret|token|password|api_?key|private_?key|credential|signature/i;
/** Prefixes that platforms give their keys, and long runs of letters and digits that no setting needs. */
const SECRET_VALUE = /^(EAA|whsec_|sk_|rk_|ghp_|xox[a-z]-|AKIA|eyJ)|[A-Za-z0-9+/_=-]{32,}/;

/** A value as an error may show it: short, and masked when it looks like a secret by field or by form. */
export function showValue(field: string, value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string" && isSecret(field, value)) return `a masked text of ${value.length} characters`;
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value, (key, inner) =>
    typeof inner === "string" && isSecret(key, inner) ? "***" : typeof inner === "bigint" ? `${inner}n` : inner,
  );
  if (text === undefined) return typeof value;
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function isSecret(field: string, value: string): boolean {
  // Names of secrets are not secrets, and hold slashes: `tracklayer/production/destination/meta`.
  if (/^tracklayer\/[a-z0-9/-]*$/.test(value)) return false;
  const lastPart = field.split(".").at(-1) ?? field;
  return (SECRET_FIELD.test(lastPart) && value.length > 0) || SECRET_VALUE.test(value);
}
