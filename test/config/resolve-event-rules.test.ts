import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { META_LANE, problemsWith, resolvedWith, SMALLEST_CONFIG } from "../support/smallest-config.ts";

describe("what a lane makes of events", () => {
  const lane = (more: Record<string, unknown>) => ({ destinations: { meta: { ...META_LANE, ...more } } });

  test("a name, a no, and conditions with a value become rules", () => {
    const rules = resolvedWith(
      lane({
        events: {
          sign_up: "Registration",
          page_view: false,
          purchase: {
            onlyIf: [
              { field: "value", atLeast: 10 },
              { field: "properties.plan", oneOf: ["pro"] },
            ],
            value: { percent: "30.0" },
          },
        },
        customEvents: { quote: { name: "Lead", value: { amount: 40, currency: "EUR" } } },
      }),
    ).destinations[0];
    expect(rules?.events).toEqual({
      sign_up: { name: "Registration" },
      page_view: { drop: true },
      purchase: {
        onlyIf: [
          { field: "value", atLeast: "10" },
          { field: "properties.plan", oneOf: ["pro"] },
        ],
        value: { percent: "30" },
      },
    });
    expect(rules?.customEvents).toEqual({ quote: { name: "Lead", value: { amount: "40", currency: "EUR" } } });
  });

  test.each([
    [{ events: { purchas: "Buy" } }, /purchas/],
    [{ events: { purchase: true } }, /must be a name, false, or an object/],
    [{ events: { purchase: "" } }, /must be a name, false, or an object|must not be empty/],
    [{ events: { purchase: { onlyIf: [{ field: "user.email", present: true }] } } }, /must be/],
    [{ events: { purchase: { onlyIf: [{ field: "value", atLeast: "ten" }] } } }, /must be/],
    [{ events: { purchase: { onlyIf: [{ field: "value", atLeast: 1, lessThan: 2 }] } } }, /must be/],
    [{ events: { purchase: { value: { amount: "5" } } } }, /must be/],
    [
      { events: { purchase: { onlyIf: [{ field: "value", greaterThan: "10" }] } } },
      /events\.purchase\.onlyIf\[0\]: must be a field with one of oneOf/,
    ],
    [{ events: { lead: { name: "Lead", value: { percent: "x" } } } }, /lead\.value\.percent: must be a plain decimal/],
    [{ events: { lead: { names: "Lead" } } }, /lead\.names: is not a known field; did you mean "name"\?/],
    [{ customEvents: { "": "x" } }, /customEvents/],
  ])("%j is told", (more, words) => {
    const told = problemsWith(lane(more));
    expect(told.join("\n")).toMatch(words);
    expect(told[0]).toMatch(/^destinations\.meta\.(events|customEvents)/);
  });

  test("a rule without a name is told where the platform has no name of its own", () => {
    const rule = { onlyIf: [{ field: "value", atLeast: "10" }] };
    const input = {
      ...SMALLEST_CONFIG,
      ...lane({ events: { purchase: rule, lead: false }, customEvents: { quote: rule } }),
    };
    const withNames = (eventNames: Record<string, string>) => () =>
      resolveConfig(input, { meta: { ...DESTINATIONS.meta, eventNames } as NonNullable<typeof DESTINATIONS.meta> });
    expect(withNames({})).toThrow(
      /has 2 problems:\n.*meta\.events\.purchase: needs a name.*\n.*customEvents\.quote: needs/,
    );
    expect(withNames({ purchase: "Purchase", custom: "*" })).not.toThrow();
  });

  test("a platform that knows events by ids says which form they have", () => {
    const byId = {
      ...DESTINATIONS.meta,
      eventNameProblem: (name: string) => (/^\d+$/.test(name) ? undefined : "must be an id"),
    };
    const input = { ...SMALLEST_CONFIG, ...lane({ events: { purchase: "123", lead: "Lead" } }) };
    expect(() => resolveConfig(input, { meta: byId as NonNullable<typeof DESTINATIONS.meta> })).toThrow(
      'destinations.meta.events.lead: must be an id (got "Lead")',
    );
  });
});
