import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { linkedin } from "../../src/destinations/linkedin.ts";
import { createAccessTokens } from "../../src/pipeline/access-token.ts";

export const handler = createDeliverHandler(linkedin, { createAccessTokens });
