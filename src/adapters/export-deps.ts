import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { DAY_MS, SECOND_MS } from "../core/durations.ts";
import { EXPORT_DAYS } from "../core/export-document.ts";
import { present } from "../core/present.ts";
import type { ExportDeps } from "../pipeline/export.ts";
import type { ExportStore } from "../pipeline/export-ports.ts";
import type { Clock, Log } from "../pipeline/ports.ts";
import type { PrivacyJobStore } from "../pipeline/privacy-ports.ts";
import type { ReplayDeps } from "../pipeline/replay.ts";
import type { ReplayRequestDeps } from "../pipeline/replay-request.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { createDynamoEventLookups } from "./dynamo-event-lookups.ts";
import { requireEnv } from "./runtime-config.ts";
import { createS3ExportStore } from "./s3-export-store.ts";

/** What Firehose may take beside its buffer interval, ms. */
const SETTLING_MS = 10 * SECOND_MS;

/** What a function has at hand when it starts. */
export interface ExportContainer {
  readonly config: ResolvedConfig;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: PrivacyJobStore;
  /** An export reads what a replay reads. */
  readonly replaying: ReplayDeps & ReplayRequestDeps;
}

/** What exports are collected with in AWS. */
export function createExportDeps({ client, clock, config, jobs, log, replaying }: ExportContainer): ExportDeps {
  const { archive, scopes, archiveDays, contacts, identities, replays } = replaying;
  const bufferMs = (config.archive?.bufferSeconds ?? 0) * SECOND_MS;
  return {
    exports: createArchiveExports(),
    archive,
    reads: createDynamoEventLookups({ client, table: requireEnv("DELIVERY_TABLE"), now: clock.now }),
    identities,
    ...present({ contacts }),
    replays,
    jobs,
    clock,
    log,
    lanes: config.destinations.map(({ id }) => id),
    scopes,
    ...(config.defaultCountry === undefined ? {} : { defaultCountry: config.defaultCountry }),
    archiveDays,
    quarantineDays: config.retention.quarantineDays,
    deliveryDays: config.retention.deliveryDays,
    // Firehose takes longer by a share of its interval now and then: its buffers are hints to it.
    settleMs: bufferMs * 1.2 + SETTLING_MS,
    keptMs: Math.min(EXPORT_DAYS, archiveDays) * DAY_MS,
  };
}

/** Exports in the bucket that the function's environment names. */
export function createArchiveExports(): ExportStore {
  const client = new S3Client({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER });
  return createS3ExportStore({ client, bucket: requireEnv("ARCHIVE_BUCKET") });
}
