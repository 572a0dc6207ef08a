import { DESTINATIONS } from "#destinations";
import { createMaintainHandler } from "../src/adapters/lambda-maintain.ts";

/** The run of each minute: breakers of the lanes, and what other work goes on without an event coming by. */
export const handler = createMaintainHandler(DESTINATIONS);
