/**
 * Request handler of every AWS client, in ms. A call that hangs, as one on a socket that froze with the λ does, fails
 * and is tried again on a new connection in place of outliving the invocation. `throwOnRequestTimeout` is what makes
 * it fail: without, the SDK writes a warning and goes on waiting.
 */
export const AWS_REQUEST_HANDLER = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * Tries of one call. DynamoDB holds a batch up for ten seconds at worst, the others for six: what `RESERVE_MS` in
 * `exchange-scope.ts` and enrich's own timeout leave room for.
 */
export const AWS_ATTEMPTS = { dynamo: 3, other: 2 } as const;
