import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { snapchat } from "../../src/destinations/snapchat.ts";

export const handler = createDeliverHandler(snapchat);
