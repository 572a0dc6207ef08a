import { isRevision, revisionWarning } from "../../src/destinations/klaviyo/revision.ts";
import { klaviyo } from "../../src/destinations/klaviyo.ts";
import { purchaseEvent } from "../support/events.ts";

const at = (date: string) => Date.parse(`${date}T12:00:00Z`);

test("defaults", () => {
  expect(klaviyo.settings.parse({})).toEqual({ revision: "2026-07-15", metricNames: "own", orderedProducts: false });
});

test.each([
  [{ revision: "2026-7-15" }, "revision: must be the date of a revision, such as 2026-07-15"],
  [{ revision: "2026-02-30" }, "revision: must be the date"],
  [{ revision: "2026-07-15.pre" }, "revision: must be the date"],
  [{ metricNames: "shopify" }, "metricNames: must be one of own, klaviyo"],
  [{ orderedProducts: "yes" }, "orderedProducts: must be true or false"],
  [{ listId: "x" }, "listId: is no setting"],
])("%j is refused with the field and the rule", (settings, message) => {
  expect(() => klaviyo.settings.parse(settings)).toThrow(message);
});

test.each([
  ["2024-02-29", true],
  ["2023-02-29", false],
  ["2026-13-01", false],
  ["2026-07-15 ", false],
  ["latest", false],
])("%j is a revision: %s", (text, is) => {
  expect(isRevision(text)).toBe(is);
});

test.each([
  ["2024-10-15", "2026-08-14", undefined],
  ["2024-10-15", "2026-08-15", "ends on 2026-10-15, in 60 days"],
  ["2024-10-15", "2026-10-14", "in 0 days"],
  ["2024-10-15", "2026-10-16", "was retired on 2026-10-15"],
  ["2022-10-17", "2026-11-23", "was retired on 2024-10-17"],
  ["2026-07-15", "2026-11-23", undefined],
  ["2026-07-15", "2028-06-01", "ends on 2028-07-15, in 43 days"],
])("revision %s on %s: %s", (revision, today, warning) => {
  const words = revisionWarning(revision, at(today));
  if (warning === undefined) expect(words).toBeUndefined();
  else expect(words).toContain(warning);
});

test("the lane warns with it", () => {
  const settings = klaviyo.settings.parse({ revision: "2024-10-15" });
  expect(klaviyo.warnings?.(settings, at("2026-11-23"))).toEqual([expect.stringContaining("was retired")]);
  expect(klaviyo.warnings?.(klaviyo.settings.parse({}), at("2026-11-23"))).toEqual([]);
});

test.each([
  [{}, "begins with pk_"],
  [{ apiKey: " " }, "begins with pk_"],
  [{ apiKey: "XYZ123" }, "public key"],
  [{ apiKey: "pk_abc\n" }, "begins with pk_"],
  [{ apiKey: "pk_0123456789abcdef0123456789abcdef01" }, undefined],
])("of the secret %j it says %s", (secret, problem) => {
  const words = klaviyo.credentialProblem?.(secret);
  if (problem === undefined) expect(words).toBeUndefined();
  else expect(words).toContain(problem);
});

test("a name from the config must be one that Klaviyo takes", () => {
  expect(klaviyo.eventNameProblem?.("Placed Order")).toBeUndefined();
  expect(klaviyo.eventNameProblem?.("x".repeat(127))).toBeUndefined();
  expect(klaviyo.eventNameProblem?.("x".repeat(128))).toBe("must have 1 to 127 characters");
  expect(klaviyo.eventNameProblem?.(" ")).toBe("must have 1 to 127 characters");
});

describe("what the sender adds is bounded", () => {
  const settings = klaviyo.settings.parse({});
  const context = { lane: "klaviyo", settings, credentials: {}, now: Date.UTC(2026, 10, 24), testMode: false };
  const propertiesOf = (properties: Record<string, string>) => {
    const { body } = klaviyo.buildRequest([purchaseEvent({ properties })], context);
    return JSON.parse(body).data.attributes.properties as Record<string, unknown>;
  };

  test("in number", () => {
    const given = Object.fromEntries(Array.from({ length: 512 }, (_, index) => [`key${index}`, "v"]));
    const names = Object.keys(propertiesOf(given)).filter((name) => name.startsWith("key"));
    expect(names).toHaveLength(300);
    expect(names.at(-1)).toBe("key299");
  });

  test("in size, where what still fits goes along", () => {
    const big = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`big${index}`, "x".repeat(30_000)]));
    const sent = propertiesOf({ ...big, small: "z" });
    expect(sent.big0).toHaveLength(25_000);
    expect(Object.keys(sent)).toEqual(expect.arrayContaining(["big6", "small"]));
    expect(sent).not.toHaveProperty("big8");
  });
});

test.each([
  ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
  ["UTC", "UTC"],
  ["(GMT+01:00) Berlin", undefined],
  ["CET", undefined],
])("of the time zone %j goes %j", (timezone_name, sent) => {
  const settings = klaviyo.settings.parse({});
  const context = { lane: "klaviyo", settings, credentials: {}, now: Date.UTC(2026, 10, 24), testMode: false };
  const { body } = klaviyo.buildRequest(
    [purchaseEvent({ user: { user_id: "u" }, device: { timezone_name } })],
    context,
  );
  expect(JSON.parse(body).data.attributes.profile.data.attributes.location?.timezone).toBe(sent);
});

test("a request speaks of one event", () => {
  const context = { lane: "l", settings: klaviyo.settings.parse({}), credentials: {}, now: 0, testMode: false };
  expect(() => klaviyo.buildRequest([purchaseEvent(), purchaseEvent()], context)).toThrow(RangeError);
  expect(() => klaviyo.buildRequest([], context)).toThrow(RangeError);
});
