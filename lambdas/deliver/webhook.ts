import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { webhook } from "../../src/destinations/webhook.ts";

export const handler = createDeliverHandler(webhook);
