import { DESTINATIONS } from "#destinations";
import { createReadBackHandler } from "../src/adapters/lambda-read-back.ts";

/** Asks platforms for their own scores of match quality. Deployed only where a lane's configuration wants it. */
export const handler = createReadBackHandler(DESTINATIONS);
