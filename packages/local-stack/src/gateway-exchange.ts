import type { OutgoingHttpHeaders } from "node:http";

/** A request as the gateway got it, for services whose operations are told by path and method. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What goes back for it. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | string;
}
