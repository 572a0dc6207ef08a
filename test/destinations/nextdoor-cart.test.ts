import { nextdoor } from "../../src/destinations/nextdoor.ts";
import { purchaseEvent } from "../support/events.ts";

test("the longest cart that ingest takes is within a request, so that no purchase is lost to its size", () => {
  const item = { id: "東".repeat(200), name: "東".repeat(1000), price: "999999.99", quantity: 1_000_000 };
  const event = purchaseEvent({ items: Array.from({ length: 512 }, () => item) });
  const settings = nextdoor.settings.parse({ dataSourceId: "fe411d2f-ce90-47be-a0c0-061dcde0eeb1" });
  const context = { lane: "nextdoor", settings, credentials: {}, now: event.event_time, testMode: false };
  const { body } = nextdoor.buildRequest([event], context);
  expect(JSON.parse(body).custom.product_context).toHaveLength(512);
  expect(Buffer.byteLength(body)).toBeLessThan(nextdoor.limits.bodyBytes);
});
