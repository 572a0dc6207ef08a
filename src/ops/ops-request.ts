/** One HTTP request to the ops API, free of any gateway's shape. */
export interface OpsRequest {
  readonly method: string;
  /** Percent-encoded, without the query, from `/v1/ops` on. */
  readonly path: string;
  /** Without its question mark. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Address of the connection. */
  readonly ip: string;
  readonly requestId: string;
}

/** Its answer; `body` is JSON. */
export interface OpsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
