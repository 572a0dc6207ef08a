/** Most bytes of one SendMessageBatch, attributes included; one message may be as large as a whole call. */
export const SQS_CALL_BYTES = 1_048_576;

/** Most bytes of a lane message: what is dead-lettered takes a mark and a reason along, and must still fit. */
export const LANE_MESSAGE_BYTES = SQS_CALL_BYTES - 2_048;

/**
 * SQS refuses what XML 1.0 cannot hold. JSON text escapes control characters and lone surrogates by itself; these two
 * code points it does not, and escaped they mean the same.
 */
export function escapeForSqs(json: string): string {
  return json.replace(/[\uFFFE\uFFFF]/g, (character) => (character === "\uFFFE" ? "\\ufffe" : "\\uffff"));
}
