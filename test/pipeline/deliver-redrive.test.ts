import { HOUR_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { ReceivedMessage } from "../../src/pipeline/lane.ts";
import { idsOf, laneMessage, laneWorld, NOW, purchase, rawMessage, takesAll } from "../support/lane-world.ts";

/** A lane whose platform is down until told, with one event that expired there. */
async function expired(event: CanonicalEvent = purchase("e1")) {
  const platform = { isUp: false };
  const world = laneWorld({
    platform: (request, options) =>
      platform.isUp ? takesAll(request, options) : { status: 503, headers: {}, body: "" },
  });
  const original = laneMessage(event);
  await world.deliver([original]);
  world.time.now = NOW + 25 * HOUR_MS;
  await world.deliver([original]);
  expect(await world.state(event)).toBe("expired");
  return { world, platform, event, original };
}

/** What SQS hands out after a person moved a dead letter back to the lane. */
function redriven(world: ReturnType<typeof laneWorld>, which = 0): ReceivedMessage {
  const body = world.queue.deadLetters[which]?.body ?? "";
  return { ...rawMessage(body, `redriven-${which}`), firstReceivedAt: world.time.now };
}

test("G16: a redriven event is delivered, once", async () => {
  const { world, platform, event } = await expired();
  platform.isUp = true;
  world.time.now += 48 * HOUR_MS;
  const message = redriven(world);
  expect(await world.deliver([message])).toEqual({ failures: [] });
  expect(await world.record(event)).toMatchObject({ state: "delivered", attempt_count: 2 });
  expect(await world.deliver([message])).toEqual({ failures: [] });
  expect(world.http.sent.map(idsOf)).toEqual([["e1"], ["e1"]]);
});

test("a redrive starts the retry window anew, from the moment the lane sees the message", async () => {
  const { world, platform, event } = await expired();
  world.time.now += 24 * HOUR_MS;
  const message = redriven(world);
  expect(await world.deliver([message])).toEqual({ failures: ["redriven-0"] });
  expect(await world.state(event)).toBe("retry");
  world.time.now += 20 * HOUR_MS;
  platform.isUp = true;
  expect(await world.deliver([{ ...message, receiveCount: 2 }])).toEqual({ failures: [] });
  expect(await world.state(event)).toBe("delivered");
});

test("one that expires again is on the DLQ again, and may be redriven again", async () => {
  const { world, platform, event } = await expired();
  const message = redriven(world);
  await world.deliver([message]);
  world.time.now += 25 * HOUR_MS;
  expect(await world.deliver([message])).toEqual({ failures: [] });
  expect(await world.state(event)).toBe("expired");
  expect(world.queue.deadLetters).toHaveLength(2);
  // Redelivered because its deletion got lost: its own work is done.
  expect(await world.deliver([message])).toEqual({ failures: [] });
  expect(world.queue.deadLetters).toHaveLength(2);
  platform.isUp = true;
  await world.deliver([redriven(world, 1)]);
  expect(await world.state(event)).toBe("delivered");
});

test.each([
  [0, 1],
  [1, 0],
])(
  "G16: of two dead letters of one event in one batch, %i and %i, the one that revives it is kept",
  async (...order) => {
    const { world, platform, event } = await expired();
    await world.deliver([redriven(world)]);
    world.time.now += 25 * HOUR_MS;
    // Its receipt's answer was lost, or its deletion: the event expires again, and both dead letters are redriven at once.
    await world.deliver([{ ...redriven(world), firstReceivedAt: world.time.now - 25 * HOUR_MS }]);
    expect(world.queue.deadLetters).toHaveLength(2);
    platform.isUp = true;
    const batch = order.map((which) => redriven(world, which));
    expect(await world.deliver(batch)).toEqual({ failures: [] });
    expect(await world.state(event)).toBe("delivered");
  },
);

test("without a redrive `expired` stays final, whoever brings the first message again", async () => {
  const { world, platform, original, event } = await expired();
  platform.isUp = true;
  expect(await world.deliver([original])).toEqual({ failures: [] });
  expect(await world.state(event)).toBe("expired");
  expect(world.http.sent).toHaveLength(1);
});

test("what the platform is too late for by now ends, and does not go round to the DLQ again", async () => {
  const { world, platform, event } = await expired();
  platform.isUp = true;
  world.time.now += 170 * HOUR_MS;
  expect(await world.deliver([redriven(world)])).toEqual({ failures: [] });
  expect(await world.record(event)).toMatchObject({
    state: "expired",
    reason: expect.stringContaining("older than the 7 days that the platform takes"),
  });
  expect(world.queue.deadLetters).toHaveLength(1);
  expect(world.http.sent).toHaveLength(1);
});

test("one that the platform refuses until it is too late ends in the same way", async () => {
  const { world, event } = await expired();
  world.time.now = NOW + 168 * HOUR_MS - 3 * 60_000;
  expect(await world.deliver([redriven(world)])).toEqual({ failures: [] });
  expect(await world.record(event)).toMatchObject({ state: "expired", reason: expect.stringContaining("status 503") });
  expect(world.queue.deadLetters).toHaveLength(1);
});
