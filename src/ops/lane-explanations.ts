import type { ResolvedConfig } from "../config/resolved-config.ts";
import type { Explain } from "../core/explanation.ts";
import { explainFailure } from "../explanations/explain.ts";

/** Explains the failures of a configuration's lanes; of a lane that is not in it, by its name if that is a destination's. */
export function laneExplanations({ destinations }: Pick<ResolvedConfig, "destinations">): Explain {
  const types = new Map(destinations.map(({ id, type }) => [id, type]));
  return (failure) => explainFailure(types.get(failure.lane) ?? failure.lane, failure);
}
