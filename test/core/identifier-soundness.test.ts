import { CLICK_IDS, type ClickId } from "../../src/core/click-ids.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent, User } from "../../src/core/event.ts";
import { doubtOfClick, identifierDoubts } from "../../src/core/identifier-soundness.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

const NOW = Date.UTC(2026, 10, 23);

function event(user: User, rest: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    schema_version: 1,
    event_id: "e-1",
    event_id_origin: "given",
    event_name: "purchase",
    event_time: NOW,
    received_at: NOW,
    source: { id: "shop", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
    action_source: "website",
    user,
    ...rest,
  };
}

test.each([
  ["jane.doe@gmail.com", undefined],
  ["jane@example.com", undefined],
  ["infobip@company.com", undefined],
  ["a".repeat(64), undefined],
  [" INFO+shop@company.com ", 0.5],
  ["sales@company.com", 0.5],
  ["x81@Mailinator.com", 0.1],
  ["test@test.com", 0],
  ["test@gmail.com", 0],
  ["noreply@company.com", 0],
  ["jane@company.test", 0],
  ["jane@localhost", 0],
])("an e-mail %s counts by %s", (email, factor) => {
  expect(identifierDoubts(event({ email })).email?.factor).toBe(factor);
});

test("a hash tells nothing of what it is made of", () => {
  expect(identifierDoubts(event({ email_sha256: "b".repeat(64), phone_sha256: "c".repeat(64) }))).toEqual({});
});

test.each([
  ["+14155552671", undefined],
  ["+493090182012", undefined],
  ["+447700900123", undefined],
  ["+12125550143", undefined],
  ["+4915112345678", undefined],
  ["+15555555555", 0],
  ["+49123456789", 0],
  ["+10000000000", 0],
])("a phone %s counts by %s", (phone_e164, factor) => {
  expect(identifierDoubts(event({}, { phone_e164 })).phone?.factor).toBe(factor);
});

test.each([
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15", undefined],
  ["Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36", undefined],
  ["okhttp/4.12.0", undefined],
  ["curl/8.5.0", 0.1],
  ["python-requests/2.32", 0.1],
  ["node", 0.1],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 0.1],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0", 0.1],
])("a user agent %s counts by %s", (user_agent, factor) => {
  expect(identifierDoubts(event({ ip: "203.0.113.7", user_agent })).ip_and_user_agent?.factor).toBe(factor);
});

test("an address of a data centre counts half, and with a program's user agent as the program", () => {
  const ip = "52.95.110.1";
  expect(identifierDoubts(event({ ip, user_agent: "Mozilla/5.0" })).ip_and_user_agent?.factor).toBe(0.5);
  expect(identifierDoubts(event({ ip, user_agent: "axios/1.7.2" })).ip_and_user_agent?.factor).toBe(0.1);
});

test("a private address finds nobody", () => {
  expect(identifierDoubts(event({ ip: "192.168.1.4" })).ip_and_user_agent?.factor).toBe(0);
});

test.each([
  [0, undefined],
  [45, undefined],
  [46, 0.5],
  [90, 0.5],
  [91, 0],
])("a click of %s days ago, of 90, counts by %s", (days, factor) => {
  const clicks = { gclid: { value: "g", seen_at: NOW - days * DAY_MS } };
  expect(doubtOfClick(event({}, { click_ids: clicks }), "google-ads")?.factor).toBe(factor);
  expect(doubtOfClick(event({}, { click_ids: clicks }), "meta")).toBeUndefined();
});

test("the graph's earlier sight of a click is its age, and of several clicks the best one counts", () => {
  const own = { gclid: { value: "g", seen_at: NOW } };
  const known = { person_id: "p", click_ids: { gclid: { value: "g", seen_at: NOW - 60 * DAY_MS } } };
  expect(doubtOfClick(event({}, { click_ids: own, known }), "google-ads")?.factor).toBe(0.5);
  const fresh = { ...own, gbraid: { value: "b", seen_at: NOW } };
  expect(doubtOfClick(event({}, { click_ids: fresh, known }), "google-ads")).toBeUndefined();
});

test("Meta's cookie tells the time of its click", () => {
  const cookie = (days: number) => ({ browser_ids: { fbc: `fb.1.${NOW - days * DAY_MS}.abc` } });
  expect(doubtOfClick(event({}, cookie(3)), "meta")).toBeUndefined();
  expect(doubtOfClick(event({}, cookie(50)), "meta")?.factor).toBe(0.5);
  expect(doubtOfClick(event({}, cookie(100)), "meta")?.factor).toBe(0);
});

test("every destination that matches on clicks has clicks of its own, by its id", () => {
  const matching = Object.values(DESTINATIONS).filter(({ matchKeys }) => matchKeys.click_id !== undefined);
  for (const { id } of matching) {
    const stale = (Object.keys(CLICK_IDS) as ClickId[]).map((name) => [name, { value: "v", seen_at: 0 }]);
    const doubt = doubtOfClick(event({}, { click_ids: Object.fromEntries(stale) }), id);
    expect({ id, factor: doubt?.factor }).toEqual({ id, factor: 0 });
  }
});

test("no reason holds the value", () => {
  const text = JSON.stringify(identifierDoubts(event({ email: "test@canary-domain.com", ip: "10.9.8.7" })));
  expect(text).not.toMatch(/canary|10\.9/);
});
