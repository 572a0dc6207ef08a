import fc from "fast-check";
import { readEventInput } from "../../src/core/event-input.ts";
import { appFrom } from "../../src/sources/sdk-app.ts";

test.each([
  [{ device: { type: "ios" } }, undefined, "ios"],
  [{ os: { name: "iPadOS" } }, undefined, "ios"],
  [{ os: { name: "Android" } }, undefined, "android"],
  [{}, "analytics-kotlin/1.16", "android"],
  [{}, "analytics-ios/4.1", "ios"],
  [{}, "analytics-swift/1", "ios"],
  [{ device: { type: "android" } }, "analytics-react-native", "android"],
  [{ os: { name: "Linux" } }, "analytics-node/3", undefined],
  [{ os: { name: "macOS" }, device: "x" }, "studios-sdk", undefined],
])("%j of %s is %s", (context, library, platform) => {
  expect(appFrom(context, library).app?.platform).toBe(platform);
});

test.each([
  [{ adTrackingEnabled: true, advertisingId: "id" }, true, "id"],
  [{ adTrackingEnabled: false, advertisingId: "id" }, false, undefined],
  [{ attTrackingStatus: 3, adTrackingEnabled: false, advertisingId: "id" }, true, "id"],
  [{ attTrackingStatus: 2, adTrackingEnabled: true, advertisingId: "id" }, false, undefined],
  [{ advertisingId: "00000000-0000-0000-0000-000000000000" }, undefined, undefined],
  [{ advertisingId: "id" }, undefined, "id"],
])("%j allows tracking: %p", (device, allowed, id) => {
  expect(appFrom({ device: { type: "ios", ...device } }, undefined).device).toMatchObject({
    advertising_tracking_allowed: allowed,
    advertising_id: id,
  });
});

test.each([
  ["ios", "IDFV-1"],
  ["android", undefined],
])("the device id of %s is the vendor's: %p", (type, id) => {
  expect(appFrom({ device: { type, id: "IDFV-1" } }, undefined).device?.vendor_id).toBe(id);
});

test("whatever a context holds, the contract takes what is read from it", () => {
  const parts = fc.constantFrom("os", "app", "device", "screen", "network", "locale", "timezone");
  const fields = fc.constantFrom("type", "name", "version", "namespace", "build", "model", "width", "carrier");
  const context = fc.dictionary(parts, fc.oneof(fc.jsonValue(), fc.dictionary(fields, fc.jsonValue())));
  fc.assert(
    fc.property(context, (given) => {
      const result = readEventInput({ event_name: "lead", ...appFrom({ os: { name: "iOS" }, ...given }, "ios") });
      expect(result).toMatchObject({ ok: true, warnings: [] });
    }),
  );
});
