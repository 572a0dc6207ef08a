import { type AuditPorts, listAudit, verifyAudit } from "./audit.ts";
import { type DeadLetterPorts, listDeadLetters, peekDeadLetters, purge, redrive } from "./dead-letters.ts";
import type { DestinationPorts } from "./destination-health.ts";
import { listDestinations, pauseDestination, resumeDestination, showDestination } from "./destinations.ts";
import { type StoryPorts, showEvent } from "./event-stories.ts";
import { listEvents } from "./events.ts";
import { listFailures } from "./failures.ts";
import { listFindings } from "./findings.ts";
import { type HealthPorts, health } from "./health.ts";
import { type IdentityEditPorts, showIdentity, splitIdentity } from "./identity.ts";
import { createKey, type KeyPorts, listKeys, revokeKey } from "./keys.ts";
import { type ErasePorts, listPrivacyJobs, readPrivacyJob, startErasure } from "./privacy-erase.ts";
import { downloadExport, type ExportPorts, startExport } from "./privacy-export.ts";
import { listPlatformDeletions, type PlatformPorts } from "./privacy-platforms.ts";
import { type QualityPorts, showQuality } from "./quality.ts";
import { listQuarantine } from "./quarantine.ts";
import { listReconciliation, type ReconciliationPorts } from "./reconciliation.ts";
import { listReplays, type ReplayRoutePorts, readReplay, startReplay, stopReplay } from "./replays.ts";
import { type ResubmitPorts, resubmitQuarantined } from "./resubmit.ts";
import type { AnyOpsRoute } from "./router.ts";
import { showSensitive } from "./sensitive.ts";
import { type TailPorts, tail } from "./tail.ts";

/** What the routes of all modules need together: each module names its own part. */
export type OpsPorts = HealthPorts &
  StoryPorts &
  ResubmitPorts &
  QualityPorts &
  IdentityEditPorts &
  DestinationPorts &
  DeadLetterPorts &
  TailPorts &
  ReplayRoutePorts &
  ReconciliationPorts &
  ErasePorts &
  ExportPorts &
  PlatformPorts &
  KeyPorts &
  AuditPorts;

/** Every operation of the ops API, in the order of its document. */
export const OPS_ROUTES: readonly AnyOpsRoute<OpsPorts>[] = [
  health,
  listEvents,
  showEvent,
  listFailures,
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
  listQuarantine,
  resubmitQuarantined,
  listFindings,
  listReconciliation,
  showIdentity,
  splitIdentity,
  startErasure,
  listPrivacyJobs,
  readPrivacyJob,
  startExport,
  downloadExport,
  listPlatformDeletions,
  showQuality,
  showSensitive,
  tail,
  listKeys,
  createKey,
  revokeKey,
  listAudit,
  verifyAudit,
];
