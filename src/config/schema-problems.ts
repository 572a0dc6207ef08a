import type { z } from "zod";
import { type ConfigProblem, showValue } from "./config-error.ts";
import { didYouMean } from "./did-you-mean.ts";
import { ID } from "./field-rules.ts";
import { knownFields } from "./known-fields.ts";

/** An issue in the user's words; one of several unknown keys becomes one problem for each. */
export function problemsOf(issue: z.core.$ZodIssue, root: unknown): ConfigProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const rule = withHint("is not a known field", key, knownFields(issue.path));
      return { field: fieldName(path), rule, got: showValue(fieldName(path), valueAt(root, path)) };
    });
  }
  const inner = issuesOfOneBranch(issue, valueAt(root, issue.path));
  if (inner !== undefined) return inner.flatMap((one) => problemsOf(one, root));
  const field = fieldName(issue.path);
  const got = showValue(field, valueAt(root, issue.path));
  return [{ field, rule: got === "nothing" ? `is required; ${issue.message}` : issue.message, got }];
}

/** An object fits one alternative at most of "a name, false, or an object": what is wrong inside of it says more. */
function issuesOfOneBranch(issue: z.core.$ZodIssue, given: unknown): z.core.$ZodIssue[] | undefined {
  if (issue.code !== "invalid_union" || typeof given !== "object" || given === null) return undefined;
  const fitting = issue.errors.filter((branch) =>
    branch.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"),
  );
  // Alternatives that are all objects (conditions, values) are told best by the sentence that lists them.
  if (fitting.length !== 1) return undefined;
  return fitting[0]?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The key of a source or a lane is its id: names of queues, functions and secrets are made of it. */
export function checkId(field: string, id: string, problems: ConfigProblem[]): void {
  const checked = ID.safeParse(id);
  if (checked.success) return;
  for (const issue of checked.error.issues) {
    problems.push({ field, rule: `its id ${issue.message}`, got: showValue("id", id) });
  }
}

/** A rule with the known name that a mistyped one was probably meant to be. */
export function withHint(rule: string, typed: string, known: readonly string[]): string {
  const meant = didYouMean(typed, known);
  return meant === undefined ? rule : `${rule}; did you mean "${meant}"?`;
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`),
    "",
  );
  return name === "" ? "config" : name.replace(/^\./, "");
}

/** What stands at a path of the user's input; nothing where the path leaves it. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    root,
  );
}
