import { defineConfig } from "../../src/config/define-config.ts";
import config from "./fast.config.ts";

// The short waits, with Google Ads beside Meta and GA4: the three that take a refund's person.
export default defineConfig({
  ...config,
  destinations: {
    ...config.destinations,
    "google-ads": {
      settings: { customerId: "1234567890", refundRemainingValue: "remaining", refundPurchaseTime: "bought_at" },
      events: { purchase: "987654321", refund: "987654321" },
      batchWindowSeconds: 1,
    },
  },
});
