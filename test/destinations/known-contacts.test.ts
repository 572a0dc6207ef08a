import fc from "fast-check";
import type { Destination } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { eventForLane, type Lane } from "../../src/core/routing.ts";
import { arbitraryEvents, EVENT_TIME } from "../support/arbitrary-events.ts";
import { type SampledLane, sampledLanes } from "../support/sampled-lanes.ts";

// E-mail and phone that the identity graph keeps in clear are for lanes that take them so, and for no other.

const CONTACTS = { email: "kept.in.clear@graph.example", phone: "+4915199988877" };
/** In clear, or as addresses write it. */
const SEEN = /kept\.in\.clear|15199988877/;
const HASHES = hashVariants(CONTACTS, {}).hashes;

const lanes = sampledLanes(EVENT_TIME + 60_000);
const isRaw = ({ destination, settings }: Lane) => destination.needsRawContact(settings);

function known(event: CanonicalEvent): CanonicalEvent {
  return { ...event, known: { person_id: "p", ...event.known, hashes: HASHES, contacts: CONTACTS } };
}

function requestOf(event: CanonicalEvent, lane: SampledLane): string {
  const destination: Destination = lane.destination;
  return destination.skipReason(event, lane) === undefined
    ? JSON.stringify(destination.buildRequest([event], lane))
    : "";
}

test.each(lanes.filter(([, , lane]) => !isRaw(lane)))("%s never sees them with %s", (_id, _settings, lane) => {
  fc.assert(
    fc.property(arbitraryEvents.map(known), (event) => {
      const copy = eventForLane(event, event.consent ?? {}, lane);
      expect(JSON.stringify(copy)).not.toMatch(SEEN);
      // Nor does it ask for them: a copy that another version of enrich had filled would tell it.
      expect(requestOf(event, lane)).not.toMatch(SEEN);
    }),
    { numRuns: 40 },
  );
});

test.each(lanes.filter(([, , lane]) => isRaw(lane)))(
  "%s never gets another's beside the event's own, with %s",
  (_id, _settings, lane) => {
    const own = { email: "own@example.com", phone: "+14155552671" };
    const { hashes, phoneE164 = "" } = hashVariants(own, {});
    const named = (event: CanonicalEvent) => ({
      ...known(event),
      user: { ...event.user, ...own },
      hashes,
      phone_e164: phoneE164,
    });
    fc.assert(
      fc.property(arbitraryEvents.map(named), (event) => {
        expect(requestOf(eventForLane(event, event.consent ?? {}, lane), lane)).not.toMatch(SEEN);
      }),
      { numRuns: 40 },
    );
  },
);

test.each(lanes.filter(([, , lane]) => isRaw(lane)))(
  "a copy of nobody has none for %s, with %s",
  (_id, _settings, lane) => {
    fc.assert(
      fc.property(arbitraryEvents.map(known), (event) => {
        expect(JSON.stringify(eventForLane(event, event.consent ?? {}, lane, "without_identifiers"))).not.toMatch(SEEN);
      }),
      { numRuns: 20 },
    );
  },
);

test("the lanes in clear are those that people are known by, and each of them uses what it gets", () => {
  const users = lanes.filter(([, , lane]) => {
    const event = known({ ...BARE, click_ids: { qclid: { value: "q", seen_at: EVENT_TIME } } });
    return SEEN.test(requestOf(eventForLane(event, {}, lane), lane));
  });
  const raw = lanes.filter(([, , lane]) => isRaw(lane));
  expect([...new Set(raw.map(([id]) => id))].sort()).toEqual([
    "braze",
    "customer-io",
    "hubspot",
    "klaviyo",
    "quora",
    "webhook",
  ]);
  expect([...new Set(users.map(([id]) => id))].sort()).toEqual([...new Set(raw.map(([id]) => id))].sort());
});

const BARE: CanonicalEvent = {
  schema_version: 1,
  event_id: "e-1",
  event_id_origin: "given",
  event_name: "lead",
  event_time: EVENT_TIME,
  received_at: EVENT_TIME,
  source: { id: "web", kind: "browser", dialect: "tracklayer", dedup_scope: "shop" },
  action_source: "website",
  user: {},
};
