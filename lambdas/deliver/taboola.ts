import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { taboola } from "../../src/destinations/taboola.ts";

export const handler = createDeliverHandler(taboola);
