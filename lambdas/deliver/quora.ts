import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { quora } from "../../src/destinations/quora.ts";

export const handler = createDeliverHandler(quora);
