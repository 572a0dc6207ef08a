import { randomBytes } from "node:crypto";
import { resourceName } from "../../lib/constructs/resource-name.ts";
import { createDynamoAuditLog } from "../../src/adapters/dynamo-audit-log.ts";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { createDynamoOpsKeys } from "../../src/adapters/dynamo-ops-keys.ts";
import type { CreatedOpsKey, OpsPermission } from "../../src/ops/contract/keys.ts";
import { createOpsKey } from "../../src/ops/ops-key.ts";
import { randomId } from "../../src/ops/router.ts";
import { loadConfig } from "../load-config.ts";
import { chooseAccess, type StackOptions } from "./stack-access.ts";

/** What a key is to be. */
export interface WantedKey {
  readonly label: string;
  readonly permissions: readonly OpsPermission[];
  /** Epoch ms. */
  readonly expires_at?: number;
}

/**
 * Makes a key straight in the delivery table, for who may write there and has no key yet. Written to the audit log first,
 * like everything that makes a key.
 */
export async function createFirstKey(wanted: WantedKey, options: StackOptions, now: number): Promise<CreatedOpsKey> {
  const { label, permissions, expires_at } = wanted;
  const access = chooseAccess(options, await loadConfig());
  const client = createDynamoClient(access.client);
  const table = access.local?.tables.delivery ?? resourceName(access.environment, "delivery");
  try {
    const { accessKeyId } = await client.config.credentials();
    const by = `iam:${accessKeyId}`;
    const id = randomId();
    const details = { permissions: permissions.join(" ") };
    await createDynamoAuditLog({ client, table }).append({
      at: now,
      actor: by,
      action: "key.create",
      target: id,
      details,
    });
    const made = await createOpsKey(
      {
        id,
        secret: randomBytes(32),
        label,
        permissions,
        by,
        now,
        ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
      },
      createDynamoOpsKeys({ client, table, now: () => now }),
    );
    return { ...made.view, key: made.key };
  } finally {
    client.destroy();
  }
}
