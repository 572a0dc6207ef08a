import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { openaiAds } from "../../src/destinations/openai-ads.ts";

export const handler = createDeliverHandler(openaiAds);
