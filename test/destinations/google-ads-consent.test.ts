import type { ConsentState } from "../../src/core/consent.ts";
import type { DeliveryContext } from "../../src/core/destination.ts";
import { googleAds } from "../../src/destinations/google-ads.ts";
import { hashedEvent } from "../support/events.ts";

// A config may ask for fewer purposes than the destination does. Then this is all that stands between a refusal and Google.

const CLICK = { gclid: { value: "Cj0KCQiA", seen_at: hashedEvent().event_time } };

const context = {
  lane: "google-ads",
  settings: googleAds.settings.parse({ customerId: "1234567890" }),
  credentials: {},
  now: hashedEvent().event_time,
  testMode: false,
  events: { purchase: { name: "987" } },
} satisfies DeliveryContext<unknown>;

function sent(consent: ConsentState | undefined): Record<string, unknown> {
  const event = hashedEvent({ click_ids: CLICK, ...(consent === undefined ? {} : { consent }) });
  if (consent === undefined) delete event.consent;
  return JSON.parse(googleAds.buildRequest([event], context).body).events[0];
}

test.each<[string, ConsentState | undefined, unknown]>([
  ["nothing", undefined, undefined],
  ["nothing about ads", { ad_storage: "granted", analytics_storage: "granted" }, undefined],
  ["yes to user data", { ad_user_data: "granted" }, { adUserData: "CONSENT_GRANTED" }],
  ["yes to personalisation", { ad_personalization: "granted" }, { adPersonalization: "CONSENT_GRANTED" }],
  ["no to personalisation", { ad_personalization: "denied" }, { adPersonalization: "CONSENT_DENIED" }],
  ["Global Privacy Control", { gpc: true }, { adPersonalization: "CONSENT_DENIED" }],
  [
    "yes, and limited use",
    { ad_user_data: "granted", ad_personalization: "granted", limited_data_use: true },
    { adUserData: "CONSENT_GRANTED", adPersonalization: "CONSENT_DENIED" },
  ],
])("of a person who said %s", (_, consent, expected) => {
  expect(sent(consent).consent).toEqual(expected);
});

test("of a person who refused user data, a lane that may send the click sends nothing about them", () => {
  const event = sent({ ad_user_data: "denied" });
  expect(event.adIdentifiers).toEqual({ gclid: "Cj0KCQiA" });
  expect(event.consent).toEqual({ adUserData: "CONSENT_DENIED" });
  expect(event).not.toHaveProperty("userData");
  expect(event).not.toHaveProperty("eventDeviceInfo");
});

test("without a click such a person cannot be found", () => {
  const event = hashedEvent({ consent: { ad_user_data: "denied" } });
  expect(googleAds.skipReason(event, context)).toMatchObject({ code: "incomplete" });
  expect(googleAds.identifiers(event, context)).toEqual(new Set());
});
