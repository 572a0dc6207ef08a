import type { ConsentState, ConsentValue } from "../../src/core/consent.ts";
import { eventForLane, type Lane, routeEvent } from "../../src/core/routing.ts";
import { ga4 } from "../../src/destinations/ga4.ts";
import { purchaseEvent } from "../support/events.ts";

const all = (value: ConsentValue) => ({
  ad_storage: value,
  ad_user_data: value,
  ad_personalization: value,
  analytics_storage: value,
});

const lane: Lane = {
  id: "ga4",
  destination: ga4 as Lane["destination"],
  settings: ga4.settings.parse({ measurementId: "G-ABC1234567" }),
  testMode: false,
};

function toldToGa4(consent: ConsentState | undefined, byDefault: ConsentValue): unknown {
  const event = purchaseEvent(consent === undefined ? {} : { consent });
  if (consent === undefined) delete event.consent;
  const defaults = [{ countries: ["*"], purposes: { ...all(byDefault), analytics_storage: "granted" as const } }];
  const rules = { lanes: [lane], consent: { defaults, honourGpc: true } };
  const routed = routeEvent(event, rules, event.received_at);
  expect(routed.decisions[0]?.send).toBe(true);
  const context = { lane: "ga4", credentials: {}, now: event.received_at, testMode: false };
  const copy = eventForLane(event, routed.consent, lane);
  expect(ga4.skipReason(copy, { ...context, settings: ga4.settings.parse(lane.settings) })).toBeUndefined();
  const { body } = ga4.buildRequest([copy], { ...context, settings: ga4.settings.parse(lane.settings) });
  return JSON.parse(body).consent;
}

// GA4 puts what a request says of consent over what the site's own tag recorded; of what it does not say, the tag's
// word counts.
test.each([
  ["silence under a default that grants", undefined, "granted", undefined],
  [
    "silence under a default that denies",
    undefined,
    "denied",
    { ad_user_data: "DENIED", ad_personalization: "DENIED" },
  ],
  ["one answer", { ad_user_data: "granted" }, "granted", { ad_user_data: "GRANTED" }],
  ["GPC", { gpc: true }, "granted", { ad_user_data: "DENIED", ad_personalization: "DENIED" }],
] as const)("GA4 is told of %s what somebody decided, and no more", (_, consent, byDefault, told) => {
  expect(toldToGa4(consent, byDefault)).toEqual(told);
});
