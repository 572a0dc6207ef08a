import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { x } from "../../src/destinations/x.ts";

export const handler = createDeliverHandler(x);
