import type { CanonicalEvent } from "./event.ts";

/** What ingest knows about an event besides what the event says. */
export interface EventContext {
  source: CanonicalEvent["source"];
  /** Epoch ms of our clock. */
  receivedAt: number;
  /** The sender's clock when it sent, epoch ms. */
  sentAt?: number | undefined;
  /** The event was made on a visitor's device, whose clock may be wrong. */
  deviceClock: boolean;
  /** The connection, when it is the person's own; absent when a server speaks for the person. */
  visitor?: Visitor;
  /** Whose deduplication id a purchase or refund carries when both are there. */
  preferOrderId: boolean;
  newId(): string;
}

/** What a visitor's own connection shows. */
export interface Visitor {
  ip: string;
  userAgent?: string;
  /** `Cookie` header of the request, parsed. */
  cookies: Readonly<Record<string, string>>;
  /** `Sec-GPC: 1` was sent. */
  globalPrivacyControl: boolean;
  /** The page that the request came from, as far as the browser told: often its origin only. */
  pageUrl?: string;
  /** Where the connection comes from, when a proxy that is believed said so. */
  location?: NonNullable<CanonicalEvent["location"]>;
}
