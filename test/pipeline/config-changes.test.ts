import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { enrichingFor, enrichPorts, queuedCopy } from "../support/enrich-world.ts";
import { purchaseEvent } from "../support/events.ts";
import { fakeDestination, LANE, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";
import { testLane } from "../support/lanes.ts";

/** G20: what the configuration says now holds, for what came under another one. */

const settingsWith = (...lanes: string[]) => enrichingFor(lanes.map((lane) => testLane(lane)));

const enrichWorld = () => ({ ...enrichPorts(["meta", "ga4", "x"], NOW), archive: createMemoryEventArchive() });

const RECORD = queuedCopy(purchaseEvent({ event_id: "o-1" }), "copy-1");

describe("between the claim and the fan-out", () => {
  test("G20: a lane that was removed gets nothing and holds up nobody; the decision of then stays on the record", async () => {
    const ports = enrichWorld();
    const { send } = ports.lanes;
    const refusing = {
      ...ports,
      lanes: { ...ports.lanes, send: async () => [{ sent: false as const, reason: "down" }] },
    };
    expect(await enrichBatch([RECORD], settingsWith("meta", "ga4"), refusing)).toEqual([RECORD.messageId]);
    expect(await enrichBatch([RECORD], settingsWith("meta"), { ...ports, lanes: { ...ports.lanes, send } })).toEqual(
      [],
    );
    expect(ports.lanes.messages("meta")).toHaveLength(1);
    expect(ports.lanes.messages("ga4")).toEqual([]);
    expect(ports.archive.events().at(-1)?.decisions).toMatchObject([
      { lane: "meta", send: true },
      { lane: "ga4", send: true },
    ]);
  });

  test("G20: a lane that was added since gets what is claimed from then on, and older events by a replay", async () => {
    const ports = enrichWorld();
    await enrichBatch([RECORD], settingsWith("meta"), ports);
    expect(await enrichBatch([RECORD], settingsWith("meta", "x"), ports)).toEqual([]);
    expect(ports.lanes.messages("x")).toEqual([]);
    const next = queuedCopy(purchaseEvent({ event_id: "o-2" }), "copy-2");
    await enrichBatch([next], settingsWith("meta", "x"), ports);
    expect(ports.lanes.messages("x").map(({ event }) => event.event_id)).toEqual(["o-2"]);
  });
});

describe("while messages wait on the lane's queue", () => {
  const waiting = () => [laneMessage(purchase("old-1")), laneMessage(purchase("old-2"))];

  test("G20: a lane that is removed and added again goes on with its queue, under the settings of now", async () => {
    const urls: string[] = [];
    const fake = fakeDestination();
    const destination = fakeDestination({
      buildRequest(events, context) {
        urls.push(JSON.stringify(context.settings));
        return fake.buildRequest(events, context);
      },
    });
    const world = laneWorld({ destination, lane: { settings: { account: "new" } } });
    expect(await world.deliver(waiting())).toEqual({ failures: [] });
    expect(urls).toEqual(['{"account":"new"}']);
    expect(await world.state(purchase("old-1"))).toBe("delivered");
  });

  test("G20: an event that was turned off meanwhile is skipped with that reason, and nothing is sent", async () => {
    const world = laneWorld({ lane: { events: { purchase: { drop: true } } } });
    expect(await world.deliver(waiting())).toEqual({ failures: [] });
    expect(await world.record(purchase("old-2"))).toMatchObject({
      state: "skipped",
      skip: { code: "not_configured", detail: expect.stringContaining("purchase") },
    });
    expect(world.http.sent).toEqual([]);
  });

  test("G20: a purpose that was added is asked of what waits", async () => {
    const world = laneWorld({ lane: { consent: ["ad_user_data", "ad_personalization"] } });
    const denied = purchase("denied", { consent: { ...GRANTED, ad_personalization: "denied" } });
    const granted = purchase("granted", { consent: GRANTED });
    await world.deliver([laneMessage(denied), laneMessage(granted)]);
    expect(await world.record(denied)).toMatchObject({ state: "skipped", skip: { code: "consent" } });
    expect(await world.state(granted)).toBe("delivered");
  });

  test("G20: a message of another lane is never sent from this one, whoever put it there", async () => {
    const world = laneWorld();
    const foreign = laneMessage(purchase("foreign"), { lane: `${LANE}-2` });
    expect(await world.deliver([foreign])).toEqual({ failures: [] });
    expect(world.http.sent).toEqual([]);
    expect(world.queue.deadLetters).toEqual([{ body: foreign.body, reason: "meant for another lane" }]);
  });
});
