import fc from "fast-check";
import type { DeliveryContext } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hubspot } from "../../src/destinations/hubspot.ts";
import { purchaseEvent } from "../support/events.ts";

// HubSpot refuses a whole request in which a contact is there twice: events of one person become one row.

const NOW = purchaseEvent().event_time + 60_000;
const settings = hubspot.settings.parse({
  properties: { last_order_id: "order_id", last_event: "event_name" },
  lifecycleStage: "customer_on_purchase",
});
const context = { lane: "hubspot", settings, credentials: { accessToken: "t" }, now: NOW, testMode: false };

interface Input {
  id: string;
  objectWriteTraceId: string;
  properties: Record<string, string>;
}

const inputsOf = (events: readonly CanonicalEvent[]) =>
  JSON.parse(hubspot.buildRequest(events, context).body).inputs as Input[];

function happened(email: string, minutes: number, changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  const { event_time } = purchaseEvent();
  return purchaseEvent({
    event_id: `${email}-${minutes}`,
    event_time: event_time + minutes * 60_000,
    user: { email },
    ...changes,
  });
}

function answered(results: readonly string[], errors: readonly string[] = []) {
  const body = {
    status: "COMPLETE",
    results: results.map((objectWriteTraceId) => ({ id: "1", objectWriteTraceId })),
    numErrors: errors.length,
    errors: errors.map((id) => ({
      category: "VALIDATION_ERROR",
      message: "bad",
      context: { objectWriteTraceId: [id] },
    })),
  };
  return { status: errors.length === 0 ? 200 : 207, headers: {}, body: JSON.stringify(body) };
}

const events = [
  happened("jane@example.com", 2, { event_name: "lead", order_id: undefined as never }),
  happened("john@example.com", 1),
  happened("JANE@example.com ", 0, { order_id: "older", user: { email: "JANE@example.com ", first_name: "Jane" } }),
  happened("jane@example.com", 1, { order_id: "newer" }),
];

test("the latest word of each property counts, and what a later event does not say stays", () => {
  expect(inputsOf(events)).toEqual([
    {
      id: "jane@example.com",
      idProperty: "email",
      objectWriteTraceId: "row-1",
      properties: {
        email: "jane@example.com",
        firstname: "Jane",
        lifecyclestage: "customer",
        last_order_id: "newer",
        last_event: "lead",
      },
    },
    {
      id: "john@example.com",
      idProperty: "email",
      objectWriteTraceId: "row-2",
      properties: {
        email: "john@example.com",
        lifecyclestage: "customer",
        last_order_id: "100017",
        last_event: "purchase",
      },
    },
  ]);
});

test("a value that HubSpot would refuse the contact for is cut", () => {
  const lane = { ...context, settings: hubspot.settings.parse({ properties: { bought: "items.name" } }) };
  const items = Array.from({ length: 80 }, () => ({ name: "ü".repeat(1000) }));
  const { body } = hubspot.buildRequest([happened("jane@example.com", 0, { items })], lane);
  expect(JSON.parse(body).inputs[0].properties.bought).toHaveLength(65_536);
});

test("what HubSpot says of the row holds for each of its events", () => {
  const delivered = { kind: "delivered" };
  const rejected = { kind: "rejected", reason: "VALIDATION_ERROR: bad" };
  expect(hubspot.classify(answered(["row-2", "row-1"]), events)).toEqual(events.map(() => delivered));
  expect(hubspot.classify(answered(["row-2"], ["row-1"]), events)).toEqual([rejected, delivered, rejected, rejected]);
  expect(hubspot.classify(answered(["row-1"], ["row-2"]), events)).toEqual([delivered, rejected, delivered, delivered]);
});

test("however events come together, no contact is there twice and every event gets its row's outcome", () => {
  const emails = fc.constantFrom("a@example.com", "A@Example.com", "b@example.com", "c@example.com");
  const batches = fc.array(fc.tuple(emails, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(batches, fc.constantFrom("row-1", "row-2", "row-3"), (batch, refused) => {
      const sent = batch.map(([email, minutes]) => happened(email, minutes));
      const inputs = inputsOf(sent);
      expect(new Set(inputs.map(({ id }) => id)).size).toBe(inputs.length);
      const traces = inputs.map(({ objectWriteTraceId }) => objectWriteTraceId);
      const response = answered(
        traces.filter((trace) => trace !== refused),
        traces.filter((trace) => trace === refused),
      );
      const outcomes = hubspot.classify(response, sent);
      const bad = inputs.find(({ objectWriteTraceId }) => objectWriteTraceId === refused)?.id;
      const expected = batch.map(([email]) => (email.toLowerCase() === bad ? "rejected" : "delivered"));
      expect(outcomes.map(({ kind }) => kind)).toEqual(expected);
    }),
  );
});

test("occurrences share a request only with those of the same event; contacts with all", () => {
  const lane: DeliveryContext<typeof settings> = {
    ...context,
    settings: hubspot.settings.parse({ send: "events", portalId: "7" }),
  };
  const [lead, purchase] = events;
  if (lead === undefined || purchase === undefined) throw new Error("no events");
  expect(hubspot.batchKey?.(lead, lane)).toBe("pe7_lead");
  expect(hubspot.batchKey?.(purchase, lane)).toBe("pe7_purchase");
  expect(hubspot.batchKey?.(lead, context)).toBe(hubspot.batchKey?.(purchase, context));
});

test("an occurrence has the same id on every attempt, and another under another name or of another event", () => {
  const idOf = (event: CanonicalEvent, name: string, now = NOW) => {
    const parsed = hubspot.settings.parse({ send: "events", portalId: "7" });
    const lane = { ...context, settings: parsed, now, events: { purchase: { name } } };
    return JSON.parse(hubspot.buildRequest([event], lane).body).inputs[0].uuid as string;
  };
  const id = idOf(purchaseEvent(), "purchase");
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(idOf(purchaseEvent(), "purchase", NOW + 1)).toBe(id);
  expect(idOf(purchaseEvent(), "order")).not.toBe(id);
  expect(idOf(purchaseEvent({ event_id: "other" }), "purchase")).not.toBe(id);
});
