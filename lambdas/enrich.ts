import { DESTINATIONS } from "#destinations";
import { createEnrichDependencies, createEnrichHandler } from "../src/adapters/lambda-enrich.ts";

/**
 * Claims, identifies and routes the events of `events.fifo`, and puts them on the lanes. `#destinations` is the whole
 * catalogue; in a bundle it is the part of it that the configuration names.
 */
export const handler = createEnrichHandler(createEnrichDependencies(DESTINATIONS));
