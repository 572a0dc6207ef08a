/**
 * What happened to one event at one destination, named by what happens next.
 *
 * - `delivered`: the platform confirmed it. Final.
 * - `retry`: try the same event again, not before `afterMs` (a platform's `Retry-After`) when given.
 * - `rejected`: the platform will never take this event. Final; `reason` holds the platform's words.
 * - `unauthorized`: the credential or permission is wrong; no event of this lane can pass until a person acts.
 */
export type Outcome =
  | { readonly kind: "delivered"; readonly note?: string }
  | { readonly kind: "retry"; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "unauthorized"; readonly reason: string };

/**
 * The state of one event at one destination as diagnostics show it: the outcome kinds, the ways in which nothing is
 * (yet) sent, and `attempting`: a request went out and its answer is not known (yet); written only for platforms that
 * do not drop copies. `pending` is never stored: it is the absence of a record.
 */
export type DeliveryState = Outcome["kind"] | "attempting" | "skipped" | "expired" | "pending";

/** All of them, for what people may ask for and are answered with. */
export const DELIVERY_STATES = [
  "delivered",
  "retry",
  "rejected",
  "unauthorized",
  "attempting",
  "skipped",
  "expired",
  "pending",
] as const satisfies readonly DeliveryState[];

/** States after which a lane never sends the event again. */
export const FINAL_STATES: ReadonlySet<DeliveryState> = new Set(["delivered", "rejected", "skipped", "expired"]);

/**
 * States that a person may have to act on: listed by lane and day. `retry` is not: most of it mends itself, and going
 * onto the list and off again would make each retried event three writes dearer.
 */
export const ATTENTION_STATES: ReadonlySet<DeliveryState> = new Set(["rejected", "unauthorized", "expired"]);
