import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { hubspot } from "../../src/destinations/hubspot.ts";

export const handler = createDeliverHandler(hubspot);
