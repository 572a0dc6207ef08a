import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { microsoftAds } from "../../src/destinations/microsoft-ads.ts";

export const handler = createDeliverHandler(microsoftAds);
