import { appFacts } from "../../src/core/extinfo.ts";
import { purchaseEvent } from "../support/events.ts";

test("sixteen places, empty where nothing is known, and tracking refused until the device allows it", () => {
  const facts = appFacts(purchaseEvent({ app: { platform: "android" }, device: { os_version: "16" } }));
  expect(facts).toEqual({
    advertiser_tracking_enabled: 0,
    application_tracking_enabled: 0,
    extinfo: ["a2", "", "", "", "16", ...Array.from({ length: 11 }, () => "")],
  });
});

test("an address in the name of a device stays here", () => {
  const device = { os_version: "18.5", model: "jane@example.com", advertising_tracking_allowed: true };
  const facts = appFacts(purchaseEvent({ app: { platform: "ios", id: "com.example.shop" }, device }));
  expect(facts?.advertiser_tracking_enabled).toBe(1);
  expect(facts?.extinfo.slice(0, 6)).toEqual(["i2", "com.example.shop", "", "", "18.5", "redacted"]);
});

test("without platform or OS version there is no list", () => {
  expect(appFacts(purchaseEvent({ device: { os_version: "18.5" } }))).toBeUndefined();
  expect(appFacts(purchaseEvent({ app: { platform: "ios" }, device: {} }))).toBeUndefined();
});
