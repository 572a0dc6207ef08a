import { createMemoryAuditLog } from "../../../src/adapters/memory/audit-log.ts";
import { auditLogSuite } from "../../support/audit-log-suite.ts";

auditLogSuite(async () => createMemoryAuditLog());
