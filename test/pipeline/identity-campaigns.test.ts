import { packTouches } from "../../src/adapters/campaign-text.ts";
import { createMemoryIdentityStore, type MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { campaignConsent } from "../../src/core/campaign-touches.ts";
import type { ConsentState } from "../../src/core/consent.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { openIdentities } from "../../src/pipeline/identity.ts";
import { splitPerson } from "../../src/pipeline/identity-edit.ts";
import { hashedEvent } from "../support/events.ts";

const AT = hashedEvent().event_time;
const RULES = {
  retentionMs: 180 * DAY_MS,
  keepsCampaigns: campaignConsent({ defaults: [], honourGpc: true }),
};
const REFUSED: ConsentState = { ad_storage: "denied", analytics_storage: "denied" };

/** A visit so long after the first one, by a link with this source; without one it is an ordinary page. */
function visit(afterMs: number, source: string | undefined, user: User = { anonymous_id: "a-1" }): CanonicalEvent {
  const query = source === undefined ? "" : `?utm_source=${source}`;
  const at = AT + afterMs;
  const page = { url: `https://shop.example.com/sale${query}` };
  return hashedEvent({ event_name: "page_view", user, browser_ids: {}, page, event_time: at, received_at: at + 400 });
}

async function see(store: MemoryIdentityStore, ...events: CanonicalEvent[]) {
  const results = [];
  for (const event of events) results.push(await (await openIdentities([event], store, RULES)).identify(event));
  return results;
}

/** First and last source that the newest event is given. */
async function sourcesOf(store: MemoryIdentityStore, event: CanonicalEvent) {
  const [result] = await see(store, event);
  const { first, last } = result?.known?.campaigns ?? {};
  return [first?.source, last?.source];
}

test("a later purchase is given the first and the last campaign, marked as filled", async () => {
  const store = createMemoryIdentityStore();
  const [landing] = await see(store, visit(0, "google"), visit(HOUR_MS, "bing"), visit(2 * HOUR_MS, "mail"));
  const [purchase] = await see(store, visit(DAY_MS, undefined));
  expect(purchase?.known?.campaigns).toEqual({
    first: { source: "google", page: "shop.example.com/sale", at: AT },
    last: { source: "mail", page: "shop.example.com/sale", at: AT + 2 * HOUR_MS },
  });
  expect(purchase?.filled).toEqual(expect.arrayContaining(["first_touch", "last_touch"]));
  // What the landing page told itself is there as well, and was not filled in.
  expect(landing?.known?.campaigns?.first?.source).toBe("google");
  expect(landing?.filled).not.toContain("first_touch");
  expect(landing?.learned).toContain("campaign");
});

test("page views without a campaign, and those that repeat one, write nothing for an hour", async () => {
  const store = createMemoryIdentityStore();
  await see(store, visit(0, "google"));
  const before = store.writes();
  for (let n = 1; n < 30; n += 1) await see(store, visit(n * MINUTE_MS, n % 2 === 0 ? "google" : undefined));
  expect(store.writes()).toBe(before);
  await see(store, visit(HOUR_MS, "google"));
  expect(store.writes()).toBe(before + 1);
  await see(store, visit(HOUR_MS + MINUTE_MS, "bing"));
  expect(store.writes()).toBe(before + 2);
});

test("a site that hands its parameters on from page to page writes nothing at each of them", async () => {
  const store = createMemoryIdentityStore();
  const page = (n: number) => {
    const url = `https://shop.example.com/page-${n}?utm_source=google&utm_campaign=spring`;
    return { ...visit(n * MINUTE_MS, undefined), page: { url } };
  };
  await see(store, page(1));
  const before = store.writes();
  for (let n = 2; n < 40; n += 1) await see(store, page(n));
  expect(store.writes()).toBe(before);
  // The page before it comes late: it is where the person came in.
  const [landing] = await see(store, page(0));
  expect(landing?.known?.campaigns?.first?.page).toBe("shop.example.com/page-0");
  expect(store.writes()).toBe(before + 1);
});

test("an event that comes late takes the place of the first touch, and is given none that came after it", async () => {
  const store = createMemoryIdentityStore();
  await see(store, visit(DAY_MS, "google"));
  expect(await sourcesOf(store, visit(HOUR_MS, undefined))).toEqual([undefined, undefined]);
  await see(store, visit(0, "bing"));
  expect(await sourcesOf(store, visit(2 * HOUR_MS, undefined))).toEqual(["bing", undefined]);
  expect(await sourcesOf(store, visit(2 * DAY_MS, undefined))).toEqual(["bing", "google"]);
});

describe("two visitors who turn out to be one person", () => {
  const phone = { user_id: "u-1", anonymous_id: "phone" };
  const laptop = { user_id: "u-1", anonymous_id: "laptop" };

  test.each([[[0, 1, 2, 3]], [[1, 0, 3, 2]], [[3, 2, 1, 0]], [[2, 0, 1, 3]]])("share %j", async (order) => {
    const visits = [
      visit(0, "google", { anonymous_id: "phone" }),
      visit(HOUR_MS, "bing", { anonymous_id: "laptop" }),
      visit(2 * HOUR_MS, "mail", { anonymous_id: "phone" }),
      visit(3 * HOUR_MS, "tiktok", { anonymous_id: "laptop" }),
    ];
    const store = createMemoryIdentityStore();
    for (const n of order) await see(store, visits[n] ?? visit(0, undefined));
    await see(store, visit(4 * HOUR_MS, undefined, phone), visit(4 * HOUR_MS, undefined, laptop));
    expect(await sourcesOf(store, visit(DAY_MS, undefined, { user_id: "u-1" }))).toEqual(["google", "tiktok"]);
  });

  test("a split gives the campaigns of the other one back", async () => {
    const store = createMemoryIdentityStore();
    const [ada, bob] = [{ email: "ada@lovelace.dev" }, { phone: "+4915112345678" }];
    await see(
      store,
      visit(HOUR_MS, "bing", ada),
      visit(0, "google", bob),
      visit(2 * HOUR_MS, undefined, { ...ada, ...bob }),
    );
    expect(await sourcesOf(store, visit(DAY_MS, undefined, ada))).toEqual(["google", "bing"]);
    const merged = store.contents().persons.find(({ merged_into }) => merged_into !== undefined);
    await splitPerson({ personId: merged?.merged_into ?? "", mergedId: merged?.id ?? "" }, ["shop"], store);
    expect(await sourcesOf(store, visit(DAY_MS, undefined, bob))).toEqual(["google", "google"]);
    expect(await sourcesOf(store, visit(DAY_MS, undefined, ada))).toEqual(["bing", "bing"]);
  });
});

describe("consent", () => {
  test("with ads and analytics refused nothing is learned, and nothing is given", async () => {
    const store = createMemoryIdentityStore();
    await see(store, { ...visit(0, "google"), consent: REFUSED });
    expect(store.contents().persons.map(({ touches }) => touches)).toEqual([{}]);
    await see(store, visit(HOUR_MS, "bing"));
    expect(await sourcesOf(store, { ...visit(DAY_MS, undefined), consent: REFUSED })).toEqual([undefined, undefined]);
    // The server's copy says nothing of consent: the refusal stands for it too.
    const { consent: _, ...silent } = visit(DAY_MS + HOUR_MS, "mail");
    expect(await sourcesOf(store, silent)).toEqual([undefined, undefined]);
    expect(JSON.stringify(store.contents())).not.toContain("mail");
  });

  test("without rules for it no campaign is kept", async () => {
    const store = createMemoryIdentityStore();
    const event = visit(0, "google");
    await (await openIdentities([event], store, { retentionMs: RULES.retentionMs })).identify(event);
    expect(store.contents().persons.map(({ touches }) => touches)).toEqual([{}]);
  });
});

test("touches end with the retention, one after the other, also of somebody who keeps coming", async () => {
  const store = createMemoryIdentityStore();
  await see(store, visit(0, "google"), visit(100 * DAY_MS, "bing"));
  expect(await sourcesOf(store, visit(181 * DAY_MS, undefined))).toEqual(["bing", "bing"]);
  expect(await sourcesOf(store, visit(281 * DAY_MS, undefined))).toEqual([undefined, undefined]);
  await see(store, visit(282 * DAY_MS, "mail"));
  expect(JSON.stringify(store.contents())).not.toContain("google");
});

test("another shop's visits are not told", async () => {
  const store = createMemoryIdentityStore();
  const user = { email: "ada@lovelace.dev" };
  await see(store, visit(0, "google", user));
  const { source } = hashedEvent();
  expect(
    await sourcesOf(store, { ...visit(HOUR_MS, undefined, user), source: { ...source, dedup_scope: "till" } }),
  ).toEqual([undefined, undefined]);
});

test("touches cost a person's item a hundred bytes or two, and less than two kilobytes at the most", async () => {
  const bytesOf = async (...events: CanonicalEvent[]) => {
    const store = createMemoryIdentityStore();
    await see(store, ...events);
    return store.contents().persons.map(({ touches }) => Buffer.byteLength(JSON.stringify(packTouches(touches) ?? {})));
  };
  const landing = {
    url: "https://shop.example.com/spring?utm_source=google&utm_medium=cpc&utm_campaign=spring_sale&gclid=x",
  };
  const typical = { ...visit(0, undefined), page: landing };
  expect(await bytesOf(typical)).toEqual([99]);
  expect(await bytesOf(typical, visit(DAY_MS, "newsletter"))).toEqual([176]);
  const long = "x".repeat(200);
  const campaign = { source: long, medium: long, name: long, term: long, content: long, id: long };
  const url = `https://shop.example.com/${long}?gclid=x`;
  const first = { ...visit(0, undefined), campaign, page: { url } };
  const [most = 0] = await bytesOf(first, {
    ...visit(DAY_MS, undefined),
    campaign: { ...campaign, id: "1" },
    page: { url },
  });
  expect(most).toBeLessThan(2_000);
});
