import { type EventContext, toCanonicalEvent } from "../../src/core/canonical-event.ts";
import type { EventInput } from "../../src/core/event-input.ts";

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

test("own names are custom, and one that is nearly canonical is pointed out", () => {
  expect(canonical({ event_name: "Quiz Finished" }).event).toMatchObject({
    event_name: "custom",
    custom_name: "Quiz Finished",
  });
  const near = canonical({ event_name: "Add To Cart" });
  expect(near.event).toMatchObject({ event_name: "custom", custom_name: "Add To Cart" });
  expect(near.warnings[0]?.rule).toContain("add_to_cart");
  expect(canonical({ event_name: "generate_lead" }).event).not.toHaveProperty("custom_name");
  expect(canonical({ event_name: "custom" }).event).toMatchObject({ event_name: "custom", custom_name: "custom" });
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

test("the website is claimed only when something shows it", () => {
  expect(canonical({ event_name: "lead" }).event?.action_source).toBe("other");
  expect(canonical({ event_name: "lead", page: { url: "https://a.example" } }).event?.action_source).toBe("website");
  expect(canonical({ event_name: "lead", user: { user_agent: "UA" } }).event?.action_source).toBe("website");
  expect(canonical({ event_name: "lead", action_source: "phone_call" }).event?.action_source).toBe("phone_call");
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
