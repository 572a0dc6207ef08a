import type { IncomingHttpHeaders } from "node:http";
import type { HttpApiModel } from "./model.ts";

type Cors = NonNullable<HttpApiModel["cors"]>;

/** True for the question a browser asks before a cross-origin request; the API answers it without the function. */
export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}

/** Headers of the answer to a preflight: none for an origin that is not allowed, and the browser stops there. */
export function preflightHeaders(cors: Cors, origin: string | undefined): Record<string, string> {
  const base = corsHeaders(cors, origin);
  if (Object.keys(base).length === 0) return {};
  const lists = {
    "access-control-allow-methods": cors.allowMethods.join(","),
    "access-control-allow-headers": cors.allowHeaders.join(","),
    "access-control-max-age": String(cors.maxAgeSeconds),
  };
  return { ...base, ...Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== "")) };
}

/** Headers added to every real answer to an allowed origin. */
export function corsHeaders(cors: Cors, origin: string | undefined): Record<string, string> {
  if (origin === undefined || !cors.allowOrigins.some((allowed) => allows(allowed, origin))) return {};
  const any = cors.allowOrigins.includes("*") && !cors.allowCredentials;
  return {
    "access-control-allow-origin": any ? "*" : origin,
    ...(cors.allowCredentials ? { "access-control-allow-credentials": "true" } : {}),
    ...(cors.exposeHeaders.length > 0 ? { "access-control-expose-headers": cors.exposeHeaders.join(",") } : {}),
  };
}

/** `*`, `https://*` and exact origins; hosts cannot hold a wildcard. */
function allows(allowed: string, origin: string): boolean {
  if (allowed === "*") return true;
  return allowed.endsWith("://*") ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}
