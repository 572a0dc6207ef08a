import type { Destination } from "../core/destination.ts";
import type { Outcome } from "../core/outcome.ts";
import type { BatchLedger } from "./batch-ledger.ts";
import type { DeliverDeps } from "./lane.ts";
import type { LaneGate } from "./lane-breaker.ts";

/**
 * Left for what follows an answer, ms, should AWS not answer either: the secret read anew (6 s), the dead-letter queue
 * (6 s), receipts (10 s), visibility changes (6 s), and the way back. Without that room an answered request would be
 * sent again.
 */
export const RESERVE_MS = 32_000;

/** The lane's credentials as one invocation uses them: its secret, and an access token where one is fetched. */
export interface CredentialsInUse {
  current(): Readonly<Record<string, string>>;
  /** Every value of them in this invocation, replaced ones too: none may stand in what is kept. */
  everUsed(): Iterable<string>;
  /**
   * Reads the secret and fetches the access token anew, once per invocation. `renewed`: `current` is now another than
   * what was refused; an outcome: why there is no new token.
   */
  renew(refused: Readonly<Record<string, string>>): Promise<"renewed" | "unchanged" | Outcome>;
}

/** What the exchanges of one invocation share. */
export interface ExchangeScope {
  readonly destination: Destination;
  readonly deps: DeliverDeps;
  readonly ledger: BatchLedger;
  readonly gate: LaneGate;
  readonly credentials: CredentialsInUse;
}
