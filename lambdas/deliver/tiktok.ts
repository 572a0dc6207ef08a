import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { tiktok } from "../../src/destinations/tiktok.ts";

export const handler = createDeliverHandler(tiktok);
