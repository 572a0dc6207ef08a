import { retryAfterMs, retryOutcome } from "../../src/core/retry-after.ts";

const DATE = "Mon, 23 Nov 2026 12:00:00 GMT";

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": " 120 " }, 120_000],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "Mon, 23 Nov 2026 12:00:30 GMT", date: DATE }, 30_000],
  [{ "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT", date: DATE }, 0],
  // Without the platform's own clock, its date cannot be turned into a wait.
  [{ "retry-after": "Mon, 23 Nov 2026 12:00:30 GMT" }, undefined],
])("%j asks for %s ms", (headers, wait) => {
  expect(retryAfterMs({ headers })).toBe(wait);
});

test("an unknown wait is left out of the outcome", () => {
  expect(retryOutcome("busy")).toStrictEqual({ kind: "retry", reason: "busy" });
  expect(retryOutcome("busy", 0)).toStrictEqual({ kind: "retry", reason: "busy", afterMs: 0 });
});
