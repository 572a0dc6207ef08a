import { DESTINATIONS } from "#destinations";
import { createOpsDependencies, createOpsHandler } from "../src/adapters/lambda-ops.ts";

/** Answers people and their tools under `/v1/ops`. */
export const handler = createOpsHandler(createOpsDependencies(DESTINATIONS));
