/**
 * One line of the audit log: who did what over the ops API. Items of the delivery table, pk `AUDIT`, sk the number with
 * leading zeros, never changed and never expiring. Each holds the digest of the one before, so that a line that is
 * changed, removed or put in between shows. No personal data: an identifier that was asked for is there as its digest.
 */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly number: number;
  /** Epoch ms. */
  readonly at: number;
  /** `key:<id of the ops key>`, or `iam:<what the tool knows of its user>` for what was done with AWS credentials. */
  readonly actor: string;
  /** Verb and thing, such as `lane.pause`, `replay.start`, `event.read_personal`, `key.create`. */
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** `digest` of the entry before; 64 zeros of the first. */
  readonly previous: string;
  /** SHA-256, hex, over the canonical JSON of all other fields. */
  readonly digest: string;
}
