import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { EventSourceMappingModel } from "./model.ts";

interface Switch {
  /** What the template said when the mapping was switched. */
  readonly template: boolean;
  readonly enabled: boolean;
}

/**
 * Which mappings poll. What was switched through the API outlives a restart and a deployment, as on AWS: CloudFormation
 * touches `Enabled` only when the template itself changes it.
 */
export class MappingSwitches {
  readonly #file: string | undefined;
  readonly #switches: Map<string, Switch>;

  /** Forgets what the template has meanwhile changed. Without a file nothing is kept over a restart. */
  constructor(models: readonly EventSourceMappingModel[], file: string | undefined) {
    this.#file = file;
    const kept = file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "{}";
    this.#switches = new Map(Object.entries(JSON.parse(kept) as Record<string, Switch>));
    for (const { uuid, enabled } of models) {
      if (this.#switches.get(uuid)?.template !== enabled) this.#switches.delete(uuid);
    }
    this.#save();
  }

  isEnabled({ uuid, enabled }: EventSourceMappingModel): boolean {
    return this.#switches.get(uuid)?.enabled ?? enabled;
  }

  set({ uuid, enabled: template }: EventSourceMappingModel, enabled: boolean): void {
    this.#switches.set(uuid, { template, enabled });
    this.#save();
  }

  #save(): void {
    if (this.#file !== undefined) writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#switches)));
  }
}
