import { createOpsHandler } from "../src/adapters/lambda-ops.ts";

/** Answers people and their tools under `/v1/ops`. */
export const handler = createOpsHandler();
