import fc from "fast-check";
import { consentedCopy } from "../../src/core/consented-copy.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { BLOCKABLE_FIELDS } from "../../src/core/field-paths.ts";
import { eventForLane } from "../../src/core/routing.ts";
import { BLOCKABLE_FIELD } from "../../src/core/sensitive-data.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { arbitraryEvents, EVENT_TIME } from "../support/arbitrary-events.ts";
import { purchase } from "../support/lane-world.ts";
import { sampledLane } from "../support/sampled-lanes.ts";

const EVENT: CanonicalEvent = {
  ...purchase("o-1"),
  page: { url: "https://shop.example.com/p", referrer: "https://search.example/", title: "Boots" },
  search_term: "boots",
  items: [{ id: "1", name: "Boots", brand: "B" }, { id: "2" }],
  user: { email: "ada@example.org", first_name: "Ada", city: "London" },
  properties: { plan: "gold", note: { text: "x", kind: "y" }, list: [{ a: 1 }] },
};

describe("fields of one lane", () => {
  test("denied ones are taken out of its copy, and the event stays as it is", () => {
    const before = structuredClone(EVENT);
    const consentRules = [{ denyFields: ["page.title", "items.name", "user.city", "properties.note.text"] }];
    const copy = consentedCopy(EVENT, { consentRules }, undefined);
    expect(copy).toEqual({
      ...EVENT,
      page: { url: "https://shop.example.com/p", referrer: "https://search.example/" },
      items: [{ id: "1", brand: "B" }, { id: "2" }],
      user: { email: "ada@example.org", first_name: "Ada" },
      properties: { plan: "gold", note: { kind: "y" }, list: [{ a: 1 }] },
    });
    expect(EVENT).toEqual(before);
  });

  test("with a list of allowed ones only those stay, and what is no such field", () => {
    const consentRules = [{ allowFields: ["page.url", "items.name", "properties.note.kind", "properties.list"] }];
    const { page, items, user, properties, search_term } = consentedCopy(EVENT, { consentRules }, undefined);
    expect({ page, items, user, properties, search_term }).toEqual({
      page: { url: "https://shop.example.com/p" },
      items: [{ id: "1", name: "Boots" }, { id: "2" }],
      user: { email: "ada@example.org" },
      properties: { note: { kind: "y" }, list: [{ a: 1 }] },
      search_term: undefined,
    });
    const none = consentedCopy(EVENT, { consentRules: [{ allowFields: [] }] }, undefined);
    expect(none).not.toHaveProperty("properties");
  });

  test("a rule for other events takes nothing", () => {
    const consentRules = [{ events: ["lead"], denyFields: ["page.title"] }];
    expect(consentedCopy(EVENT, { consentRules }, undefined)).toBe(EVENT);
  });

  test("properties with names that objects have of their own are kept like any", () => {
    const event = JSON.parse('{"properties":{"__proto__":{"polluted":1},"constructor":"c","x":1}}') as CanonicalEvent;
    const lane = { consentRules: [{ allowFields: ["properties.__proto__", "properties.constructor"] }] };
    const copy = consentedCopy({ ...EVENT, ...event }, lane, undefined);
    expect(Object.entries(copy.properties ?? {})).toEqual([
      ["__proto__", { polluted: 1 }],
      ["constructor", "c"],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("a field of a campaign is taken out of what is remembered of campaigns, too", () => {
    const touch = { source: "news", name: "spring", page: "shop.example.com/spring", at: 1 };
    const known = { person_id: "p", campaigns: { first: touch, last: touch } };
    const campaigns = (rule: object) =>
      consentedCopy({ ...EVENT, known }, { consentRules: [rule] }, undefined).known?.campaigns;
    const left = { name: "spring", at: 1 };
    expect(campaigns({ denyFields: ["campaign.source", "page.url"] })).toEqual({ first: left, last: left });
    const nothing = { at: 1 };
    expect(campaigns({ allowFields: [] })).toEqual({ first: nothing, last: nothing });
  });

  test("every field of the list is one that the configuration may name", () => {
    expect(BLOCKABLE_FIELDS.filter((field) => !BLOCKABLE_FIELD.test(field))).toEqual([]);
    expect(
      ["user.email", "value", "page.urlx", "properties.", "order_id"].filter((it) => BLOCKABLE_FIELD.test(it)),
    ).toEqual([]);
  });
});

// What tells each platform to limit its use of an event; written down by hand from the platforms' pages.
const FLAGS: Readonly<Record<string, RegExp>> = {
  ga4: /"ad_personalization":"DENIED"/,
  "google-ads": /"adPersonalization":"CONSENT_DENIED"/,
  // Without the state's number Limited Data Use may come to nothing.
  meta: /"data_processing_options_state":10\d\d|"opt_out":true/,
  "microsoft-ads": /"adStorageConsent":"D"/,
  nextdoor: /"restricted_data_usage":1/,
  "openai-ads": /"opt_out":true/,
  pinterest: /"opt_out":true|"opt_out_type":"LDP"/,
  reddit: /"data_processing_options":\{"modes":\["LDU"\]/,
  snapchat: /"data_processing_options":\["L[MD]U"\]/,
  tiktok: /"limited_data_use":true/,
  webhook: /"limited_data_use":true/,
};

describe("limited use", () => {
  const takers = Object.values(DESTINATIONS).filter((it) => it.takesPartial?.includes("limited"));

  test("is told to every platform that says how", () => {
    expect(takers.map(({ id }) => id).sort()).toEqual(Object.keys(FLAGS).sort());
  });

  // Amazon gets a mark, by which it does not process the event.
  const without = Object.values(DESTINATIONS).filter(
    (it) => it.consent.includes("ad_personalization") && it.id !== "amazon-ads",
  );

  test.each(without.map(({ id }) => id))("%s has no field for it, and gets nothing when it is asked for", (id) => {
    const lane = sampledLane(id, EVENT_TIME + 1_000);
    fc.assert(
      fc.property(arbitraryEvents, (event) => {
        const limited = { ...event, consent: { ...event.consent, limited_data_use: true } };
        expect(lane.destination.skipReason(limited, lane)).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });

  test.each(takers.map(({ id }) => id))("%s has its flag in every request, whatever was answered", (id) => {
    const lane = sampledLane(id, EVENT_TIME + 1_000);
    const { destination } = lane;
    let requests = 0;
    fc.assert(
      fc.property(arbitraryEvents, (event) => {
        const granted = { ...event.consent, ad_storage: "granted", ad_user_data: "granted" } as const;
        // Microsoft's limited events need a click of their own.
        const msclkid = { value: "d3b07384d113edec49eaa6238ad5ff00", seen_at: EVENT_TIME };
        const clicked = { ...event, click_ids: { ...event.click_ids, msclkid } };
        const copy = eventForLane(clicked, granted, lane, "limited");
        if (event.event_name === "identify" || destination.skipReason(copy, lane) !== undefined) return;
        expect(destination.buildRequest([copy], lane).body).toMatch(FLAGS[id] ?? /^$/);
        requests += 1;
      }),
      { numRuns: 200 },
    );
    expect(requests).toBeGreaterThan(0);
  });
});
