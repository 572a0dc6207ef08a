import { createHash } from "node:crypto";
import { BlockList, isIP } from "node:net";

/** Says what is wrong with a value, or nothing when it is right. */
export type Rule = (value: unknown) => string | undefined;

/** A field of a request that breaks a rule. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  /** Whether the value is wrong, the field absent, or its name not one of the API's. */
  readonly kind: "value" | "missing" | "unknown";
}

/** An object of unknown fields, as parsed from a request. */
export type JsonObject = { readonly [key: string]: unknown };

const EMPTY_DIGEST = createHash("sha256").update("").digest("hex");
const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));

const PRIVATE_ADDRESSES = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, prefix, "ipv6");
}

/** True for a JSON object, not for a list or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON text → value, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes every value. */
export const anything: Rule = () => undefined;
/** Text that says something. */
export const text: Rule = (value) =>
  typeof value === "string" && value.trim() !== "" ? undefined : "must be a non-empty string";
/** A JSON number: never text that looks like one. */
export const number: Rule = (value) => (typeof value === "number" ? undefined : "must be a number");
/** A whole number that JSON carries exactly. */
export const integer: Rule = (value) => (Number.isSafeInteger(value) ? undefined : "must be an integer");
/** True or false, not 0 or 1. */
export const boolean: Rule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
/** An object of any content. */
export const object: Rule = (value) => (isObject(value) ? undefined : "must be an object");

/** Negative amounts are never conversions. */
export const amount: Rule = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "must be a number, not negative";
/** How many of something. */
export const count: Rule = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "must be an integer, not negative";

/** A digest as platforms take it; the empty string's inflates coverage and matches nobody. */
export const sha256: Rule = (value) => {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    return "must be a SHA-256 digest: 64 lower-case hex digits";
  }
  return value === EMPTY_DIGEST ? "is the digest of the empty string" : undefined;
};

/** One digest or several, none of them the empty string's. */
export const sha256List: Rule = (value) => {
  if (!Array.isArray(value) || value.length === 0) return "must be a non-empty array of SHA-256 digests";
  return firstProblem(value, sha256);
};

/** A currency that exists. */
export const currency: Rule = (value) =>
  typeof value === "string" && CURRENCIES.has(value) ? undefined : "must be an ISO 4217 code in upper case";

/** An address that a person's device can have on the internet; documentation ranges pass. */
export const publicIp: Rule = (value) => {
  const family = typeof value === "string" ? isIP(value) : 0;
  if (family === 0) return "must be an IPv4 or IPv6 address";
  return PRIVATE_ADDRESSES.check(String(value), family === 4 ? "ipv4" : "ipv6")
    ? "must be a public address"
    : undefined;
};

/** A page's address. */
export const webUrl: Rule = (value) =>
  typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value) ? undefined : "must be an http(s) URL";

/** An id in clear that is no personal datum. */
export const opaqueId: Rule = (value) => {
  const problem = text(value);
  if (problem !== undefined) return problem;
  if (value === EMPTY_DIGEST) return "is the digest of the empty string";
  return looksLikeEmail(value) ? "must not be an e-mail address in clear" : undefined;
};

function looksLikeEmail(value: unknown): boolean {
  return typeof value === "string" && /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(value);
}

const EMAIL = /[^\s/?&=#;@](?:@|%(?:25)*40)[^\s/?&=#;@]*\.[a-z]{2,}/i;

/** Paths of all texts in here that hold an e-mail address, encoded or not; what lies at an exempt path is not looked at. */
export function pathsOfEmails(value: unknown, path: string, exempt: ReadonlySet<string>): string[] {
  if (exempt.has(path)) return [];
  if (typeof value === "string") return EMAIL.test(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((inner, index) => pathsOfEmails(inner, `${path}[${index}]`, exempt));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOfEmails(inner, path === "" ? name : `${path}.${name}`, exempt),
  );
}

/** A UUID of any version, lower or upper case. */
export const uuid: Rule = (value) =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
    ? undefined
    : "must be a UUID";

/** A phone number in clear: plus and 7 to 15 digits. */
export const phoneE164: Rule = (value) =>
  typeof value === "string" && /^\+[1-9]\d{6,14}$/.test(value) ? undefined : "must be a phone number in E.164";

/** An e-mail address in clear. */
export const email: Rule = (value) =>
  looksLikeEmail(value) && value === String(value).trim() ? undefined : "must be an e-mail address";

/** Country as ISO 3166-1 alpha-2 in upper case. */
export const country: Rule = (value) =>
  typeof value === "string" && /^[A-Z]{2}$/.test(value)
    ? undefined
    : "must be an ISO 3166-1 alpha-2 code in upper case";

/** A decimal number as text with at most so many places ("149.85"); `signed` also lets a minus pass. */
export function decimalText(most: number, signed: "signed" | "unsigned" = "unsigned"): Rule {
  return (value) => {
    const found = typeof value === "string" ? /^(-?)(?:0|[1-9]\d*)(?:\.(\d+))?$/.exec(value) : null;
    if (found === null) return "must be a decimal number as text";
    if (found[1] === "-" && signed === "unsigned") return "must not be negative";
    return (found[2]?.length ?? 0) > most ? `must have at most ${most} decimal places` : undefined;
  };
}

/** Text of at most so many characters, as people count them. */
export function textUpTo(most: number): Rule {
  return (value) =>
    text(value) ?? ([...String(value)].length > most ? `must have at most ${most} characters` : undefined);
}

/** An array of so many entries, each of which keeps the rule. */
export function listOfUpTo(most: number, rule: Rule, least = 0): Rule {
  return (value) => {
    if (!Array.isArray(value)) return "must be an array";
    if (value.length < least || value.length > most)
      return `must hold ${least} to ${most} entries, has ${value.length}`;
    return firstProblem(value, rule);
  };
}

/** Each of several rules; the first that is broken speaks. */
export function allOf(...rules: readonly Rule[]): Rule {
  return (value) => {
    for (const rule of rules) {
      const problem = rule(value);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** A form given by a pattern; `form` is what people read. */
export function matching(pattern: RegExp, form: string): Rule {
  return (value) => (typeof value === "string" && pattern.test(value) ? undefined : `must have the form ${form}`);
}

/** One of these values and types. */
export function oneOf(...allowed: readonly unknown[]): Rule {
  return (value) => (allowed.includes(value) ? undefined : `must be one of ${allowed.join(", ")}`);
}

/** An array whose every entry keeps the rule. */
export function listOf(rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value)) return "must be an array";
    return firstProblem(value, rule);
  };
}

/** One value, or a non-empty array of them. */
export function oneOrMany(rule: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value)) return rule(value);
    return value.length === 0 ? "must not be an empty array" : firstProblem(value, rule);
  };
}

function firstProblem(values: readonly unknown[], rule: Rule): string | undefined {
  for (const [index, value] of values.entries()) {
    const problem = rule(value);
    if (problem !== undefined) return `[${index}] ${problem}`;
  }
  return undefined;
}

/** Checks the fields of an object against a table; `unknown` names the rule for fields the table does not have. */
export function checkFields(
  value: JsonObject,
  path: string,
  rules: Readonly<Record<string, Rule>>,
  unknown?: Rule,
): Problem[] {
  const problems: Problem[] = [];
  for (const [name, content] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : unknown;
    const at = path === "" ? name : `${path}.${name}`;
    if (rule === undefined) problems.push({ path: at, message: "is not a field of this API", kind: "unknown" });
    else {
      const message = rule(content);
      if (message !== undefined) problems.push({ path: at, message, kind: "value" });
    }
  }
  return problems;
}

/** Problems as the lines that a judgement keeps. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ path, message }) => `${path} ${message}`.trim());
}

/** Which of these fields are absent. */
export function missingFields(value: JsonObject, path: string, names: readonly string[]): Problem[] {
  return names
    .filter((name) => value[name] === undefined)
    .map((name) => ({
      path: path === "" ? name : `${path}.${name}`,
      message: "is required",
      kind: "missing" as const,
    }));
}
