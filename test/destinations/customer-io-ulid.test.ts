import fc from "fast-check";
import { eventUlid } from "../../src/destinations/customer-io/ulid.ts";
import { purchaseEvent } from "../support/events.ts";

test("the time is written as the ULID specification writes it", () => {
  // The specification's own example: 1469918176385 is 01ARYZ6S41.
  expect(eventUlid(purchaseEvent({ event_time: 1_469_918_176_385 })).slice(0, 10)).toBe("01ARYZ6S41");
});

test("what follows are the first 80 bits of the SHA-256 of the event's key", () => {
  // printf %s '["shop","purchase","","order-100017"]' | sha256sum, in base 32 by another program.
  expect(eventUlid(purchaseEvent()).slice(10)).toBe("TYY8WFG90QTKN4WP");
});

test("copies of one time have the same, whatever else they say", () => {
  const copy = purchaseEvent({
    user: {},
    value: "1",
    received_at: 0,
    source: { ...purchaseEvent().source, id: "server" },
  });
  expect(eventUlid(copy)).toBe(eventUlid(purchaseEvent()));
});

test.each([
  ["id", { event_id: "order-100018" }],
  ["name", { event_name: "refund" as const }],
  ["own name", { event_name: "custom" as const, custom_name: "purchase" }],
  ["time", { event_time: purchaseEvent().event_time + 1 }],
  ["scope", { source: { ...purchaseEvent().source, dedup_scope: "other" } }],
])("another %s makes another one", (_, changes) => {
  expect(eventUlid(purchaseEvent(changes))).not.toBe(eventUlid(purchaseEvent()));
});

test("every one is valid, and they sort by time", () => {
  const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const property = fc.property(times, times, fc.string({ minLength: 1 }), (one, other, id) => {
    const [first, second] = [one, other].map((time) => eventUlid(purchaseEvent({ event_time: time, event_id: id })));
    expect(first).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(String(first) < String(second)).toBe(one < other);
  });
  fc.assert(property);
});
