import { readEventInput } from "../../src/core/event-input.ts";
import { mapSdkEvent } from "../../src/sources/sdk-event.ts";

const SETTINGS = { valueFrom: ["value"], categories: {}, lanes: [] } as const;

function mapped(context: unknown) {
  const result = mapSdkEvent({ type: "page", messageId: "m-1", anonymousId: "a-1", context }, SETTINGS, undefined);
  if (result.kind !== "event") throw new Error(`mapped to ${result.kind}`);
  const read = readEventInput(result.input);
  if (!read.ok) throw new Error("an SDK's campaign made the event unreadable");
  return read;
}

test("the campaign of a page call is taken, and the parameters that only some tool knows are not", () => {
  const campaign = { name: "May Sale", source: "newsletter", medium: "email", term: "shoes", content: "top", id: 42 };
  const { input, warnings } = mapped({ campaign: { ...campaign, id: "42", custom: "x", gclid: "Cj0" } });
  expect(input.campaign).toEqual({ ...campaign, id: "42" });
  expect(input.click_ids).toEqual({ gclid: "Cj0" });
  expect(warnings).toEqual([]);
});

test.each([
  ["nothing", undefined],
  ["a list", ["newsletter"]],
  ["texts where an object belongs", "newsletter"],
  ["objects where texts belong", { name: { de: "Mai" }, source: null, medium: "" }],
])("a campaign of %s is none, and costs no event", (_, campaign) => {
  const { input, warnings } = mapped({ campaign });
  expect(input.campaign ?? {}).toEqual({});
  expect(warnings).toEqual([]);
});

test("an overlong name is left out or cut, and the rest stays", () => {
  const { input } = mapped({ campaign: { name: "x".repeat(5_000), source: "newsletter" } });
  expect(input.campaign?.source).toBe("newsletter");
  expect(input.campaign?.name?.length ?? 0).toBeLessThanOrEqual(200);
});
