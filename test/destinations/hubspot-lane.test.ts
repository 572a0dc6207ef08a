import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { hubspot as sandbox } from "../../packages/sandbox/src/platforms/hubspot.ts";
import type { PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import type { Destination } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hubspot } from "../../src/destinations/hubspot.ts";
import { laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

// What one bad contact or event costs its neighbours: nothing. The sandbox answers as HubSpot does.

const credentials = { accessToken: "pat-na1-test" };

const answers =
  (rejectEventIds: string[] = []): PlatformAnswer =>
  (request) =>
    sandbox.judge(platformRequest(request), NOW, judgeOptions({ rejectEventIds })).answer;

function lane(settings: unknown, platform: PlatformAnswer = answers()) {
  return laneWorld({
    destination: hubspot as Destination,
    platform,
    lane: { settings: hubspot.settings.parse(settings), events: { refund: { name: "order_undefined" } } },
    deps: { credentials: { get: async () => credentials, refresh: async () => credentials } },
  });
}

const of = (id: string, email: string, more: Partial<CanonicalEvent> = {}) =>
  purchase(id, { user: { email }, ...more });

async function statesAfter(world: ReturnType<typeof lane>, events: readonly CanonicalEvent[]) {
  await world.deliver(events.map((event) => laneMessage(event)));
  const records = await Promise.all(events.map((event) => world.record(event)));
  return records.map((record) => record?.state);
}

test("a contact that HubSpot refuses is refused alone, in one request", async () => {
  const world = lane({}, answers(["bad@example.com"]));
  const events = ["a", "bad", "c", "bad"].map((name, index) => of(`e${index}`, `${name}@example.com`));
  expect(await statesAfter(world, events)).toEqual(["delivered", "rejected", "delivered", "rejected"]);
  expect(world.http.sent).toHaveLength(1);
});

test("two addresses of one contact are parted", async () => {
  // HubSpot knows them as one contact, and tells it like an id that is there twice.
  const world = lane({}, (request, options) => {
    const both = ["main@example.com", "other@example.com"].every((email) => request.body.includes(`"id":"${email}"`));
    if (!both) return answers()(request, options);
    const message = "Duplicate IDs found in batch input: [512]. IDs must be unique";
    return {
      status: 400,
      headers: {},
      body: JSON.stringify({ status: "error", message, category: "VALIDATION_ERROR" }),
    };
  });
  const emails = ["a", "main", "b", "c", "other", "d"];
  const events = emails.map((name, index) => of(`e${index}`, `${name}@example.com`));
  expect(await statesAfter(world, events)).toEqual(events.map(() => "delivered"));
});

test("an event that nobody defined keeps no other back, and waits for whoever defines it", async () => {
  const world = lane({ send: "events", portalId: "7" });
  const events = [
    of("e1", "a@example.com"),
    of("e2", "b@example.com", { event_name: "refund" }),
    of("e3", "c@example.com"),
  ];
  expect(await statesAfter(world, events)).toEqual(["delivered", "retry", "delivered"]);
  expect(world.http.sent.map(({ url }) => url)).toEqual(
    Array.from({ length: 2 }, () => "https://api.hubapi.com/events/2026-03/send/batch"),
  );
});

test("a property that nobody made costs the rows that have it a while", async () => {
  const world = lane({ properties: { missing_plan: "properties.plan" } });
  const events = [of("e1", "a@example.com"), of("e2", "b@example.com", { properties: { plan: "gold" } })];
  expect(await statesAfter(world, events)).toEqual(["delivered", "retry"]);
});
