import { createMemoryRateCounters } from "../../src/adapters/memory/rate-counters.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { createSourceRates, type RateCounters } from "../../src/pipeline/source-rates.ts";
import {
  FROM_PAGE,
  type IngestWorld,
  ingestWorld,
  NOW,
  queuedEvents,
  request,
  SERVER_KEY,
  send,
} from "../support/ingest-world.ts";

const lead = (id: number) => ({ event_name: "lead", event_id: `lead-${id}` });
const BASIC = { authorization: `Basic ${btoa(`${SERVER_KEY}:`)}` };

/** A front door whose server source may send one event a second. */
function limited(counters: RateCounters = createMemoryRateCounters()): IngestWorld {
  const world = ingestWorld({ server: { rateLimit: 1 } });
  return { ...world, rates: createSourceRates({ counters, now: () => NOW + 2_000 }) };
}

async function fill(world: IngestWorld): Promise<void> {
  const events = Array.from({ length: 10 }, (_, id) => lead(id));
  expect((await send(world, { body: { events } })).status).toBe(202);
}

test("over its limit a source is told when to come back, and nothing of its request is taken", async () => {
  const world = limited();
  await fill(world);
  const { status, headers, json } = await send(world, { body: lead(11) });
  expect({ status, json }).toEqual({
    status: 429,
    json: {
      success: false,
      error: "rate_limited",
      message: "this source is over its rate limit: send the request again later",
      request_id: "request-1",
    },
  });
  expect(headers).toMatchObject({ "retry-after": "8", "x-ratelimit-reset": "8" });
  expect(queuedEvents(world)).toHaveLength(10);
});

test("the routes of the SDKs and the pixel answer the same", async () => {
  const world = limited();
  await fill(world);
  const batch = { batch: [{ type: "track", event: "Lead", messageId: "m" }] };
  for (const path of ["/v1/batch", "/v1/import", "/beacon/v1/batch"]) {
    const { status, headers } = await send(world, { path, headers: BASIC, body: batch });
    expect({ path, status, wait: headers["retry-after"] }).toEqual({ path, status: 429, wait: "8" });
  }
  const pixel = { method: "GET", path: "/pixel/v1/track", query: { event: "Lead" }, headers: BASIC, body: "" };
  expect((await send(world, pixel)).status).toBe(429);
  expect(queuedEvents(world)).toHaveLength(10);
});

test("another source goes on, and so does one whose key is wrong being told so", async () => {
  const world = limited();
  await fill(world);
  expect((await send(world, { headers: FROM_PAGE, body: lead(1) })).status).toBe(202);
  expect((await send(world, { headers: { authorization: "Bearer guess" }, body: lead(1) })).status).toBe(401);
});

test("every refused request is counted, and the first of a window is logged", async () => {
  const world = limited();
  await fill(world);
  for (let n = 0; n < 3; n += 1) await send(world, { body: lead(n) });
  expect(world.metricsAdded.filter(({ name }) => name === "RequestsThrottled")).toEqual(
    Array(3).fill({ name: "RequestsThrottled", value: 1, dimensions: { source: "shop-server" } }),
  );
  expect(world.warnings).toEqual([{ message: "a source is over its rate limit", fields: { source: "shop-server" } }]);
});

test("events that are refused count too: a sender of rubbish is limited like any other", async () => {
  const world = limited();
  const events = Array.from({ length: 10 }, () => ({ event_name: 7 }));
  expect((await send(world, { body: { events } })).json).toMatchObject({ rejected: 10 });
  expect((await send(world, { body: lead(1) })).status).toBe(429);
});

test("counting goes on beside the queue's send: neither waits for the other to begin", async () => {
  const begun: string[] = [];
  let counted = (_: number) => {};
  const counters: RateCounters = {
    add() {
      begun.push("count");
      return new Promise((resolve) => {
        counted = resolve;
      });
    },
  };
  const world = limited(counters);
  let queued = () => {};
  const queue: IngestWorld["queue"] = {
    ...world.queue,
    send(messages) {
      begun.push("queue");
      return new Promise((resolve) => {
        queued = () => resolve(messages.map(() => ({ sent: true, messageId: "m" })));
      });
    },
  };
  const answer = ingest(request({ body: lead(1) }), { ...world, queue });
  await new Promise(setImmediate);
  expect(begun.sort()).toEqual(["count", "queue"]);
  queued();
  counted(1);
  expect((await answer).status).toBe(202);
});

test("a store that fails costs no event", async () => {
  const world = limited({ add: () => Promise.reject(new Error("no table")) });
  expect((await send(world, { body: lead(1) })).status).toBe(202);
  expect((await send(world, { body: lead(2) })).status).toBe(202);
});
