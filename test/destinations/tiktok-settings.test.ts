import { SettingsError } from "../../src/core/settings-schema.ts";
import { tiktok } from "../../src/destinations/tiktok.ts";

const PIXEL = { pixelCode: "C4A1B2C3D4E5F6G7H8I9" };
const SET = "7302345678901234567";

function issues(input: unknown) {
  try {
    tiktok.settings.parse(input);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.issues.map(({ field }) => field);
    throw error;
  }
}

test.each([
  [PIXEL],
  [{ appId: SET }],
  [{ offlineEventSetId: SET }],
  [{ crmEventSetId: SET, leadEventSource: "salesforce" }],
  [{ ...PIXEL, eventSources: { system_generated: "web", email: "web" }, testEventCode: "TEST12345" }],
])("%j is taken", (input) => {
  expect(issues(input)).toEqual([]);
});

test.each([
  [{}, "pixelCode, appId, offlineEventSetId, crmEventSetId"],
  [{ eventSources: { website: "web" } }, "pixelCode, appId, offlineEventSetId, crmEventSetId"],
  [{ pixelCode: "C4A1-B2" }, "pixelCode"],
  [{ appId: "com.example.shop" }, "appId"],
  [{ offlineEventSetId: 7302345678901 }, "offlineEventSetId"],
  [{ crmEventSetId: "set" }, "crmEventSetId"],
  [{ ...PIXEL, eventSources: { shop: "web" } }, "eventSources.shop"],
  [{ ...PIXEL, eventSources: { website: "store" } }, "eventSources.website"],
  [{ ...PIXEL, leadEventSource: " " }, "leadEventSource"],
  [{ ...PIXEL, testEventCode: "test" }, "testEventCode"],
  [{ ...PIXEL, accessToken: "x" }, "accessToken"],
])("%j is refused for %s", (input, field) => {
  expect(issues(input)).toEqual([field]);
});

test("synth hears of events that go where the lane has no id", () => {
  const settings = tiktok.settings.parse({ ...PIXEL, eventSources: { email: "web", phone_call: "crm" } });
  expect(tiktok.warnings?.(settings, 0)).toEqual([
    "eventSources sends phone_call to crm, and crmEventSetId is missing: such events are skipped",
  ]);
});

test.each([
  ["Purchase", undefined],
  ["Closed won", undefined],
  [" ", "must have 1 to 50 characters"],
  ["a".repeat(51), "must have 1 to 50 characters"],
])("the name %j for an event: %p", (name, problem) => {
  expect(tiktok.eventNameProblem?.(name)).toBe(problem);
});

test.each([
  [{ accessToken: "1234ac663758946dfe" }, undefined],
  [{ accessToken: "two words" }, "accessToken is empty or holds characters no token has"],
  [{}, "accessToken is empty or holds characters no token has"],
])("credentials %j: %p", (credentials, problem) => {
  expect(tiktok.credentialProblem?.(credentials)).toBe(problem);
});
