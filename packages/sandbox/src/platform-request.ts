import type { PlatformRequest } from "./model.ts";

/** A request as its platform sees it, from what a client sends: full URL, header names in any case. */
export function platformRequest(sent: {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}): PlatformRequest {
  const { hostname, pathname, searchParams } = new URL(sent.url);
  const headers = Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: sent.method,
    host: hostname,
    path: pathname,
    query: searchParams,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: sent.body,
  };
}

/** Whether the content type says so, with or without a charset: `application/json`, `application/vnd.api+json` ... */
export function hasContentType(request: PlatformRequest, type: string): boolean {
  const given = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  return given === type;
}

/** The token of `Authorization: Bearer <token>`. */
export function bearerToken(request: PlatformRequest): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

/** User and password of `Authorization: Basic <base64>`. */
export function basicCredentials(request: PlatformRequest): { user: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { user, password: password.join(":") };
}

/**
 * Parameters of a query string or form, once each; `repeated` names those that came twice, of which platforms take
 * either and say nothing.
 */
export function parameters(given: URLSearchParams): { fields: Record<string, string>; repeated: readonly string[] } {
  const names = [...given.keys()];
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return { fields: Object.fromEntries(given), repeated: [...repeated] };
}
