import { type AuditPorts, listAudit, verifyAudit } from "./audit.ts";
import { type HealthPorts, health } from "./health.ts";
import { createKey, type KeyPorts, listKeys, revokeKey } from "./keys.ts";
import type { AnyOpsRoute } from "./router.ts";

/** What the routes of all modules need together: each module names its own part. */
export interface OpsPorts extends HealthPorts, KeyPorts, AuditPorts {}

/** Every operation of the ops API, in the order of its document. */
export const OPS_ROUTES: readonly AnyOpsRoute<OpsPorts>[] = [
  health,
  listKeys,
  createKey,
  revokeKey,
  listAudit,
  verifyAudit,
];
