import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { ga4 } from "../../src/destinations/ga4.ts";

export const handler = createDeliverHandler(ga4);
