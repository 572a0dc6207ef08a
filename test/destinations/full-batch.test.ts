import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { platformAt } from "../../packages/sandbox/src/platforms.ts";
import { RESPONSE_BYTES } from "../../src/adapters/http-sender.ts";
import { CLICK_ID_NAMES } from "../../src/core/click-ids.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventForLane } from "../../src/core/routing.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { hashedEvent } from "../support/events.ts";
import { sampledLane } from "../support/sampled-lanes.ts";

// An answer that is cut says nothing about its events: they would be sent again until they expire. Platforms answer with
// a row for each event, so that the largest batch has the longest answer.

const click = (name: string) => [name, { value: `${name}-Q7vT2k9pZ4mXw8sB1nRc6`, seen_at: hashedEvent().event_time }];
const click_ids = Object.fromEntries(CLICK_ID_NAMES.map(click)) as NonNullable<CanonicalEvent["click_ids"]>;

function someone(index: number): CanonicalEvent {
  const { user } = hashedEvent();
  const id = `6f1c2d3e-4b5a-4c7d-8e9f-${String(index).padStart(12, "0")}`;
  return hashedEvent({
    event_id: id,
    order_id: `2026-${index}`,
    user: {
      ...user,
      user_id: id,
      email: `customer.${index}@mail.example.com`,
      first_name: "Ada",
      last_name: "Lovelace",
    },
    click_ids,
  });
}

test.each(Object.keys(SAMPLES))("the answer to the largest batch of %s is read whole, and understood", (id) => {
  const lane = sampledLane(id, hashedEvent().event_time + 60_000);
  const { destination } = lane;
  const events = Array.from({ length: destination.limits.batchSize }, (_, index) => someone(index)).map((event) =>
    eventForLane(event, event.consent ?? {}, lane),
  );
  expect(events.flatMap((event) => destination.skipReason(event, lane) ?? [])).toEqual([]);
  const request = platformRequest(destination.buildRequest(events, lane));
  expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(destination.limits.bodyBytes);
  const { secret } = lane.credentials;
  const options = judgeOptions({ secrets: secret === undefined ? [] : [secret] });
  const { answer } = platformAt(request.host, request.path).judge(request, lane.now, options);
  expect(Buffer.byteLength(answer.body)).toBeLessThan(RESPONSE_BYTES);
  const outcomes = destination.classify(answer, events, lane);
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["delivered"]));
});
