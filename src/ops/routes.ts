import { type HealthPorts, health } from "./health.ts";
import type { AnyOpsRoute } from "./router.ts";

/** What the routes of all modules need together: each module names its own part. */
export interface OpsPorts extends HealthPorts {}

/** Every operation of the ops API, in the order of its document. */
export const OPS_ROUTES: readonly AnyOpsRoute<OpsPorts>[] = [health];
