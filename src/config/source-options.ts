/** One sender of events with its own key. */
export interface SourceConfig {
  /**
   * `browser`: a public key, usable only from `origins`. `app`: a public key for mobile apps, refused when a page sends
   * it. `server`: a secret key, refused when a browser sends it. Public keys cannot refund or name another address.
   */
  kind: "browser" | "app" | "server";
  /** Exact origins such as `https://shop.example.com`; required for browsers, forbidden for the others. */
  origins?: string[];
  /**
   * Sources with the same scope share event ids, so that the browser's and the server's copy of a purchase are one.
   * @default the source's id
   */
  dedupScope?: string;
  /**
   * Sources with the same scope have the same accounts and visitors: a user id or an anonymous id of one is that of all.
   * @default the source's `dedupScope`
   */
  identityScope?: string;
  /**
   * Secrets Manager name of the key.
   * @default "tracklayer/<environment>/source/<id>"
   */
  keySecret?: string;
  /**
   * Events per second, 1 to 10,000, counted over windows of ten seconds. Beyond it requests are answered 429 with
   * `Retry-After`. Each request of a source with a limit costs one write of the delivery table.
   * @default none; the gateway's own limit over all sources always holds
   */
  rateLimit?: number;
  /**
   * Event id of a purchase from a Segment or RudderStack SDK when the SDK made its message id up: that id, or one made
   * of the order id so that copies from different SDKs meet. A message id that the caller chose always stays.
   * @default "order_id"
   */
  purchaseEventId?: "message_id" | "order_id";
  /**
   * Which of an SDK's amounts becomes the event's value; the first present wins.
   * @default ["revenue", "total", "value"]
   */
  valueFrom?: ("revenue" | "total" | "value")[];
}
