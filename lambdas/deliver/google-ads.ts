import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { googleAds } from "../../src/destinations/google-ads.ts";

export const handler = createDeliverHandler(googleAds);
