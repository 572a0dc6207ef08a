import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { nextdoor } from "../../src/destinations/nextdoor.ts";

export const handler = createDeliverHandler(nextdoor);
