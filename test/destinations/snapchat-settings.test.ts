import { snapchat } from "../../src/destinations/snapchat.ts";

const PIXEL = "4a018335-717f-41dd-a66e-58eb2473aa61";

test("defaults", () => {
  expect(snapchat.settings.parse({ pixelId: PIXEL })).toEqual({ pixelId: PIXEL, dataProcessingOption: "LMU" });
});

test.each([
  [{}, "pixelId: must be given, or snapAppId, or both (got nothing)"],
  [{ pixelId: "1234567890" }, 'pixelId: must be the Snap Pixel id, a UUID (got "1234567890")'],
  [{ pixelId: `${PIXEL}/../x` }, "pixelId: must be the Snap Pixel id"],
  [{ snapAppId: "com.example.shop" }, "snapAppId: must be the Snap App id, a UUID"],
  [{ pixelId: PIXEL, iosAppId: "id429047995" }, "iosAppId: must be the app's number in the App Store"],
  [{ pixelId: PIXEL, dataProcessingOption: "lmu" }, "dataProcessingOption: must be one of LMU, LDU"],
  [{ pixelId: PIXEL, pixel: "1" }, "pixel: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => snapchat.settings.parse(settings)).toThrow(message);
});

test.each([
  ["PURCHASE", undefined],
  ["CUSTOM_EVENT_5", undefined],
  ["CUSTOM_EVENT_6", expect.stringContaining("must be one of PURCHASE, SAVE")],
  ["purchase", expect.stringContaining("CUSTOM_EVENT_5")],
  ["*", expect.any(String)],
])("the name %s in the config: %s", (name, problem) => {
  expect(snapchat.eventNameProblem?.(name)).toEqual(problem);
});

test("every name of its own is one that Snapchat knows", () => {
  const names = Object.values(snapchat.eventNames);
  expect(names.map((name) => snapchat.eventNameProblem?.(name))).toEqual(names.map(() => undefined));
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ["eyJhbGciOi.J9-_=", undefined],
  ["", "accessToken is empty or holds characters no token has"],
  ["two words", "accessToken is empty or holds characters no token has"],
  ["token&test=1", "accessToken is empty or holds characters no token has"],
  ["token\r\nx-evil: 1", "accessToken is empty or holds characters no token has"],
  ["token#x", "accessToken is empty or holds characters no token has"],
])("the token %j: %s", (accessToken, problem) => {
  expect(snapchat.credentialProblem?.({ accessToken })).toBe(problem);
});
