import fc from "fast-check";
import { failureCause } from "../../src/core/failure-cause.ts";

test.each([
  [
    "190/463: Error validating access token: Session has expired on Monday, 23-Nov-26 04:00:00 PST (fbtrace_id AbC123dEfG)",
    "190/463: Error validating access token: Session has expired on Monday, … …:…:… PST (fbtrace_id …)",
  ],
  ["100: Invalid parameter (fbtrace_id AGGUvufjuxhUjarTEetlVb)", "100: Invalid parameter (fbtrace_id …)"],
  ["Internal error, request_id=kjhgfdsaPoiu, retry", "Internal error, request_id=…, retry"],
  ["HTTP 400", "HTTP 400"],
  ["HTTP 429: slow down for 17 seconds", "HTTP 429: slow down for … seconds"],
  ["Invalid parameter (code 100, 2804050)", "Invalid parameter (code 100, …)"],
  ["(#100) Param data[3]['value'] must be a number", '(#100) Param data[…]["…"] must be a number'],
  ['"order-17" is not a known order', '"…" is not a known order'],
  ["event order-100017 is 8 days old", "event … is … days old"],
  ["INVALID_ARGUMENT_12: conversion_action 12345678", "INVALID_ARGUMENT_12: conversion_action …"],
  ["2026-11-23T12:00:00Z is in the future", "… is in the future"],
  ["customer's click isn't known", "customer's click isn't known"],
  ["3f2504e0-4f89-11d3-9a0c-0305e82c3301: unknown", "…: unknown"],
  ["HTTP 400: click 35250400-4089-1103-9000-030508203301 is unknown", "HTTP 400: click … is unknown"],
])("%s", (reason, cause) => {
  expect(failureCause(reason)).toBe(cause);
});

const WORDS = fc.array(fc.constantFrom("invalid", "click", "is", "missing", "value", "for", "event"), {
  minLength: 1,
  maxLength: 5,
});
const VARYING = fc.oneof(
  fc.uuid(),
  fc.integer({ min: 0, max: 1e12 }).map(String),
  fc.stringMatching(/^[a-z]{4}[0-9]{6}[a-z]{2}$/),
  fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."ab1 2-_@.") }).map((text) => `"${text}"`),
);

test("reasons that differ in an id, a number or a quoted value have one cause", () => {
  fc.assert(
    fc.property(WORDS, WORDS, VARYING, VARYING, (before, after, one, other) => {
      const reason = (value: string) => `HTTP 400: ${before.join(" ")} ${value} ${after.join(" ")}`;
      const bare = (text: string) => failureCause(text).replaceAll('"…"', "…");
      expect(bare(reason(one))).toBe(bare(reason(other)));
      expect(bare(reason(one))).toMatch(/^HTTP 400: /);
    }),
  );
});

test("any text has a cause of bounded length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 600, unit: "binary" }), (reason) => {
      expect(failureCause(reason).length).toBeLessThanOrEqual(200);
    }),
  );
});
