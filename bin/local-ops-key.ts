import { randomBytes } from "node:crypto";
import { createDynamoClient } from "../src/adapters/dynamo-client.ts";
import { createDynamoOpsKeys } from "../src/adapters/dynamo-ops-keys.ts";
import { DAY_MS } from "../src/core/durations.ts";
import { OPS_PERMISSIONS } from "../src/ops/contract/keys.ts";
import { createOpsKey } from "../src/ops/ops-key.ts";
import { randomId } from "../src/ops/router.ts";
import type { LocalState } from "./local-state.ts";

/** Makes the key with which this machine's tools open the local stack's ops API; with kept data, a new one each start. */
export async function createLocalOpsKey(
  { gatewayUrl, region, credentials, tables }: Pick<LocalState, "gatewayUrl" | "region" | "credentials" | "tables">,
  now: number,
): Promise<string> {
  // A copy: the SDK writes a mark of its own into what it is given, and the caller writes the same object to a file.
  const client = createDynamoClient({ endpoint: gatewayUrl, region, credentials: { ...credentials } });
  try {
    const { key } = await createOpsKey(
      {
        id: randomId(),
        secret: randomBytes(32),
        label: "npm start",
        permissions: OPS_PERMISSIONS,
        by: "npm start",
        now,
        expiresAt: now + 30 * DAY_MS,
      },
      createDynamoOpsKeys({ client, table: tables.delivery, now: () => now }),
    );
    return key;
  } finally {
    client.destroy();
  }
}
