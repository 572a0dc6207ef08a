import { createDetectHandler } from "../src/adapters/lambda-detect.ts";

export const handler = createDetectHandler();
