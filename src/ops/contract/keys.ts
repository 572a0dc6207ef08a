/**
 * What an ops key may do. `read`: look, masked. `operate`: pause, resume, replay, redrive, submit again. `personal`:
 * see personal data in clear, in requests that say `personal=true`; each such reading is in the audit log. `admin`:
 * make and revoke keys.
 */
export const OPS_PERMISSIONS = ["read", "operate", "personal", "admin"] as const;

/** One of them. */
export type OpsPermission = (typeof OPS_PERMISSIONS)[number];

/** An ops key; the key itself is shown once, when it is made, and only its digest is kept. */
export interface OpsKeyView {
  readonly id: string;
  readonly label: string;
  readonly permissions: readonly OpsPermission[];
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at?: number;
  readonly last_used_day?: string;
}

/** A new ops key: `key` is shown in this answer only. */
export interface CreatedOpsKey extends OpsKeyView {
  readonly key: string;
}
