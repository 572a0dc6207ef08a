import type { ResolvedSource } from "../config/resolved-config.ts";
import {
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
  throttled,
} from "./ingest-contract.ts";

/** A key as the request carried it. */
export interface PresentedKey {
  key: string;
  /** Where it stood: a secret must not be in a URL, which is logged on its way. */
  from: "header" | "body" | "query";
}

/** The source that the request may speak for, or the refusal. */
export type AuthResult = { ok: true; source: ResolvedSource } | { ok: false; response: IngestResponse };

/** User name of Basic authentication, with or without its colon; the password does not matter. Undefined when blank. */
export function basicUser(request: IngestRequest): string | undefined {
  const encoded = /^basic\s+(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const user = Buffer.from(encoded, "base64").toString("utf8").split(":")[0]?.trim();
  return user === "" ? undefined : user;
}

/** The key of a first-party request: Bearer, Basic user name, `X-TrackLayer-Key`, or `?key=` for `sendBeacon`. */
export function firstPartyKey(request: IngestRequest): PresentedKey | undefined {
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
  const inHeader = bearer ?? basicUser(request) ?? request.headers["x-tracklayer-key"]?.trim();
  if (inHeader) return { key: inHeader, from: "header" };
  return request.query.key ? { key: request.query.key, from: "query" } : undefined;
}

/**
 * The key of an SDK request, in the order of the vendors: Basic user, body, query. A Bearer token is Segment's own and
 * means nothing here. `mismatch` when header and body name different keys: to pick one would be to guess a tenant.
 */
export function sdkKey(request: IngestRequest, bodyKeys: readonly string[]): PresentedKey | "mismatch" | undefined {
  const header = basicUser(request);
  const body = bodyKeys[0];
  if (header !== undefined && body !== undefined && header !== body) return "mismatch";
  if (header !== undefined) return { key: header, from: "header" };
  if (body !== undefined) return { key: body, from: "body" };
  return request.query.writeKey ? { key: request.query.writeKey, from: "query" } : undefined;
}

/** Finds the source of a key and checks that this request may use it, and that the source is within its rate limit. */
export async function authorise(
  presented: PresentedKey | "mismatch" | undefined,
  request: IngestRequest,
  deps: Pick<IngestDependencies, "keys" | "rates" | "metrics" | "log">,
): Promise<AuthResult> {
  const auth = await identify(presented, request, deps);
  if (!auth.ok) return auth;
  const { source } = auth;
  const refusal = deps.rates?.refusal(source);
  if (refusal === undefined) return auth;
  deps.metrics.add("RequestsThrottled", 1, { source: source.id });
  if (refusal.isFirst) deps.log.warn("a source is over its rate limit", { source: source.id });
  return { ok: false, response: throttled(refusal.retryAfterSeconds, request) };
}

async function identify(
  presented: PresentedKey | "mismatch" | undefined,
  request: IngestRequest,
  { keys, log }: Pick<IngestDependencies, "keys" | "log">,
): Promise<AuthResult> {
  const refuse = (status: 401 | 403, code: string, message: string): AuthResult => ({
    ok: false,
    response: failure(status, code, message, request),
  });
  if (presented === undefined) return refuse(401, "key_missing", "send the source's key");
  if (presented === "mismatch") return refuse(401, "key_mismatch", "the header and the body name different keys");
  const source = await keys.find(presented.key);
  if (source === undefined) return refuse(401, "key_unknown", "no source has this key");
  if (source.kind === "server") {
    const code = secretExposure(presented, request);
    if (code === undefined) return { ok: true, source };
    // Whoever can read the page or the URL has the key now: it must be replaced.
    log.warn("a secret key was exposed and refused", { source: source.id, code });
    return refuse(401, code, "this is a server key: replace it, and use a browser key here");
  }
  if (source.kind === "app") {
    // Apps send no Origin. A page that does has taken the key to get around the list of a browser key.
    if (request.headers.origin === undefined) return { ok: true, source };
    return refuse(403, "origin_not_allowed", "this key is for apps: use a browser key on pages");
  }
  if (isAllowedOrigin(source, request)) return { ok: true, source };
  return refuse(403, "origin_not_allowed", "this browser key is not for this origin");
}

function secretExposure(presented: PresentedKey, request: IngestRequest): string | undefined {
  if (request.headers.origin !== undefined) return "secret_key_in_browser";
  return presented.from === "query" ? "secret_key_in_url" : undefined;
}

// Browsers put Origin on every POST, `sendBeacon` included; only images and same-origin GETs come without, and then the
// Referer tells. Neither: not a page of ours, or one that hides where it is.
function isAllowedOrigin(source: ResolvedSource, request: IngestRequest): boolean {
  const { origin, referer } = request.headers;
  const from = origin ?? (referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined);
  return from !== undefined && source.allowedOrigins.includes(from);
}
