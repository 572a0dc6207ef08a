import type { LaneControl } from "../../core/lane-control.ts";
import type { LaneControlStore } from "../../pipeline/lane-control-ports.ts";

/** Controls of lanes in memory. */
export function createMemoryLaneControls(): LaneControlStore {
  const controls = new Map<string, LaneControl>();
  return {
    async read(lanes) {
      return lanes.map((lane) => structuredClone(controls.get(lane)));
    },
    async save(control) {
      if ((controls.get(control.lane)?.version ?? 0) !== control.version - 1) return false;
      controls.set(control.lane, structuredClone(control));
      return true;
    },
  };
}
