import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { meta } from "../../src/destinations/meta.ts";

export const handler = createDeliverHandler(meta);
