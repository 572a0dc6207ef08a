import { z } from "zod/mini";
import type { Clock } from "../pipeline/ports.ts";
import { list, pageOf } from "./answer-fields.ts";
import { type CreatedOpsKey, OPS_PERMISSIONS, type OpsKeyView } from "./contract/keys.ts";
import type { Page } from "./contract/page.ts";
import { createOpsKey, type OpsKeyStore, viewOf } from "./ops-key.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Of the routes of keys. */
export interface KeyPorts {
  readonly keys: OpsKeyStore;
  /** 32 random bytes, for a new key. */
  readonly newSecret: () => Uint8Array;
  readonly clock: Pick<Clock, "now">;
}

const PERMISSIONS = z.array(z.enum(OPS_PERMISSIONS)).check(z.minLength(1));

const VIEW = {
  id: z.string(),
  label: z.string(),
  permissions: list(z.enum(OPS_PERMISSIONS)),
  created_at: z.number(),
  created_by: z.string(),
  expires_at: z.exactOptional(z.number()),
  last_used_day: z.exactOptional(z.string()),
};

/** `GET /keys`. */
export const listKeys = defineRoute({
  method: "GET",
  path: "/keys",
  permission: "admin",
  summary: "Ops keys that work, newest first",
  input: z.object({}),
  answer: pageOf(z.object(VIEW)),
  async run(_, { keys }: KeyPorts): Promise<Page<OpsKeyView>> {
    return { items: (await keys.list()).map(viewOf) };
  },
});

/** `POST /keys`. */
export const createKey = defineRoute({
  method: "POST",
  path: "/keys",
  permission: "admin",
  summary: "Make an ops key; the answer is the only place that shows it",
  input: z.object({
    label: z.string().check(z.minLength(1), z.maxLength(100)),
    permissions: PERMISSIONS,
    expires_at: z.optional(z.number().check(z.int())),
  }),
  answer: z.object({ ...VIEW, key: z.string() }),
  audit: ({ permissions }, { newId }) => ({
    action: "key.create",
    target: newId,
    details: { permissions: permissions.join(" ") },
  }),
  async run({ label, permissions, expires_at }, { keys, newSecret, clock }: KeyPorts, caller): Promise<CreatedOpsKey> {
    const now = clock.now();
    if (expires_at !== undefined && expires_at <= now) {
      throw new OpsRefusal(422, "expires_in_the_past", "expires_at is over already", "give it in epoch milliseconds");
    }
    const { key, view } = await createOpsKey(
      {
        id: caller.newId,
        secret: newSecret(),
        label,
        permissions: OPS_PERMISSIONS.filter((permission) => permissions.includes(permission)),
        by: caller.actor,
        now,
        ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
      },
      keys,
    );
    return { ...view, key };
  },
});

/** `DELETE /keys/{id}`. */
export const revokeKey = defineRoute({
  method: "DELETE",
  path: "/keys/{id}",
  permission: "admin",
  summary: "End an ops key, with the next request that comes with it",
  input: z.object({
    id: z.string().check(z.regex(/^[a-z0-9]{12}$/, "must be the id of a key, as `GET /keys` lists it")),
  }),
  answer: z.object({ revoked: z.string() }),
  audit: ({ id }) => ({ action: "key.revoke", target: id }),
  async run({ id }, { keys, clock }: KeyPorts): Promise<{ revoked: string }> {
    if (!(await keys.revoke(id, clock.now())))
      throw new OpsRefusal(404, "no_such_key", "no key with this id is in use");
    return { revoked: id };
  },
});
