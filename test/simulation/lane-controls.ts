import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { isStopped, type LaneControl } from "../../src/core/lane-control.ts";
import type { LaneControlStore, LaneIntakes } from "../../src/pipeline/lane-control-ports.ts";
import type { Container, RunContext } from "./container.ts";
import { named } from "./queues.ts";
import { STALE_MS, type TableFaults, tableCall } from "./stores.ts";

/** Told of how lanes stand, at the moment it changes. */
export interface ControlWitness {
  controlled(control: LaneControl, by: string): void;
  /** A container asked for a control or wrote one, and got no answer. */
  controlFailed(container: string): void;
}

/** The controls of all lanes of a run. */
export interface SimulatedControls {
  of(container: Container): LaneControlStore;
  /** As a person's tools have them: without faults. */
  readonly direct: LaneControlStore;
  isStopped(lane: string): boolean;
}

/** The memory twin, with one call for each operation as the real adapter makes them. */
export function createControls(
  { calls, stale }: TableFaults,
  witness: ControlWitness,
  { faults, time }: RunContext,
): SimulatedControls {
  const inner = createMemoryLaneControls();
  const latest = new Map<string, LaneControl>();
  const before = new Map<string, { control: LaneControl | undefined; until: number }>();

  async function save(control: LaneControl, by: string): Promise<boolean> {
    const previous = latest.get(control.lane);
    // The twin does its work before it first waits: so is what is told of it.
    const saving = inner.save(control);
    if ((previous?.version ?? 0) === control.version - 1) {
      before.set(control.lane, { control: previous, until: time.now() + STALE_MS });
      latest.set(control.lane, control);
      witness.controlled(control, by);
    }
    return saving;
  }

  return {
    direct: { read: (lanes) => inner.read(lanes), save: (control) => save(control, "a person") },
    isStopped: (lane) => isStopped(latest.get(lane)),
    of: (container) => ({
      async read(lanes) {
        try {
          return await tableCall(container, calls, {
            label: `read controls ${lanes.join(" ")}`,
            async effect() {
              const controls = await inner.read(lanes);
              return controls.map((control, index) => {
                const older = before.get(lanes[index] ?? "");
                const mayBeStale = older !== undefined && time.now() < older.until;
                const point = () => container.nextPoint(`stale control ${lanes[index]}`);
                return mayBeStale && faults.strikes(point(), stale) ? older.control : control;
              });
            },
          });
        } catch (error) {
          witness.controlFailed(container.name);
          throw error;
        }
      },
      async save(control) {
        const by = container.invocation;
        try {
          return await tableCall(container, calls, {
            label: `save control ${control.lane} ${control.state}`,
            effect: () => save(control, by),
          });
        } catch (error) {
          witness.controlFailed(container.name);
          throw error;
        }
      },
    }),
  };
}

/** The switches of event source mappings as a container has them. */
export function createIntakes(
  mappings: ReadonlyMap<string, { isOn(): boolean; turn(on: boolean): void }>,
  { calls }: Pick<TableFaults, "calls">,
): (container: Container) => LaneIntakes {
  const mappingOf = (lane: string) => {
    const mapping = mappings.get(`lane-${lane}`);
    if (mapping === undefined) throw new Error(`no mapping of ${lane}`);
    return mapping;
  };
  return (container) => {
    const call = <T>(label: string, effect: () => T) =>
      container.call<T>({
        label,
        shares: calls,
        tookMs: 60,
        timeoutMs: 6_000,
        error: () => named("ServiceException"),
        effect,
      });
    return {
      isOpen: (lane) => call(`look at intake ${lane}`, () => mappingOf(lane).isOn()),
      set: (lane, open) => call(`turn intake ${lane} ${open ? "on" : "off"}`, () => mappingOf(lane).turn(open)),
    };
  };
}
