import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { outbrain } from "../../src/destinations/outbrain.ts";

export const handler = createDeliverHandler(outbrain);
