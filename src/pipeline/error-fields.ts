/** An error as log fields: its class and message, which of our adapters and the SDK hold nothing personal. */
export function errorFields(error: unknown): Record<string, string> {
  return error instanceof Error
    ? { error: error.name, error_message: error.message.slice(0, 300) }
    : { error: typeof error };
}
