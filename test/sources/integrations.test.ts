import { browserIdsFromIntegrations, routingOf } from "../../src/sources/integrations.ts";

const LANES = [
  { id: "meta", type: "meta" },
  { id: "meta-eu", type: "meta" },
  { id: "ga4", type: "ga4" },
  { id: "crm", type: "webhook" },
];

test.each([
  [undefined, {}],
  [{}, {}],
  [{ All: true }, { all: true }],
  [
    { All: false, "Google Analytics 4": {} },
    { all: false, ga4: true },
  ],
  [{ "Facebook Conversions API": false }, { meta: false, "meta-eu": false }],
  [
    { "Facebook Pixel": true, "Facebook Conversions API": false },
    { meta: false, "meta-eu": false },
  ],
  [
    { "Facebook Conversions API": false, "Facebook Pixel": true },
    { meta: false, "meta-eu": false },
  ],
  [{ "facebook conversions api": false }, {}],
  [
    { "meta-eu": false, Webhooks: true },
    { "meta-eu": false, crm: true },
  ],
  [{ "Segment.io": true, Mixpanel: false, __proto__: null }, {}],
  [{ "Google Analytics 4": "yes", GA4: null }, {}],
])("%j routes as %j", (integrations, routing) => {
  expect(routingOf(integrations, LANES)).toEqual(routing);
});

test("ids hidden in the settings of integrations are found", () => {
  const integrations = {
    "Facebook Conversions API": { fbp: "p", fbc: "c" },
    "TikTok Conversions": { ttp: "t", fbp: "later" },
    "Reddit Conversions Api": { rdt_uuid: "r", ga_client_id: "not Google's" },
    GA4: { clientId: "1.2", sessionId: 77 },
    All: true,
  };
  expect(browserIdsFromIntegrations(integrations)).toEqual({
    fbp: "p",
    fbc: "c",
    ttp: "t",
    rdt_uuid: "r",
    ga_client_id: "1.2",
    ga_session_id: "77",
  });
});

test("another system's clientId is not Google's", () => {
  const integrations = { Braze: { clientId: "braze-1", sessionId: "s" }, "Google Analytics 4": { clientId: "1.2" } };
  expect(browserIdsFromIntegrations(integrations)).toEqual({ ga_client_id: "1.2" });
  expect(browserIdsFromIntegrations({ Galileo: { clientId: "x" } })).toEqual({});
});
