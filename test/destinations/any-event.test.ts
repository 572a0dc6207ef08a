import fc from "fast-check";
import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { platformAt } from "../../packages/sandbox/src/platforms.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventForLane } from "../../src/core/routing.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { arbitraryEvents, EVENT_TIME } from "../support/arbitrary-events.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { type SampledLane, sampledLanes } from "../support/sampled-lanes.ts";

// What a lane does not skip, its platform takes: one refused event fails a whole request at most platforms, and at some
// is lost without a word.

const NOW = EVENT_TIME + 60_000;
const RUNS = 150;
/** Requests that each lane must have made: some skip nineteen of twenty events, which a fixed number of runs may miss. */
const ENOUGH_SENT = 10;
const MOST_ROUNDS = 20;

test("every destination has a sample, with settings to try", () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(Object.keys(DESTINATIONS).sort());
  expect(Object.keys(SAMPLES).filter((id) => SAMPLES[id]?.settings.length === 0)).toEqual([]);
});

test.each(sampledLanes(NOW))("%s takes whatever its lane sends with %s", (id, _settings, sampled) => {
  const lane = { ...sampled, defaultCountry: "DE" };
  const sample = SAMPLES[id];
  let sent = 0;
  const property = fc.property(fc.array(arbitraryEvents, { minLength: 1, maxLength: 3 }), (arbitrary) => {
    const events = arbitrary.map((event) => eventForLane(event, event.consent ?? {}, lane));
    const batch = firstBatch(events, lane);
    if (batch.length === 0) return;
    sent += 1;
    const { platform, problems } = judged(batch, lane);
    const rows = sample?.mayFold === true ? problems.length : batch.length;
    expect({ platform, problems }).toEqual({ platform: id, problems: Array.from({ length: rows }, () => []) });
    expect(rows).toBeGreaterThan(0);
  });
  for (let round = 0; round === 0 || (sent < ENOUGH_SENT && round < MOST_ROUNDS); round += 1) {
    fc.assert(property, { numRuns: Math.ceil(RUNS / (sample?.settings.length ?? 1)) });
  }
  // A lane that skips everything would pass for the wrong reason.
  expect(sent).toBeGreaterThanOrEqual(ENOUGH_SENT);
});

/** Those that the pipeline would send together with the first that is not skipped. */
function firstBatch(events: readonly CanonicalEvent[], lane: SampledLane) {
  const { destination } = lane;
  const toSend = events.filter((event) => destination.skipReason(event, lane) === undefined);
  const keys = toSend.map((event) => destination.batchKey?.(event, lane));
  return toSend.filter((_, index) => keys[index] === keys[0]).slice(0, destination.limits.batchSize);
}

function judged(batch: readonly CanonicalEvent[], lane: SampledLane) {
  const request = platformRequest(lane.destination.buildRequest(batch, lane));
  const { secret } = lane.credentials;
  const options = judgeOptions({ secrets: secret === undefined ? [] : [secret] });
  const platform = platformAt(request.host, request.path);
  const { events } = platform.judge(request, lane.now, options);
  return { platform: platform.id, problems: events.map(({ problems }) => problems) };
}
