import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { googleAds } from "../../src/destinations/google-ads.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";

export const handler = createDeliverHandler(googleAds, { createAccessTokens });
