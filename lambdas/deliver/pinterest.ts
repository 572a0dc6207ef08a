import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { pinterest } from "../../src/destinations/pinterest.ts";

export const handler = createDeliverHandler(pinterest);
