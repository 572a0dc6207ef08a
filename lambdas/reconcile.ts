import { createReconcileHandler } from "../src/adapters/lambda-reconcile.ts";

/** The run of each hour: what came in against what each hop has. */
export const handler = createReconcileHandler();
