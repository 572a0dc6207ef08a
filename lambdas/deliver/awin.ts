import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { awin } from "../../src/destinations/awin.ts";

export const handler = createDeliverHandler(awin);
