import fc from "fast-check";
import { consentedCopy } from "../../src/core/consented-copy.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { eventForLane, type Lane } from "../../src/core/routing.ts";
import { withoutIdentifiers } from "../../src/core/without-identifiers.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { arbitraryEvents, EVENT_TIME } from "../support/arbitrary-events.ts";
import { purchase } from "../support/lane-world.ts";
import { sampledLanes } from "../support/sampled-lanes.ts";

/** Every value of a person, of their devices and of their order, each findable in whatever is sent. */
const planted = fc.stringMatching(/^[a-z]{3}[0-9]{7}$/).map((mark) => {
  const email = `${mark}mail@example.org`;
  const phone = `+49151${mark.slice(3)}1`;
  const user = {
    user_id: `${mark}user`,
    anonymous_id: `${mark}anon`,
    email,
    phone,
    email_sha256: sha256Hex(`${mark}e`),
    phone_sha256: sha256Hex(`${mark}p`),
    first_name: `${mark}first`,
    last_name: `${mark}last`,
    date_of_birth: "1983-04-05",
    street: `${mark} street 1`,
    city: `${mark}city`,
    postal_code: mark,
    region: `${mark}region`,
    ip: "198.51.100.23",
    user_agent: `Mozilla/5.0 (${mark}agent)`,
  };
  const seen = (value: string) => ({ value, seen_at: EVENT_TIME - 1_000 });
  const { hashes = {} } = hashVariants(user, {});
  const event: CanonicalEvent = {
    ...purchase(`${mark}order`),
    event_time: EVENT_TIME,
    received_at: EVENT_TIME,
    event_id_origin: "order_id",
    order_id: `${mark}order`,
    lead_id: `${mark}lead`,
    coupon: `${mark}coupon`,
    value: "12.50",
    currency: "EUR",
    items: [{ id: "SKU-1", name: "Boots", price: "12.50", quantity: 1, coupon: `${mark}coupon` }],
    page: {
      url: `https://shop.example.com/orders/${mark}order?fbclid=${mark}click&email=${email}`,
      referrer: `https://mail.example.com/${mark}`,
      title: `Thanks, ${mark}first`,
    },
    properties: { note: `${mark}note`, nested: { id: `${mark}nested` } },
    user,
    hashes,
    phone_e164: phone,
    browser_ids: { fbp: `fb.1.1.${mark}`, fbc: `fb.1.1.${mark}click`, ga_client_id: `1.${mark}`, ttp: `${mark}ttp` },
    click_ids: { fbclid: seen(`${mark}click`), gclid: seen(`${mark}gclid`), ttclid: seen(`${mark}ttclid`) },
    device: { advertising_id: `${mark}idfa`, vendor_id: `${mark}idfv`, model: `${mark}model` },
    clock: { event_time: EVENT_TIME - 7 },
    known: { person_id: `${mark}person`, user_id: `${mark}user`, hashes, browser_ids: { fbp: `fb.1.1.${mark}k` } },
    consent: { ad_storage: "denied", jurisdiction: "US-CA" },
  };
  const digests = [
    ...Object.values(hashes),
    user.email_sha256,
    user.phone_sha256,
    sha256Hex(user.user_id),
    sha256Hex(event.event_id),
  ];
  return { mark, event, marks: [mark, ...digests, user.ip, user.date_of_birth, phone.slice(1), "fb.1.1"] };
});

/** The event as the lane sends it: cut by enrich, put on a queue, and cut once more. */
function sent(event: CanonicalEvent, lane: Lane): CanonicalEvent {
  const queued: CanonicalEvent = JSON.parse(
    JSON.stringify(eventForLane(event, event.consent ?? {}, lane, "without_identifiers")),
  );
  return consentedCopy(queued, lane, "without_identifiers");
}

test.each(sampledLanes(EVENT_TIME + 1_000))(
  "nothing of the person or the order is in what %s would get with %s",
  (_id, _settings, lane) => {
    const { destination } = lane;
    let requests = 0;
    fc.assert(
      fc.property(planted, ({ event, marks }) => {
        const copy = sent(event, lane);
        expect([...destination.identifiers(copy, lane)]).toEqual([]);
        if (destination.skipReason(copy, lane) !== undefined) return;
        const request = destination.buildRequest([copy], lane);
        const text = decodeURIComponent(JSON.stringify(request).replaceAll("%", "%25")) + JSON.stringify(copy);
        for (const mark of marks) expect(text.toLowerCase()).not.toContain(mark.toLowerCase());
        requests += 1;
      }),
      { numRuns: 20 },
    );
    // Who declares that they take such events must be sent some, or this would show nothing.
    if (destination.takesPartial?.includes("without_identifiers")) expect(requests).toBe(20);
  },
);

test("one destination at least takes events of nobody", () => {
  const takers = Object.values(DESTINATIONS).filter((it) => it.takesPartial?.includes("without_identifiers"));
  expect(takers.map(({ id }) => id)).toEqual(["webhook"]);
});

test("what is stripped once is stripped, and copies of one event keep one id", () => {
  fc.assert(
    fc.property(arbitraryEvents, (event) => {
      const once = withoutIdentifiers(event);
      expect(withoutIdentifiers(once)).toEqual(once);
      expect(withoutIdentifiers({ ...event, user: {}, order_id: "another" }).event_id).toBe(once.event_id);
      expect(once.event_id).not.toBe(event.event_id);
    }),
  );
});

test("what happened, for how much and where stays", () => {
  const event: CanonicalEvent = {
    ...purchase("o-1"),
    user: { country: "US", region: "California", email: "ada@example.org" },
    value: "12.50",
    currency: "EUR",
    items: [{ id: "SKU-1", name: "Boots", coupon: "ADA10" }],
    page: { url: "https://shop.example.com/thanks?order=7", title: "Thanks" },
    consent: { ad_storage: "denied" },
  };
  expect(withoutIdentifiers(event)).toEqual({
    schema_version: 1,
    event_id: expect.stringMatching(/^anonymous-[0-9a-f]{32}$/),
    event_id_origin: "generated",
    event_name: "purchase",
    event_time: event.event_time,
    received_at: event.received_at,
    source: event.source,
    action_source: "website",
    user: { country: "US", region: "CA" },
    page: { url: "https://shop.example.com/" },
    consent: { ad_storage: "denied" },
    value: "12.50",
    currency: "EUR",
    items: [{ id: "SKU-1", name: "Boots" }],
  });
});
