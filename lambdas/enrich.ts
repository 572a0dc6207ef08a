import { createEnrichHandler } from "../src/adapters/lambda-enrich.ts";

/** Claims, identifies and routes the events of `events.fifo`, and puts them on the lanes. */
export const handler = createEnrichHandler();
