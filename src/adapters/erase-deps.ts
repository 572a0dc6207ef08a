import { randomBytes } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { MINUTE_MS, SECOND_MS } from "../core/durations.ts";
import { ERASURE_REACH_MS } from "../core/erasure.ts";
import { erasureRemains, tombstoneLife } from "../core/erasure-remains.ts";
import type { EraseDeps, EraseFirstDeps, ErasureLifetimes } from "../pipeline/erase.ts";
import type { Clock } from "../pipeline/ports.ts";
import type { PrivacyJobStore } from "../pipeline/privacy-ports.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";
import { COPY_DAYS } from "./delivery-items.ts";
import { createDynamoForgettableDeliveries } from "./dynamo-forgettable-deliveries.ts";
import { createDynamoIdentityStore } from "./dynamo-identity-store.ts";
import { createDynamoReplayStore } from "./dynamo-replay-store.ts";
import { createDynamoTombstones } from "./dynamo-tombstones.ts";
import { requireEnv } from "./runtime-config.ts";
import { createS3ArchiveEraser } from "./s3-archive-eraser.ts";
import { createS3ArchiveReader } from "./s3-archive-reader.ts";

/** What a function has at hand when it starts. */
export interface EraseContainer {
  readonly config: Pick<ResolvedConfig, "archive" | "retention" | "sources" | "defaultCountry">;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
}

/** What a worker had in hand that died comes out of the events queue again within this, ms: three visibility timeouts. */
const IN_HAND_MS = 10 * MINUTE_MS;
/** Firehose takes longer by a share of its interval now and then: its buffers are hints to it. */
const BUFFER_SLACK = 1.2;

/** How long something of before an erasure may be anywhere, by the configuration. */
function erasureLifetimes({ archive, retention }: EraseContainer["config"]): ErasureLifetimes {
  const { deliveryDays, quarantineDays } = retention;
  const copyDays = Math.min(COPY_DAYS, deliveryDays);
  const kept = { archiveDays: archive?.days ?? 0, copyDays, deliveryDays, quarantineDays };
  return { tombstonesMs: tombstoneLife(kept), remains: erasureRemains(kept) };
}

/** What a request to erase works with itself. */
export function createEraseFirstDeps({ client, clock, config }: EraseContainer): EraseFirstDeps {
  const { sources } = config;
  return {
    identities: createDynamoIdentityStore({ client, table: requireEnv("IDENTITY_TABLE"), now: clock.now }),
    scopes: [...new Set(sources.flatMap(({ dedupScope, identityScope = dedupScope }) => [identityScope, dedupScope]))],
    tombstones: createDynamoTombstones({ client, table: requireEnv("DELIVERY_TABLE"), now: clock.now }),
    newSecret: () => randomBytes(32).toString("base64url"),
    lifetimes: erasureLifetimes(config),
    clock,
  };
}

/** What the run of each minute erases with. */
export function createEraseDeps(container: EraseContainer & { readonly jobs: PrivacyJobStore }): EraseDeps {
  const { client, clock, config, jobs } = container;
  const { archive, defaultCountry, retention } = config;
  const table = requireEnv("DELIVERY_TABLE");
  const bufferMs = (archive?.bufferSeconds ?? 0) * SECOND_MS;
  return {
    ...createEraseFirstDeps(container),
    ...(archive === undefined ? {} : { archive: eraserOf(bufferMs) }),
    deliveries: createDynamoForgettableDeliveries({ client, table, now: clock.now }),
    jobs,
    replays: createDynamoReplayStore({ client, table, days: retention.deliveryDays }),
    archiveDays: archive?.days ?? 0,
    quarantineDays: retention.quarantineDays,
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
    settleMs: ERASURE_REACH_MS + IN_HAND_MS + bufferMs * BUFFER_SLACK,
  };
}

function eraserOf(bufferMs: number): NonNullable<EraseDeps["archive"]> {
  const client = new S3Client({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER });
  const bucket = requireEnv("ARCHIVE_BUCKET");
  return { ...createS3ArchiveReader({ client, bucket, bufferMs }), ...createS3ArchiveEraser({ client, bucket }) };
}
