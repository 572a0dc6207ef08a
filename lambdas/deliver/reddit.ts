import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { reddit } from "../../src/destinations/reddit.ts";

export const handler = createDeliverHandler(reddit);
