import { createIngestHandler } from "../src/adapters/lambda-ingest.ts";

/** Takes events over HTTP and puts them on the events queue. */
export const handler = createIngestHandler();
