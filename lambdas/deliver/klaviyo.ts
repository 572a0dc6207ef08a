import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { klaviyo } from "../../src/destinations/klaviyo.ts";

export const handler = createDeliverHandler(klaviyo);
