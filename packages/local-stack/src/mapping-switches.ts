import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { EventSourceMappingModel } from "./model.ts";

interface Switch {
  /** What the template said when the mapping was last seen. */
  readonly template: boolean;
  readonly enabled: boolean;
}

/**
 * Which mappings poll. What was switched through the API outlives a restart and a deployment, as on AWS: CloudFormation
 * touches `Enabled` only when the template itself changes it.
 */
export class MappingSwitches {
  readonly #file: string | undefined;
  readonly #switches: Record<string, Switch>;

  /** Without a file nothing is kept over a restart. */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#switches =
      file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Switch>) : {};
  }

  isEnabled({ uuid, enabled }: EventSourceMappingModel): boolean {
    const known = this.#switches[uuid];
    return known?.template === enabled ? known.enabled : enabled;
  }

  set({ uuid, enabled: template }: EventSourceMappingModel, enabled: boolean): void {
    this.#switches[uuid] = { template, enabled };
    if (this.#file !== undefined) writeFileSync(this.#file, JSON.stringify(this.#switches));
  }
}
