import { defineConfig } from "../../src/config/define-config.ts";
import type { Condition } from "../../src/core/event-rules.ts";

const base = { environment: "test", sources: { shop: { kind: "server" as const } } };

// What the compiler refuses is refused while the user types; `npm run types` proves these comments.
test("settings are typed by the lane's id or its type, with only the essential ones required", () => {
  const config = defineConfig({
    ...base,
    destinations: {
      meta: { settings: { datasetId: "123456789012345" } },
      ga4: { settings: { measurementId: "G-A", endpoint: "eu" } },
      "crm-hook": { type: "webhook", settings: { url: "https://hooks.example.com" } },
    },
  });
  expect(Object.keys(config.destinations)).toEqual(["meta", "ga4", "crm-hook"]);
});

test("what is not a setting, or is missing, is a type error", () => {
  // @ts-expect-error datasetId is required
  defineConfig({ ...base, destinations: { meta: { settings: {} } } });
  // @ts-expect-error a measurement id is not Meta's
  defineConfig({ ...base, destinations: { meta: { settings: { measurementId: "G-A" } } } });
  // @ts-expect-error there is no such endpoint
  defineConfig({ ...base, destinations: { ga4: { settings: { measurementId: "G-A", endpoint: "mars" } } } });
  // @ts-expect-error there is no such kind
  const config = defineConfig({ ...base, sources: { shop: { kind: "phone" } }, destinations: {} });
  expect(config.environment).toBe("test");
});

test("what becomes of an event is typed by its canonical name", () => {
  const meta = { settings: { datasetId: "123456789012345" } };
  const config = defineConfig({
    ...base,
    destinations: {
      meta: {
        ...meta,
        events: { lead: { name: "Lead", value: { amount: "40", currency: "EUR" } }, page_view: false },
        customEvents: { quote_requested: "Lead" },
      },
    },
  });
  // @ts-expect-error there is no such event
  defineConfig({ ...base, destinations: { meta: { ...meta, events: { purchas: "Buy" } } } });
  // @ts-expect-error no condition looks at personal data
  const condition = { onlyIf: [{ field: "user.email", present: true }] } satisfies { onlyIf: readonly Condition[] };
  expect([config.environment, condition.onlyIf.length]).toEqual(["test", 1]);
});
