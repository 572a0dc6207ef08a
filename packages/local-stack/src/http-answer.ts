/** An answer ready for the socket. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  /** Why the integration failed, for the access log; absent when it did not. */
  readonly integrationError?: string;
}

/** One of API Gateway's own answers, `{"message": "..."}`. */
export function gatewayAnswer(status: number, message: string, integrationError?: string): ApiAnswer {
  const body = Buffer.from(JSON.stringify({ message }));
  const answer = { status, headers: { "content-type": "application/json" }, cookies: [], body };
  return integrationError === undefined ? answer : { ...answer, integrationError };
}

/**
 * Reads what a function returned, by the rules of payload format 2.0: with a `statusCode` it is the answer, and
 * anything else is the JSON body of a 200. What cannot be read as an answer is a 500, as on AWS.
 */
export function answerOf(returned: unknown): ApiAnswer {
  if (!isRecord(returned) || !("statusCode" in returned)) {
    const body = Buffer.from(typeof returned === "string" ? returned : JSON.stringify(returned ?? null));
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body };
  }
  const status = Number(returned.statusCode);
  const body = bodyOf(returned);
  const headers = headersOf(returned.headers);
  if (!Number.isInteger(status) || status < 100 || status > 599 || body === undefined || headers === undefined) {
    return gatewayAnswer(
      500,
      "Internal Server Error",
      "The response from the Lambda function doesn't match the format",
    );
  }
  if (headers["content-type"] === undefined && body.length > 0) headers["content-type"] = "text/plain;charset=UTF-8";
  const cookies = Array.isArray(returned.cookies) ? returned.cookies.map(String) : [];
  return { status, headers, cookies, body };
}

function bodyOf(returned: Readonly<Record<string, unknown>>): Buffer | undefined {
  const { body, isBase64Encoded } = returned;
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body !== "string") return undefined;
  return Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8");
}

function headersOf(given: unknown): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  if (given === undefined || given === null) return headers;
  if (!isRecord(given)) return undefined;
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "object" && value !== null) return undefined;
    headers[name.toLowerCase()] = String(value);
  }
  return headers;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
