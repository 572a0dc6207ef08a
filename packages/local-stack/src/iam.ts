import type { PolicyStatementModel } from "./model.ts";

/** Condition keys of one request: `dynamodb:LeadingKeys` → the keys it touches. */
export type RequestContext = Readonly<Record<string, readonly string[]>>;

/** What a role may do, with the reason that AWS's own message gives. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Decides as IAM does for one principal of one account: an explicit Deny wins, and without an Allow it is no. */
export function evaluate(
  statements: readonly PolicyStatementModel[],
  action: string,
  resource: string,
  context: RequestContext = {},
): Decision {
  let isAllowed = false;
  for (const statement of statements) {
    if (!matchesAction(statement, action) || !matchesResource(statement, resource)) continue;
    const verdict = conditionsHold(statement.conditions, context);
    if (verdict.unknown !== undefined) {
      return { allowed: false, reason: `the local stack does not know the condition operator ${verdict.unknown}` };
    }
    if (!verdict.hold) continue;
    if (statement.effect === "Deny") {
      return { allowed: false, reason: "with an explicit deny in an identity-based policy" };
    }
    isAllowed = true;
  }
  return isAllowed
    ? { allowed: true }
    : { allowed: false, reason: `because no identity-based policy allows the ${action} action` };
}

function matchesAction({ actions, notActions }: PolicyStatementModel, action: string): boolean {
  if (notActions !== undefined) return !notActions.some((pattern) => matches(pattern, action, true));
  return actions.some((pattern) => matches(pattern, action, true));
}

function matchesResource({ resources, notResources }: PolicyStatementModel, resource: string): boolean {
  if (notResources !== undefined) return !notResources.some((pattern) => matches(pattern, resource));
  return resources.some((pattern) => matches(pattern, resource));
}

interface ConditionVerdict {
  readonly hold: boolean;
  readonly unknown?: string;
}

/** All operators and all keys must hold. An unknown operator makes the whole statement undecidable. */
function conditionsHold(conditions: PolicyStatementModel["conditions"], context: RequestContext): ConditionVerdict {
  let hold = true;
  for (const [operator, keys] of Object.entries(conditions)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const result = conditionHolds(operator, valuesOf(context, key), wanted);
      if (result === undefined) return { hold: false, unknown: operator };
      hold &&= result;
    }
  }
  return { hold };
}

type Test = (value: string, wanted: string) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StringLike: (value, wanted) => matches(wanted, value),
  ArnEquals: (value, wanted) => matches(wanted, value),
  ArnLike: (value, wanted) => matches(wanted, value),
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (value, wanted) => Number(value) === Number(wanted),
  NumericLessThan: (value, wanted) => Number(value) < Number(wanted),
  NumericLessThanEquals: (value, wanted) => Number(value) <= Number(wanted),
  NumericGreaterThan: (value, wanted) => Number(value) > Number(wanted),
  NumericGreaterThanEquals: (value, wanted) => Number(value) >= Number(wanted),
};

/** `undefined`: not an operator known here. */
function conditionHolds(
  operator: string,
  values: readonly string[] | undefined,
  wanted: readonly string[],
): boolean | undefined {
  if (operator === "Null") return wanted.some((flag) => (flag === "true") === (values === undefined));
  const [, quantifier, name = "", ifExists] = /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const negated = NEGATIONS[name];
  const test = TESTS[negated ?? name];
  if (test === undefined) return undefined;
  if (values === undefined || values.length === 0) {
    // ForAllValues holds for a key that is absent, as do negations; everything else needs the key.
    return (
      quantifier === "ForAllValues:" || ifExists !== undefined || (negated !== undefined && quantifier === undefined)
    );
  }
  const one = (value: string) => wanted.some((candidate) => test(value, candidate)) !== (negated !== undefined);
  return quantifier === "ForAllValues:" ? values.every(one) : values.some(one);
}

const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
};

/** Keys of conditions are case-insensitive. */
function valuesOf(context: RequestContext, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

const patterns = new Map<string, RegExp>();

/** `*` for any text, `?` for any one character, as in every pattern of IAM. */
function matches(pattern: string, text: string, ignoreCase = false): boolean {
  if (pattern === "*") return true;
  const key = `${ignoreCase ? "i" : ""}\n${pattern}`;
  let expression = patterns.get(key);
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", "[\\s\\S]*")
      .replaceAll("?", "[\\s\\S]");
    expression = new RegExp(`^${source}$`, ignoreCase ? "i" : "");
    patterns.set(key, expression);
  }
  return expression.test(text);
}
