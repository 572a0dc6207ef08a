import { ControlError } from "./control-error.ts";
import type { Platform } from "./model.ts";
import { PLATFORM_IDS } from "./platforms.ts";
import { checkFields, count, isObject, listOf, matching, number, object, oneOf, type Rule, text } from "./rules.ts";

/** One way to misbehave. Without `status`, `reset` or `rejectEventIds` it only delays. */
export interface ScriptRule {
  /** HTTP status in place of the platform's own answer. */
  readonly status?: number;
  /** Body for that status, as text; the platform's own error shape when absent. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Wait before answering, ms. */
  readonly delayMs?: number;
  /** Fire at most so often; for ever when absent. */
  readonly times?: number;
  /** Fire at every n-th request that the rule sees. */
  readonly every?: number;
  /** Fire with this chance, 0 to 1. */
  readonly probability?: number;
  /** Whether the platform counted the events before it failed (`after`) or never saw them (`before`, the default). */
  readonly effect?: "before" | "after";
  /** Reset the connection in place of an answer. */
  readonly reset?: boolean;
  /** Refuse these events in the platform's own shape. */
  readonly rejectEventIds?: readonly string[];
}

/** Whom the rules are for: a platform, or one host (which wins). */
interface ScriptTarget {
  readonly platform?: Platform;
  readonly host?: string;
}

/** The misbehaviour in force. */
export interface Script {
  /** Replaces the rules of this target. Throws `ControlError` for what it cannot read. */
  set(request: unknown): void;
  clear(): void;
  /** The first rule that fires for this request; token endpoints are no platform's and known by their host. */
  next(platform: Platform | undefined, host: string): ScriptRule | undefined;
  rules(): (ScriptTarget & { rules: readonly ScriptRule[] })[];
}

interface ActiveRule {
  readonly rule: ScriptRule;
  seen: number;
  fired: number;
}

const status: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599 ? undefined : "must be 200 to 599";
const positive: Rule = (value) => (Number.isInteger(value) && Number(value) > 0 ? undefined : "must be 1 or more");
const chance: Rule = (value) =>
  number(value) ?? (Number(value) >= 0 && Number(value) <= 1 ? undefined : "must be 0 to 1");
const anyText: Rule = (value) => (typeof value === "string" ? undefined : "must be a string");
const headerTable: Rule = (value) =>
  isObject(value) && Object.values(value).every((header) => typeof header === "string")
    ? undefined
    : "must be an object of strings";

const RULE_FIELDS: Readonly<Record<keyof ScriptRule, Rule>> = {
  status,
  body: anyText,
  headers: headerTable,
  delayMs: count,
  times: positive,
  every: positive,
  probability: chance,
  effect: oneOf("before", "after"),
  reset: oneOf(true, false),
  rejectEventIds: listOf(text),
};

/** Scripted misbehaviour; `random` is uniform in [0, 1). */
export function createScript(random: () => number): Script {
  const active = new Map<string, ScriptTarget & { rules: ActiveRule[] }>();

  const fires = (candidate: ActiveRule): boolean => {
    const { times, every, probability } = candidate.rule;
    candidate.seen += 1;
    if (times !== undefined && candidate.fired >= times) return false;
    if (every !== undefined && candidate.seen % every !== 0) return false;
    if (probability !== undefined && random() >= probability) return false;
    candidate.fired += 1;
    return true;
  };

  return {
    set(request) {
      const { target, rules } = parseScript(request);
      active.set(targetKey(target), { ...target, rules: rules.map((rule) => ({ rule, seen: 0, fired: 0 })) });
    },
    clear: () => active.clear(),
    next(platform, host) {
      const script =
        active.get(targetKey({ host })) ?? (platform === undefined ? undefined : active.get(targetKey({ platform })));
      return script?.rules.find(fires)?.rule;
    },
    rules: () =>
      [...active.values()].map(({ rules, ...target }) => ({ ...target, rules: rules.map(({ rule }) => rule) })),
  };
}

function targetKey({ platform, host }: ScriptTarget): string {
  return host === undefined ? `platform ${platform}` : `host ${host}`;
}

function parseScript(request: unknown): { target: ScriptTarget; rules: ScriptRule[] } {
  if (!isObject(request)) throw new ControlError("a script is a JSON object");
  const problems = checkFields(request, "", {
    platform: oneOf(...PLATFORM_IDS),
    host: matching(/^[a-z0-9.-]+$/, "host name in lower case, without port"),
    rules: listOf(object),
  });
  const { platform, host } = request;
  if ((platform === undefined) === (host === undefined)) throw new ControlError("give either platform or host");
  const rules: readonly unknown[] = Array.isArray(request.rules) ? request.rules : [];
  if (rules.length === 0) throw new ControlError("rules must hold at least one rule");
  for (const [index, rule] of rules.entries()) {
    if (isObject(rule)) problems.push(...checkFields(rule, `rules[${index}]`, RULE_FIELDS));
  }
  const [first] = problems;
  if (first !== undefined) throw new ControlError(`${first.path} ${first.message}`);
  return { target: { platform, host } as ScriptTarget, rules: rules as ScriptRule[] };
}
