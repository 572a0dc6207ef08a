import { toCanonicalEvent } from "../../src/core/canonical-event.ts";
import type { EventContext } from "../../src/core/event-context.ts";
import type { EventInput } from "../../src/core/event-schema.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

function canonical(input: EventInput, changes: Partial<EventContext> = {}) {
  const result = toCanonicalEvent(input, {
    source: { id: "s", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
    receivedAt: NOW,
    deviceClock: false,
    preferOrderId: false,
    newId: () => "new-id",
    ...changes,
  });
  return result.ok ? { event: result.event, warnings: result.warnings, errors: [] } : { ...result, event: undefined };
}

test.each([
  ["Quiz Finished", "custom", "Quiz Finished"],
  ["custom", "custom", "custom"],
  ["Identify", "custom", "Identify"],
  ["constructor", "custom", "constructor"],
  ["__proto__", "custom", "__proto__"],
  ["generate_lead", "lead", undefined],
  ["identify", "identify", undefined],
])("%s is %s and needs no word", (given, event_name, custom_name) => {
  const { event, warnings } = canonical({ event_name: given });
  expect([event?.event_name, event?.custom_name, warnings]).toEqual([event_name, custom_name, []]);
});

test.each([
  ["Add To Cart", "add_to_cart"],
  ["ViewContent", "view_item"],
  ["Order Refunded", "refund"],
  ["PURCHASE", "purchase"],
])("%s is taken as %s, and the sender told", (given, event_name) => {
  const { event, warnings } = canonical({ event_name: given, value: "1", currency: "EUR", event_id: "e" });
  expect(event).toMatchObject({ event_name });
  expect(event).not.toHaveProperty("custom_name");
  expect(warnings).toMatchObject([{ field: "event_name", rule: `taken as ${event_name}: send this name` }]);
});

test.each([
  [{ event_name: "purchase", event_id: "e", order_id: "1" }, false, "e", "given"],
  [{ event_name: "purchase", event_id: "e", order_id: "1" }, true, "purchase-1", "order_id"],
  [{ event_name: "purchase", event_id: "e" }, true, "e", "given"],
  [{ event_name: "lead", event_id: "e", order_id: "1" }, true, "e", "given"],
  [{ event_name: "refund", order_id: "1" }, false, "refund-1", "order_id"],
  [{ event_name: "refund", order_id: "1", value: "5" }, false, "refund-1-5", "order_id"],
  [{ event_name: "add_to_cart", order_id: "1" }, false, "new-id", "generated"],
])("%j with the order's id preferred %p is %s (%s)", (input, preferOrderId, event_id, event_id_origin) => {
  expect(canonical(input, { preferOrderId }).event).toMatchObject({ event_id, event_id_origin });
});

test("a negative amount is a refund's way of speaking and nobody else's", () => {
  expect(canonical({ event_name: "refund", value: "-5" }).event?.value).toBe("5");
  expect(canonical({ event_name: "purchase", value: "-5" }).errors).toMatchObject([{ field: "value" }]);
});

test("a purchase without value or currency is taken with a warning", () => {
  expect(canonical({ event_name: "purchase" }).warnings).toMatchObject([{ field: "value" }]);
  expect(canonical({ event_name: "purchase", value: "1" }).warnings).toMatchObject([{ field: "currency" }]);
  expect(canonical({ event_name: "purchase", value: "1", currency: "EUR" }).warnings).toEqual([]);
});

test("given ids win over the page, the page over cookies, those over the referrer", () => {
  const input: EventInput = {
    event_name: "lead",
    page: {
      url: "https://a.example/?gclid=page&msclkid=page",
      referrer: "https://b.example/?ttclid=ref&msclkid=ref&epik=ref",
    },
    cookies: { _gcl_aw: "GCL.1700000000.cookie", ttclid: "cookie" },
    click_ids: { msclkid: "given" } as NonNullable<EventInput["click_ids"]>,
  };
  const ids = canonical(input).event?.click_ids ?? {};
  expect(Object.fromEntries(Object.entries(ids).map(([name, seen]) => [name, seen.value]))).toEqual({
    gclid: "page",
    msclkid: "given",
    ttclid: "cookie",
    epik: "ref",
  });
});

test("cookies are read and never kept", () => {
  const { event } = canonical({ event_name: "lead", cookies: { session: "private", _ga: "GA1.1.1.2" } });
  expect(JSON.stringify(event)).not.toContain("private");
  expect(event?.browser_ids).toEqual({ ga_client_id: "1.2" });
});

test("the session of an unnamed stream stands beside those of cookies", () => {
  const { event } = canonical({
    event_name: "lead",
    cookies: { _ga_ABC123: "GS1.1.5.1.1.1.1.1" },
    browser_ids: { ga_session_id: "9" },
  });
  expect(event?.browser_ids?.ga_sessions).toEqual({ ABC123: "5", "*": "9" });
});

describe("where it happened", () => {
  const url = "https://a.example/";
  const browser = { id: "w", kind: "browser", dialect: "tracklayer", dedup_scope: "shop" } as const;
  const visitor = { ip: "8.8.8.8", cookies: {}, globalPrivacyControl: false };

  test.each([
    [{}, "other"],
    [{ page: { url } }, "other"],
    [{ user: { user_agent: "UA" } }, "other"],
    [{ page: { url }, user: { user_agent: "UA" } }, "website"],
    [{ action_source: "phone_call", page: { url }, user: { user_agent: "UA" } }, "phone_call"],
    [{ action_source: "website" }, "website"],
  ] as const)("a server that gives %j means %s", (input, action_source) => {
    expect(canonical({ event_name: "lead", ...input }).event?.action_source).toBe(action_source);
  });

  test("a browser is on a website, and on the page that it names when its tag does not", () => {
    const here = { source: browser, visitor: { ...visitor, pageUrl: `${url}?gclid=G` } };
    expect(canonical({ event_name: "lead" }, here).event).toMatchObject({
      action_source: "website",
      page: { url: `${url}?gclid=G` },
      click_ids: { gclid: { value: "G" } },
    });
    expect(canonical({ event_name: "lead", page: { url, title: "T" } }, here).event?.page).toEqual({ url, title: "T" });
    expect(canonical({ event_name: "lead", action_source: "app" }, here).event).not.toHaveProperty("page");
    expect(canonical({ event_name: "lead" }, { source: browser, visitor }).warnings).toMatchObject([
      { field: "page.url" },
    ]);
  });

  test("an opt-out by the browser or by the page counts, whatever the other says", () => {
    const gpc = (input: boolean | undefined, header: boolean) =>
      canonical(
        { event_name: "lead", ...(input === undefined ? {} : { consent: { gpc: input } }) },
        { source: browser, visitor: { ...visitor, globalPrivacyControl: header } },
      ).event?.consent?.gpc;
    expect([gpc(false, true), gpc(true, false), gpc(undefined, true)]).toEqual([true, true, true]);
    expect([gpc(false, false), gpc(undefined, false)]).toEqual([false, undefined]);
  });
});

test("a refund that nothing tells from the next one is pointed out", () => {
  const refund = { event_name: "refund", order_id: "1", value: "5" };
  expect(canonical(refund).warnings).toMatchObject([{ field: "event_time" }]);
  expect(canonical({ ...refund, event_id: "r" }).warnings).toEqual([]);
  expect(canonical({ ...refund, event_time: NOW }).warnings).toEqual([]);
  // Without an order every one has an id of its own.
  expect(canonical({ event_name: "refund", value: "5" }).warnings).toEqual([]);
});

test("the input is not touched", () => {
  const input: EventInput = {
    event_name: "purchase",
    user: { ip: "10.0.0.1" },
    items: [{ id: "1" }],
    cookies: { _ga: "x" },
  };
  const before = structuredClone(input);
  canonical(input);
  expect(input).toEqual(before);
});

test("ids that no template filled are none, and the sender is told", () => {
  const { event, warnings } = canonical({
    event_name: "purchase",
    event_id: "{{ event_id }}",
    order_id: "undefined",
    value: "1",
    currency: "EUR",
    user: { user_id: "null", anonymous_id: "[object Object]", email: "ana@example.com" },
  });
  expect(event).toMatchObject({ event_id: "new-id", event_id_origin: "generated", user: { email: "ana@example.com" } });
  expect(event).not.toHaveProperty("order_id");
  expect(event?.user).not.toHaveProperty("user_id");
  expect(event?.user).not.toHaveProperty("anonymous_id");
  expect(warnings.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
    "event_id ignored: nothing was filled in",
    "order_id ignored: nothing was filled in",
    "user.user_id ignored: nothing was filled in",
    "user.anonymous_id ignored: nothing was filled in",
  ]);
});

test("two purchases whose order id was never filled in are two events", () => {
  let made = 0;
  const ids = ["1", "2"].map((value) => {
    const input = { event_name: "purchase", order_id: "undefined", value, currency: "EUR" };
    made += 1;
    const id = `new-${made}`;
    return canonical(input, { preferOrderId: true, newId: () => id }).event?.event_id;
  });
  expect(new Set(ids).size).toBe(2);
});
