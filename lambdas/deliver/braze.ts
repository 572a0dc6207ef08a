import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { braze } from "../../src/destinations/braze.ts";

export const handler = createDeliverHandler(braze);
