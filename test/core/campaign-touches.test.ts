import fc from "fast-check";
import type { Campaign, CampaignTouch } from "../../src/core/campaign.ts";
import {
  type CampaignTouches,
  campaignConsent,
  campaignTouch,
  givenTouches,
  isTouchNews,
  liveTouches,
  mergeTouches,
  touchesOf,
} from "../../src/core/campaign-touches.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { cleanEvent } from "../../src/core/sensitive-data.ts";
import { hashedEvent } from "../support/events.ts";

const AT = hashedEvent().event_time;

/** What is learned of an event on this page, cleaned as enrich cleans it. */
function touchOf(page: CanonicalEvent["page"], more: Partial<CanonicalEvent> = {}): CampaignTouch | undefined {
  return campaignTouch(cleanEvent(hashedEvent({ page: page ?? {}, ...more })).event);
}

describe("reading", () => {
  test("a landing page tells the campaign, the click's platform, and the page without its query", () => {
    const url =
      "https://shop.example.com/spring/?utm_source=google&utm_medium=cpc&utm_campaign=Spring+Sale&utm_term=red%20shoes" +
      "&utm_content=a1&utm_id=42&gclid=Cj0&size=9#top";
    expect(touchOf({ url })).toEqual({
      source: "google",
      medium: "cpc",
      name: "Spring Sale",
      term: "red shoes",
      content: "a1",
      id: "42",
      click: "gclid",
      page: "shop.example.com/spring/",
      at: AT,
    });
  });

  test.each([
    ["no parameters", { url: "https://shop.example.com/thanks?size=9" }],
    ["no page", {}],
    ["an app's own address", { url: "shop://home?utm_source=x" }],
    ["text that is no address", { url: "utm_source=google" }],
    [
      "another site's campaign",
      { url: "https://shop.example.com/", referrer: "https://news.example/?utm_source=mail" },
    ],
    ["macros that nobody filled", { url: "https://shop.example.com/?utm_source={{site_source_name}}&utm_medium=null" }],
  ])("%s is no touch", (_, page) => {
    expect(touchOf(page)).toBeUndefined();
  });

  test("a click without parameters is one, as Google's auto-tagging gives it", () => {
    expect(touchOf({ url: "https://shop.example.com/?gclid=Cj0" })).toEqual({
      click: "gclid",
      page: "shop.example.com/",
      at: AT,
    });
  });

  test("a landing page without a tag is told by the next page of the site, and its own parameters come first", () => {
    const referrer = "https://shop.example.com/landing?utm_source=tiktok";
    expect(touchOf({ url: "https://shop.example.com/cart", referrer })).toMatchObject({
      source: "tiktok",
      page: "shop.example.com/landing",
    });
    expect(touchOf({ url: "https://shop.example.com/cart?utm_source=bing", referrer })).toMatchObject({
      source: "bing",
      page: "shop.example.com/cart",
    });
  });

  test("what the sender says of the campaign counts before the address", () => {
    const campaign = { source: "newsletter", name: "may" };
    const url = "https://shop.example.com/?utm_source=mail&utm_medium=email";
    expect(touchOf({ url }, { campaign })).toMatchObject({ source: "newsletter", name: "may", medium: "email" });
    expect(touchOf({}, { campaign })).toEqual({ ...campaign, at: AT });
  });

  test("values and pages are cut, and control characters and runs of space are taken out", () => {
    const long = "🙂".repeat(300);
    const touch = touchOf(
      { url: `https://shop.example.com/${"p/".repeat(300)}?utm_source=${encodeURIComponent(long)}` },
      { campaign: { name: " a\u0000b \n c " } },
    );
    expect(touch?.source).toBe("🙂".repeat(50));
    expect(touch?.page).toHaveLength(150);
    expect(touch?.name).toBe("ab c");
  });

  test("whatever comes, a touch is small and nothing throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), fc.webUrl({ withQueryParameters: true }), (text, url) => {
        const query = `utm_source=${encodeURIComponent(text)}&utm_campaign=${text}`;
        const touch = touchOf({ url: `${url}${url.includes("?") ? "&" : "?"}${query}` }, { campaign: { term: text } });
        expect(JSON.stringify(touch ?? {}).length).toBeLessThan(1_500);
      }),
    );
  });
});

describe("what is a person's is not kept as a campaign", () => {
  const { user } = hashedEvent();
  const PERSONAL = [
    "ada@lovelace.dev",
    "mail ada@lovelace.dev now",
    "ada%40lovelace.dev",
    "+4915112345678",
    "004915112345678",
    "4915112345678",
    "0151 / 1234 5678",
    "015112345678",
    "b5f0b8a1bd5ed7b7f6f0c6a9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9",
    "4111 1111 1111 1111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
  ];

  test.each(PERSONAL)("%s", (value) => {
    const everywhere: Campaign = { source: value, medium: value, name: value, term: value, content: value, id: value };
    const params = ["source", "medium", "campaign", "term", "content", "id"];
    const query = params.map((name) => `utm_${name}=${encodeURIComponent(value)}`).join("&");
    const url = `https://shop.example.com/?${query}&gclid=Cj0`;
    expect(touchOf({ url }, { user, campaign: everywhere })).toEqual({
      click: "gclid",
      page: "shop.example.com/",
      at: AT,
    });
  });

  test("a path of the landing page neither", () => {
    const url = "https://shop.example.com/welcome/ada@lovelace.dev/?utm_source=mail";
    expect(touchOf({ url })?.page).toBe("shop.example.com/welcome/redacted/");
  });

  test.each(["120212345678901234", "23851234567890123", "2024_q4_prospecting", "98765432101"])(
    "the number or name of an ad is none: %s",
    (id) => {
      expect(touchOf({ url: `https://shop.example.com/?utm_id=${id}` }, { user })?.id).toBe(id);
    },
  );
});

const touch = fc.record(
  { source: fc.constantFrom("a", "b"), click: fc.constantFrom("gclid" as const, "fbclid" as const), at: fc.nat(3) },
  { requiredKeys: ["at"] },
);
const touches: fc.Arbitrary<CampaignTouches> = fc.dictionary(
  fc.constantFrom("first#shop", "last#shop", "first#till", "last#till"),
  touch,
);

describe("merging", () => {
  test("in whatever order, however often and however grouped", () => {
    fc.assert(
      fc.property(touches, touches, touches, (a, b, c) => {
        expect(mergeTouches(a, b)).toEqual(mergeTouches(b, a));
        expect(mergeTouches(mergeTouches(a, b), c)).toEqual(mergeTouches(a, mergeTouches(b, c)));
        expect(mergeTouches(mergeTouches(a, b), b)).toEqual(mergeTouches(a, b));
      }),
    );
  });

  test("the first is the earliest and the last the latest of all", () => {
    fc.assert(
      fc.property(fc.array(touch, { minLength: 1 }), (seen) => {
        const merged = seen.map((one) => touchesOf(one, "shop")).reduce(mergeTouches);
        expect(merged["first#shop"]?.at).toBe(Math.min(...seen.map(({ at }) => at)));
        expect(merged["last#shop"]?.at).toBe(Math.max(...seen.map(({ at }) => at)));
      }),
    );
  });
});

describe("news", () => {
  const known = touchesOf({ source: "google", page: "shop.example/", at: AT }, "shop");
  const next = (more: Partial<CampaignTouch>) =>
    mergeTouches(known, touchesOf({ source: "google", page: "shop.example/", at: AT, ...more }, "shop"));

  test.each([
    ["the same again", {}, false],
    ["the same a minute later", { at: AT + MINUTE_MS }, false],
    ["the same a minute earlier", { at: AT - MINUTE_MS }, false],
    ["the same an hour later", { at: AT + HOUR_MS }, true],
    ["the same an hour earlier", { at: AT - HOUR_MS }, true],
    ["another campaign a minute later", { source: "bing", at: AT + MINUTE_MS }, true],
    ["another page of it a minute later", { page: "shop.example/sale", at: AT + MINUTE_MS }, false],
    ["another page of it a minute earlier", { page: "shop.example/sale", at: AT - MINUTE_MS }, true],
    ["another page of it an hour later", { page: "shop.example/sale", at: AT + HOUR_MS }, true],
    ["another click a minute later", { click: "gclid" as const, at: AT + MINUTE_MS }, true],
  ])("%s: %j is worth a write: %p", (_, more, isNews) => {
    expect(isTouchNews(known, next(more))).toBe(isNews);
  });

  test("one between the first and the last is none", () => {
    const both = mergeTouches(known, touchesOf({ source: "bing", at: AT + HOUR_MS }, "shop"));
    const between = touchesOf({ source: "tiktok", at: AT + MINUTE_MS }, "shop");
    expect(isTouchNews(both, mergeTouches(both, between))).toBe(false);
  });
});

describe("lifetime", () => {
  const both = { "first#shop": { source: "a", at: 10 }, "last#shop": { source: "b", at: 20 } };
  const given = (since: number, until: number, scope = "shop") => givenTouches(both, { scope, since, until });

  test("both while both are young enough", () => {
    expect(given(10, 20)).toEqual({ first: { source: "a", at: 10 }, last: { source: "b", at: 20 } });
    expect(liveTouches(both, 10)).toBe(both);
  });

  test("the last one is the first that is known when the first is too old, and then neither", () => {
    expect(given(11, 30)).toEqual({ first: { source: "b", at: 20 }, last: { source: "b", at: 20 } });
    expect(given(21, 30)).toBeUndefined();
    expect(liveTouches(both, 21)).toEqual({});
  });

  test("no event is given what came after it, or another scope's", () => {
    expect(given(0, 15)).toEqual({ first: { source: "a", at: 10 } });
    expect(given(0, 9)).toBeUndefined();
    expect(given(0, 30, "till")).toBeUndefined();
  });
});

describe("consent", () => {
  const allows = campaignConsent({ defaults: [], honourGpc: true });
  const denied = { ad_storage: "denied", analytics_storage: "denied" } as const;
  test.each([
    ["nothing was answered, and no default grants", {}, undefined, false],
    ["both refused", denied, undefined, false],
    ["ads alone", { ...denied, ad_storage: "granted" }, undefined, true],
    ["analytics alone", { ...denied, analytics_storage: "granted" }, undefined, true],
    ["granted earlier", {}, { ad_storage: "granted" }, true],
    ["granted earlier, refused now", denied, { ad_storage: "granted" }, false],
  ] as const)("%s", (_, consent, earlier, expected) => {
    expect(allows(hashedEvent({ consent }), earlier)).toBe(expected);
  });
});
