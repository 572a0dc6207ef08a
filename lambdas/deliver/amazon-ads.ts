import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { amazonAds } from "../../src/destinations/amazon-ads.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";

export const handler = createDeliverHandler(amazonAds, { createAccessTokens });
