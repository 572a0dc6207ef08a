import { type AuditPorts, listAudit, verifyAudit } from "./audit.ts";
import { type DeadLetterPorts, listDeadLetters, peekDeadLetters, purge, redrive } from "./dead-letters.ts";
import type { DestinationPorts } from "./destination-health.ts";
import { listDestinations, pauseDestination, resumeDestination, showDestination } from "./destinations.ts";
import { type HealthPorts, health } from "./health.ts";
import { createKey, type KeyPorts, listKeys, revokeKey } from "./keys.ts";
import { listReplays, type ReplayRoutePorts, readReplay, startReplay, stopReplay } from "./replays.ts";
import type { AnyOpsRoute } from "./router.ts";
import { type TailPorts, tail } from "./tail.ts";

/** What the routes of all modules need together: each module names its own part. */
export interface OpsPorts
  extends HealthPorts,
    DestinationPorts,
    DeadLetterPorts,
    TailPorts,
    ReplayRoutePorts,
    KeyPorts,
    AuditPorts {}

/** Every operation of the ops API, in the order of its document. */
export const OPS_ROUTES: readonly AnyOpsRoute<OpsPorts>[] = [
  health,
  listDestinations,
  showDestination,
  pauseDestination,
  resumeDestination,
  listDeadLetters,
  peekDeadLetters,
  redrive,
  purge,
  startReplay,
  listReplays,
  readReplay,
  stopReplay,
  tail,
  listKeys,
  createKey,
  revokeKey,
  listAudit,
  verifyAudit,
];
