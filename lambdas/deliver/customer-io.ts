import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { customerIo } from "../../src/destinations/customer-io.ts";

export const handler = createDeliverHandler(customerIo);
