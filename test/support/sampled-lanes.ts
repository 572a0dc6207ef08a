import type { DeliveryContext } from "../../src/core/destination.ts";
import type { Lane } from "../../src/core/routing.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { SAMPLES } from "./destination-samples.ts";

/** A lane, and what an attempt on it is given: one object is both. */
export type SampledLane = Lane & DeliveryContext<unknown>;

/** A lane of this destination as its sample drives it, with the first of the settings unless others are given. */
export function sampledLane(id: string, now: number, settings: unknown = SAMPLES[id]?.settings[0]): SampledLane {
  const destination = DESTINATIONS[id];
  const sample = SAMPLES[id];
  if (destination === undefined || sample === undefined) throw new Error(`no destination ${id}`);
  return {
    id,
    lane: id,
    destination,
    settings: destination.settings.parse(settings),
    credentials: sample.credentials,
    now,
    testMode: false,
    ...sample.events,
  };
}

/** A lane for each destination and each of its settings, behind their names for the title of a test. */
export function sampledLanes(now: number): [id: string, settings: string, lane: SampledLane][] {
  return Object.entries(SAMPLES).flatMap(([id, { settings }]) =>
    settings.map((one): [string, string, SampledLane] => [id, JSON.stringify(one), sampledLane(id, now, one)]),
  );
}
