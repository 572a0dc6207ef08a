import { defineConfig } from "../../src/config/define-config.ts";
import fast from "./fast.config.ts";

// The short waits, with what a shop may say about consent at each lane.
export default defineConfig({
  ...fast,
  consent: {
    ...fast.consent,
    geoHeaders: "cloudfront",
    overrides: [
      {
        name: "own-analytics",
        destination: "ga4",
        because: "The tests show that an override is told wherever it counts.",
        events: ["refund", "purchase"],
        countries: ["CA"],
        whenDenied: { analytics_storage: "send" },
      },
    ],
  },
  destinations: {
    meta: {
      settings: { datasetId: "1234567890" },
      batchWindowSeconds: 1,
      consentRules: [{ name: "not-in-california", countries: ["US-CA"], send: "drop" }],
    },
    ga4: { settings: { measurementId: "G-ABC1234567", clientIdFallback: "anonymous_id" }, batchWindowSeconds: 1 },
    webhook: {
      settings: { url: "https://crm.example.com/tracklayer", personalData: "hashed" },
      batchWindowSeconds: 1,
      consentRules: [{ whenDenied: { ad_storage: "without_identifiers" } }],
    },
  },
});
