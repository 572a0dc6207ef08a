import { defineConfig } from "./src/config/define-config.ts";

// The one file to edit. Change it, then `npm run deploy`; a mistake is reported before anything is touched.
export default defineConfig({
  // Part of every resource's name. "production" also keeps your data when the stack is deleted.
  environment: "development",

  // Who may send events. Each source gets a generated key; the deployment prints the name of its secret.
  sources: {
    "shop-web": {
      // A browser's key is public: it works only from these exact origins.
      kind: "browser",
      origins: ["https://shop.example.com", "http://localhost:8080"],
      // Both sources report the same purchases: with one scope, two copies with one id are one event.
      dedupScope: "shop",
    },
    "shop-server": {
      // A server's key is secret: a request that comes from a browser is refused.
      kind: "server",
      dedupScope: "shop",
    },
  },

  // Where events go. Credentials are not written here: put them into the secret
  // tracklayer/<environment>/destination/<name>, as the README shows.
  destinations: {
    meta: {
      // The dataset (pixel) id from Meta's Events Manager.
      settings: { datasetId: "123456789012345" },
    },
    ga4: {
      // The web stream's measurement id from GA4's admin page.
      settings: { measurementId: "G-EXAMPLE123" },
    },
    webhook: {
      // Your own system: it gets every event, signed as Standard Webhooks says.
      settings: { url: "https://hooks.example.com/tracklayer" },
    },
  },

  consent: {
    // What silence means, by the event's country; what the person said always counts first.
    defaults: [
      { countries: ["EEA", "GB", "CH"], purposes: "denied" },
      // Events that say neither country nor consent. Sell in Europe? Then send one of the two, or make this "denied".
      { countries: ["unknown"], purposes: "granted" },
      { countries: ["*"], purposes: "granted" },
    ],
  },

  // Counted and watched one by one, because they are what the business lives on. Each costs about $0.30 a month.
  keyEvents: ["purchase", "lead"],

  alarms: {
    // Every address gets a mail to confirm.
    emails: [],
    // No new event for so many hours is an alarm; 0 turns it off.
    silentHours: 24,
  },

  // How long a failing delivery is tried again, unless the platform's own age limit ends it sooner.
  delivery: { retryHours: 24 },

  // How long things are kept. Two copies of an event are known as one for deliveryDays.
  retention: { deliveryDays: 30, identityDays: 180, quarantineDays: 14, logDays: 30 },
});
