import * as fc from "fast-check";
import { evaluate } from "../src/iam.ts";
import type { PolicyStatementModel } from "../src/model.ts";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs";

function statement(more: Partial<PolicyStatementModel> = {}): PolicyStatementModel {
  return { effect: "Allow", actions: ["sqs:SendMessage"], resources: [QUEUE], conditions: {}, ...more };
}

test("nothing is allowed that no statement allows", () => {
  expect(evaluate([], "sqs:SendMessage", QUEUE)).toEqual({
    allowed: false,
    reason: "because no identity-based policy allows the sqs:SendMessage action",
  });
  expect(evaluate([statement()], "sqs:ReceiveMessage", QUEUE).allowed).toBe(false);
  expect(evaluate([statement()], "sqs:SendMessage", `${QUEUE}-other`).allowed).toBe(false);
});

test.each([
  ["sqs:*", QUEUE, true],
  ["SQS:sendmessage", QUEUE, true],
  ["sqs:Send*", "arn:aws:sqs:*:*:jobs", true],
  ["sqs:Send?essage", "*", true],
  ["sqs:Send", QUEUE, false],
  ["sqs:SendMessage", QUEUE.toUpperCase(), false],
  ["sqs:SendMessage", QUEUE.replaceAll(":", "."), false],
])("the pattern %s on %s: %s", (action, resource, expected) => {
  const statements = [statement({ actions: [action], resources: [resource] })];
  expect(evaluate(statements, "sqs:SendMessage", QUEUE).allowed).toBe(expected);
});

test("a pattern is no regular expression: any text matches itself and no other", () => {
  const text = fc.string({ minLength: 1 }).filter((value) => !/[*?]/.test(value));
  fc.assert(
    fc.property(text, text, (pattern, resource) => {
      const { allowed } = evaluate([statement({ resources: [pattern] })], "sqs:SendMessage", resource);
      expect(allowed).toBe(pattern === resource);
    }),
  );
});

test("a Deny wins over any Allow, in either order", () => {
  const deny = statement({ effect: "Deny", actions: ["sqs:*"] });
  for (const statements of [
    [statement(), deny],
    [deny, statement()],
  ]) {
    expect(evaluate(statements, "sqs:SendMessage", QUEUE)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining("explicit deny"),
    });
  }
});

test("NotAction and NotResource take everything else", () => {
  const statements = [statement({ actions: [], notActions: ["iam:*"], resources: [], notResources: [QUEUE] })];
  expect(evaluate(statements, "sqs:SendMessage", `${QUEUE}-other`).allowed).toBe(true);
  expect(evaluate(statements, "sqs:SendMessage", QUEUE).allowed).toBe(false);
  expect(evaluate(statements, "iam:PassRole", `${QUEUE}-other`).allowed).toBe(false);
});

test.each([
  ["ForAllValues:StringLike", ["DEST#meta#1", "DEST#meta#2"], ["DEST#meta#*"], true],
  ["ForAllValues:StringLike", ["DEST#meta#1", "EVENT"], ["DEST#meta#*"], false],
  ["ForAllValues:StringEquals", [], ["x"], true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["b"], true],
  ["ForAnyValue:StringEquals", [], ["b"], false],
  ["StringEquals", ["a"], ["A"], false],
  ["StringEqualsIgnoreCase", ["a"], ["A"], true],
  ["StringNotEquals", ["a"], ["a"], false],
  ["StringNotEquals", [], ["a"], true],
  ["StringEqualsIfExists", [], ["a"], true],
  ["StringLike", [], ["*"], false],
  ["ArnLike", [QUEUE], ["arn:aws:sqs:*:*:j?bs"], true],
  ["Bool", ["true"], ["true"], true],
  ["Bool", ["false"], ["true"], false],
  ["NumericLessThanEquals", ["5"], ["5"], true],
  ["Null", [], ["false"], false],
])("%s: %j against %j is %s", (operator, values, wanted, expected) => {
  const statements = [statement({ conditions: { [operator]: { "dynamodb:LeadingKeys": wanted } } })];
  const context = values.length === 0 ? {} : { "dynamodb:leadingkeys": values };
  expect(evaluate(statements, "sqs:SendMessage", QUEUE, context).allowed).toBe(expected);
});

test("an operator that is not known denies, and says so, even beside a plain Allow", () => {
  const odd = statement({ conditions: { DateLessThan: { "aws:CurrentTime": ["2030-01-01"] } } });
  expect(evaluate([odd, statement()], "sqs:SendMessage", QUEUE)).toEqual({
    allowed: false,
    reason: "the local stack does not know the condition operator DateLessThan",
  });
});
