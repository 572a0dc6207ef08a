import { createHash, timingSafeEqual } from "node:crypto";
import { present } from "../core/present.ts";
import type { OpsKeyView, OpsPermission } from "./contract/keys.ts";

/** An ops key as it is stored: pk `OPSKEY#<id>`, sk `KEY` of the delivery table. The key itself is stored nowhere. */
export interface StoredOpsKey extends OpsKeyView {
  /** SHA-256 of the secret part, hex. Enough for 256 random bits: there is nothing to guess that stretching would slow down. */
  readonly digest: string;
  /** Epoch ms; a revoked key stays for a while, so that its use can be told from that of an unknown one in the log. */
  readonly revoked_at?: number;
}

/** Where ops keys are kept. */
export interface OpsKeyStore {
  /** Consistent: a revoked key ends with the next request. */
  read(id: string): Promise<StoredOpsKey | undefined>;
  /** False when the id is taken. */
  create(key: StoredOpsKey): Promise<boolean>;
  /** False when there is no such key that works. */
  revoke(id: string, at: number): Promise<boolean>;
  /** Keys that were not revoked, newest first; a second or so behind. */
  list(): Promise<StoredOpsKey[]>;
  /** Notes the day of use (`YYYY-MM-DD`). */
  markUsed(id: string, day: string): Promise<void>;
}

/** What a new key is made from. */
export interface NewOpsKey {
  /** 12 characters of `a-z0-9`; shown in lists and the audit log. */
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  readonly label: string;
  readonly permissions: readonly OpsPermission[];
  readonly by: string;
  readonly now: number;
  /** Epoch ms, rounded down to a second: the table forgets it by itself. */
  readonly expiresAt?: number;
}

const KEY = /^tlo_([a-z0-9]{12})_([0-9a-f]{64})$/;

/** Makes a key and stores its digest. `key` is `tlo_<id>_<secret>`, to be shown once. Throws when the id is taken. */
export async function createOpsKey(
  { id, secret, label, permissions, by, now, expiresAt }: NewOpsKey,
  store: Pick<OpsKeyStore, "create">,
): Promise<{ key: string; view: OpsKeyView }> {
  const text = Buffer.from(secret).toString("hex");
  const key = `tlo_${id}_${text}`;
  if (secret.length !== 32 || parseOpsKey(key) === undefined) throw new Error("an ops key needs 12 and 32 characters");
  const stored: StoredOpsKey = {
    id,
    label,
    permissions,
    created_at: now,
    created_by: by,
    digest: digestOf(text),
    ...present({ expires_at: expiresAt === undefined ? undefined : Math.floor(expiresAt / 1000) * 1000 }),
  };
  if (!(await store.create(stored))) throw new Error("the key's id is taken");
  return { key, view: viewOf(stored) };
}

/** The parts of a key's text, or undefined for what is no ops key. */
export function parseOpsKey(text: string): { id: string; secret: string } | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** As people may see it. */
export function viewOf({ digest: _, revoked_at: __, ...view }: StoredOpsKey): OpsKeyView {
  return view;
}

/** In constant time. Without a stored key a digest of nothing is compared, so that an unknown id takes as long. */
export function hasSecret(stored: StoredOpsKey | undefined, secret: string): boolean {
  const wanted = Buffer.from(stored?.digest ?? digestOf(""), "hex");
  const given = Buffer.from(digestOf(secret), "hex");
  return wanted.length === given.length && timingSafeEqual(wanted, given) && stored !== undefined;
}

function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
