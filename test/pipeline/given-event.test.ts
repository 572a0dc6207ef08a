import { readGivenEvent } from "../../src/pipeline/given-event.ts";
import { purchaseEvent } from "../support/events.ts";

const NOW = Date.UTC(2026, 8, 1, 12);
const SERVER = { id: "shop-server", kind: "server", dedupScope: "shop" } as const;

function read(raw: unknown, source: Parameters<typeof readGivenEvent>[1]["source"] = SERVER) {
  return readGivenEvent(raw, { source, now: NOW, newId: () => "fresh-id" });
}

test("an event is read as ingest reads it: ids, defaults and warnings", () => {
  expect(read({ event_name: "purchase", order_id: 7, value: 5, surprise: 1 })).toMatchObject({
    ok: true,
    event: { event_id: "purchase-7", value: "5", received_at: NOW, source: { id: "shop-server", dedup_scope: "shop" } },
    warnings: [{ field: "surprise" }, { field: "currency" }],
  });
  expect(read({ events: [{ event_name: "lead" }] })).toMatchObject({ ok: true, event: { event_id: "fresh-id" } });
});

test("what ingest would refuse is refused with the field and the rule", () => {
  expect(read({ event_name: "purchase", value: "12,50" })).toMatchObject({ ok: false, errors: [{ field: "value" }] });
  expect(read({ event_name: "refund" }, { ...SERVER, kind: "browser" })).toMatchObject({
    ok: false,
    errors: [{ rule: "refund is taken from server keys only" }],
  });
});

test.each([[[]], ["text"], [null], [{ events: [] }], [{ events: [{}, {}] }], [{ events: "x" }]])(
  "%j is not one event",
  (raw) => {
    expect(read(raw).ok).toBe(false);
  },
);

test("a browser's event has a stand-in for its connection, a server's has none", () => {
  const raw = { event_name: "lead", page: { url: "https://shop.example.com/" } };
  expect(read(raw, { ...SERVER, kind: "browser" })).toMatchObject({
    event: { action_source: "website", user: { ip: "203.0.113.7", user_agent: expect.stringContaining("Mozilla") } },
  });
  expect(read(raw)).toMatchObject({ event: { user: {} } });
});

test("a canonical event is taken as it is, when it is one", () => {
  expect(read(purchaseEvent())).toEqual({ ok: true, event: purchaseEvent(), warnings: [] });
  expect(read({ ...purchaseEvent(), event_time: "now" })).toMatchObject({ errors: [{ field: "event.event_time" }] });
  expect(read({ ...purchaseEvent(), schema_version: 2 })).toMatchObject({ errors: [{ field: "schema_version" }] });
});
