import { outbrain } from "../../src/destinations/outbrain.ts";

test("there is nothing that it needs", () => {
  expect(outbrain.settings.parse({})).toEqual({ sendTime: false });
  expect(() => outbrain.settings.parse({ sendTime: "yes" })).toThrow("sendTime: must be true or false");
});

test.each(["make_purchase", "Anfrage für Küche", "L"])("a conversion may be called %j", (name) => {
  expect(outbrain.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", " lead", "lead ", "le\nad", "x".repeat(256)])("a conversion is not called %j", (name) => {
  expect(outbrain.eventNameProblem?.(name)).toContain("exactly as it is written there");
});

test("no secret is asked for", () => {
  expect(outbrain.credentials).toEqual([]);
  expect(outbrain.credentialProblem).toBeUndefined();
});
