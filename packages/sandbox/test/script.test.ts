import { ControlError } from "../src/control-error.ts";
import { createScript } from "../src/script.ts";

const fire = (script: ReturnType<typeof createScript>, requests: number) =>
  Array.from({ length: requests }, () => script.next("meta", "graph.facebook.com")?.status ?? 0);

test("fires at most `times`, then the next rule", () => {
  const script = createScript(() => 0);
  script.set({
    platform: "meta",
    rules: [
      { status: 500, times: 2 },
      { status: 429, times: 1 },
    ],
  });
  expect(fire(script, 4)).toEqual([500, 500, 429, 0]);
});

test("fires at every n-th request", () => {
  const script = createScript(() => 0);
  script.set({ platform: "meta", rules: [{ status: 500, every: 3 }] });
  expect(fire(script, 7)).toEqual([0, 0, 500, 0, 0, 500, 0]);
});

test("fires by chance", () => {
  const rolls = [0.1, 0.5, 0.29, 0.3];
  const script = createScript(() => rolls.shift() ?? 1);
  script.set({ platform: "meta", rules: [{ status: 500, probability: 0.3 }] });
  expect(fire(script, 4)).toEqual([500, 0, 500, 0]);
});

test("a host's rules win over its platform's, and setting replaces", () => {
  const script = createScript(() => 0);
  script.set({ platform: "webhook", rules: [{ status: 500 }] });
  script.set({ host: "a.example", rules: [{ status: 503 }] });
  expect(script.next("webhook", "a.example")?.status).toBe(503);
  expect(script.next("webhook", "b.example")?.status).toBe(500);
  expect(script.next("meta", "graph.facebook.com")).toBeUndefined();
  script.set({ platform: "webhook", rules: [{ status: 502 }] });
  expect(script.next("webhook", "b.example")?.status).toBe(502);
  script.clear();
  expect([script.next("webhook", "b.example"), script.rules()]).toEqual([undefined, []]);
});

test.each([
  ["no object", undefined, "JSON object"],
  ["no target", { rules: [{ status: 500 }] }, "either platform or host"],
  ["two targets", { platform: "meta", host: "a.example", rules: [{}] }, "either platform or host"],
  ["an unknown platform", { platform: "nobody", rules: [{}] }, "platform must be one of"],
  ["no rules", { platform: "meta", rules: [] }, "at least one rule"],
  ["a misspelt field", { platform: "meta", rules: [{ statusCode: 500 }] }, "rules[0].statusCode"],
  ["a status out of range", { platform: "meta", rules: [{ status: 99 }] }, "rules[0].status"],
  ["a chance over 1", { platform: "meta", rules: [{ probability: 30 }] }, "rules[0].probability"],
  ["headers of numbers", { platform: "meta", rules: [{ headers: { "retry-after": 1 } }] }, "rules[0].headers"],
])("refuses a script with %s", (_, input, message) => {
  const script = createScript(() => 0);
  expect(() => script.set(input)).toThrow(ControlError);
  expect(() => script.set(input)).toThrow(message);
});
