import { x } from "../../src/destinations/x.ts";
import { purchaseEvent } from "../support/events.ts";

test("needs the pixel, and leaves out events of which only the device is known", () => {
  expect(x.settings.parse({ pixelId: "o8z6j" })).toEqual({ pixelId: "o8z6j", ipAndUserAgentOnly: "skip" });
});

test.each([undefined, "", "tw-o8z6j", "O8Z6J", 12345])("%s is no pixel", (pixelId) => {
  expect(() => x.settings.parse({ pixelId })).toThrow(/pixelId: must be the id of the pixel/);
});

test.each(["o87ne", "tw-o8z6j-o87ne"])("%s is an event id", (name) => {
  expect(x.eventNameProblem?.(name)).toBeUndefined();
});

test.each(["", "Purchase", "purchase", "lead", "*", "tw-o8z6j", "tw-o8z6j-", "gtm_purchase", "o87ne "])(
  "'%s' is no event id",
  (name) => {
    expect(x.eventNameProblem?.(name)).toMatch(/must be the id of an event/);
  },
);

test.each([undefined, "", "two words", "line\nbreak"])("a pixel token is not %j", (pixelToken) => {
  expect(x.credentialProblem?.(pixelToken === undefined ? {} : { pixelToken })).toMatch(/^pixelToken is empty/);
});

test("events of two ids go in two requests", () => {
  const settings = x.settings.parse({ pixelId: "o8z6j" });
  const context = { lane: "x", settings, credentials: {}, now: 0, testMode: false } as const;
  const events = { purchase: { name: "o87ne" }, lead: { name: "o87nf" }, sign_up: { name: "o87ne" } };
  const keyOf = (name: "purchase" | "lead" | "sign_up") =>
    x.batchKey?.({ ...purchaseEvent(), event_name: name }, { ...context, events });
  expect([keyOf("purchase"), keyOf("lead"), keyOf("sign_up")]).toEqual(["o87ne", "o87nf", "o87ne"]);
});
