import { createMemoryAuditLog } from "../../src/adapters/memory/audit-log.ts";
import { createMemoryOpsKeys } from "../../src/adapters/memory/ops-keys.ts";
import { OPS_PERMISSIONS, type OpsPermission } from "../../src/ops/contract/keys.ts";
import { createFailedAttempts } from "../../src/ops/failed-attempts.ts";
import { createOpsKey } from "../../src/ops/ops-key.ts";
import type { OpsRequest } from "../../src/ops/ops-request.ts";
import { type AnyOpsRoute, answerOps, type RouterDeps } from "../../src/ops/router.ts";
import type { Log } from "../../src/pipeline/ports.ts";

/** When everything in the world happens, epoch ms; `clock.at` moves it. */
export const OPS_NOW = Date.parse("2026-11-23T12:00:00Z");

/** What a test asks: the parts of a request that matter to it. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
  readonly type?: string;
  readonly key?: string;
  readonly ip?: string;
}

/** An ops API on memory, with any routes and ports. */
export async function createOpsWorld<Ports>(routes: readonly AnyOpsRoute<Ports>[], ports: Ports) {
  const clock = { at: OPS_NOW, now: () => clock.at };
  const lines: { level: string; message: string; fields: object }[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push({ level, message, fields });
  const log: Log = { info: write("info"), warn: write("warn"), error: write("error"), step: () => {} };
  const keys = createMemoryOpsKeys(clock.now);
  const audit = createMemoryAuditLog();
  const deps: RouterDeps<Ports> = {
    routes,
    ports,
    keys,
    audit,
    clock,
    log,
    attempts: createFailedAttempts(clock.now),
    newId: () => "newthingsid0",
  };
  let made = 0;
  async function keyFor(permissions: readonly OpsPermission[] = OPS_PERMISSIONS, expiresAt?: number): Promise<string> {
    made += 1;
    const { key } = await createOpsKey(
      {
        id: `key${String(made).padStart(9, "0")}`,
        secret: new Uint8Array(32).fill(made),
        label: "a test",
        permissions,
        by: "test",
        now: OPS_NOW,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      keys,
    );
    return key;
  }
  const everything = await keyFor();
  async function ask(given: Ask, changed: Partial<RouterDeps<Ports>> = {}) {
    const key = given.key ?? everything;
    const request: OpsRequest = {
      method: given.method ?? "GET",
      path: `/v1/ops${given.path}`,
      rawQuery: given.query ?? "",
      headers: {
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
        ...(given.body === undefined ? {} : { "content-type": given.type ?? "application/json" }),
      },
      body: new TextEncoder().encode(given.body ?? ""),
      ip: given.ip ?? "203.0.113.9",
      requestId: "request-1",
    };
    const { status, headers, body } = await answerOps(request, { ...deps, ...changed });
    return { status, headers, body: JSON.parse(body) };
  }
  return { ask, keyFor, keys, audit, clock, lines, everything };
}
