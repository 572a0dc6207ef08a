import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { DestinationRequest, DestinationResponse } from "./destination.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "./durations.ts";
import { isTransientStatus, jsonObject } from "./platform-answer.ts";
import { retryAfterMs, retryOutcome } from "./retry-after.ts";
import { isObject } from "./safe-json.ts";

/** Of a token whose answer names no readable lifetime; short, because a dead token costs a refused request, ms. */
const ASSUMED_LIFE_MS = 10 * MINUTE_MS;
/** Below this every batch would fetch a token of its own, ms. */
const SHORTEST_LIFE_MS = 30_000;
/** No container lives longer, and an absurd number must not keep a token for ever, ms. */
const LONGEST_LIFE_MS = DAY_MS;

/** Google takes a service account's assertion for an hour from `iat`; longer ones are refused, s. */
const ASSERTION_SECONDS = 3_600;
/** `iat` lies back by this: an assertion from a clock that is ahead is refused as one of the future, s. */
const CLOCK_SKEW_SECONDS = 60;

/** What a refresh token is traded in with; further fields go into the form under their own names. */
export interface RefreshGrant {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly [field: string]: string;
}

/** A new access token for a refresh token, by RFC 6749, section 6; client id and secret travel in the form. */
export function refreshTokenRequest(url: string, grant: RefreshGrant): DestinationRequest {
  const { refreshToken, clientId, clientSecret, ...extra } = grant;
  return formRequest(url, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
    ...extra,
  });
}

/** A service account, and what its token is for. `scope` holds one or more, separated by spaces. */
export interface ServiceAccountGrant {
  readonly email: string;
  /** PEM, as the account's JSON key file has it; see `privateKeyProblem`. */
  readonly privateKey: string;
  readonly scope: string;
  readonly tokenUrl: string;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * A new access token for an assertion that the service account's key signs (RFC 7523). Throws a `RangeError` when the key
 * cannot sign. https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
export function serviceAccountRequest(grant: ServiceAccountGrant): DestinationRequest {
  const key = rsaKey(grant.privateKey);
  if (typeof key === "string") throw new RangeError(`the private key ${key}`);
  const iat = Math.floor(grant.now / SECOND_MS) - CLOCK_SKEW_SECONDS;
  const claims = {
    iss: grant.email,
    scope: grant.scope,
    aud: grant.tokenUrl,
    iat,
    exp: iat + ASSERTION_SECONDS,
  };
  const signed = `${base64url({ alg: "RS256", typ: "JWT" })}.${base64url(claims)}`;
  const signature = sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url");
  return formRequest(grant.tokenUrl, {
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: `${signed}.${signature}`,
  });
}

/**
 * Why the text of this field of the secret cannot sign assertions, or undefined. For `credentialProblem`; quotes no part
 * of the key.
 */
export function privateKeyProblem(privateKey: string, field = "privateKey"): string | undefined {
  const key = rsaKey(privateKey);
  return typeof key === "string" ? `${field} ${key}` : undefined;
}

/** An access token and how long it lives from now, or what is in the way of one. */
export type TokenAnswer =
  | { readonly token: string; readonly expiresInMs: number }
  | { readonly kind: "unauthorized"; readonly reason: string }
  | { readonly kind: "retry"; readonly reason: string; readonly afterMs?: number };

/**
 * What a person does about the errors of RFC 6749, sections 4.1.2.1 and 5.2. No colon after "token", "secret" or "key":
 * what follows one is taken out of every reason as a secret.
 */
const REMEDIES: Readonly<Record<string, string>> = {
  invalid_grant:
    "the refresh token or key has expired or was revoked, so connect the account again. Google ends a refresh token after 7 days while the app's consent screen is in Testing",
  invalid_client: "client id and client secret do not belong together, so copy both from the platform's console again",
  unauthorized_client: "this app may not use the refresh token or key, so connect the account again through this app",
  invalid_scope: "the account did not allow what is asked for, so connect it again with all scopes that it needs",
  access_denied: "the account or its administrator denied access, so have it allowed and connect the account again",
  invalid_request: "the platform cannot read the request for an access token, so check every field of the secret",
  unsupported_grant_type: "the platform does not give access tokens in this way, so check every field of the secret",
};

/** Errors that pass by themselves, although some servers answer 400 with them. */
const PASSING: ReadonlySet<string> = new Set([
  "temporarily_unavailable",
  "server_error",
  "slow_down",
  "internal_failure",
  "rate_limit_exceeded",
]);

/** RFC 6749 gives its errors these; with any other status an unknown error may be that of a proxy or a firewall. */
const ERROR_STATUSES: ReadonlySet<number> = new Set([400, 401]);

/**
 * Reads what a token endpoint answered; total over status and body. Reasons may quote the server, and it may quote
 * what it was sent: whoever keeps them takes out what is secret. RFC 6749, sections 5.1 and 5.2.
 */
export function readTokenAnswer(response: DestinationResponse): TokenAnswer {
  const { status } = response;
  const body = jsonObject(response.body);
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && isBearerText(body?.access_token)) {
    return { token: body.access_token, expiresInMs: lifeMs(body.expires_in) };
  }
  const { code, said } = serverError(body ?? {});
  const words = said === undefined ? "" : ` (${said})`;
  if (isRefusal(status, code, body !== undefined))
    return { kind: "unauthorized", reason: `${remedy(status, code)}${words}` };
  const what = isSuccess ? `HTTP ${status} without a usable token` : `HTTP ${status}`;
  return retryOutcome(`${what}${code === "" ? "" : `, ${code}`}${words}`, retryAfterMs(response));
}

/** A 401 in JSON is the server's own, whatever it says; one in HTML is some proxy's. */
function isRefusal(status: number, code: string, isJson: boolean): boolean {
  if (isTransientStatus(status) || PASSING.has(code)) return false;
  if (code === "") return status === 401 && isJson;
  return Object.hasOwn(REMEDIES, code) || ERROR_STATUSES.has(status);
}

function remedy(status: number, code: string): string {
  const known = Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined;
  const error = code === "" ? `HTTP ${status}` : code;
  return `${error}: ${known ?? "the platform gives no access token for this secret, so connect the account again"}`;
}

/** The error in OAuth's own form, or in that of Google's other APIs, `{"error":{"status":…,"message":…}}`. */
function serverError(body: Readonly<Record<string, unknown>>): { code: string; said: string | undefined } {
  const { error, error_description: description } = body;
  const [code, said] = isObject(error) ? [error.status, error.message] : [error, description];
  return {
    code: typeof code === "string" ? code.trim() : "",
    said: typeof said === "string" && said.trim() !== "" ? said.trim() : undefined,
  };
}

/** Fit for a header: visible ASCII. Amazon's tokens hold `|`, which RFC 6750 does not foresee. */
function isBearerText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,8192}$/.test(value);
}

// Seconds, as a number by the standard and as text from some servers.
function lifeMs(expiresIn: unknown): number {
  const isNumeric = typeof expiresIn === "number" || (typeof expiresIn === "string" && expiresIn.trim() !== "");
  const seconds = isNumeric ? Number(expiresIn) : Number.NaN;
  if (Number.isNaN(seconds) || seconds <= 0) return ASSUMED_LIFE_MS;
  return Math.min(Math.max(Math.floor(seconds * SECOND_MS), SHORTEST_LIFE_MS), LONGEST_LIFE_MS);
}

function formRequest(url: string, fields: Readonly<Record<string, string>>): DestinationRequest {
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(fields).toString(),
  };
}

/** The key, or what is wrong with it, to go on after its name. */
function rsaKey(text: string): KeyObject | string {
  const pem = unfolded(text);
  if (pem === undefined) return "must be PEM text, with its BEGIN and END lines";
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return "does not decode: copy private_key out of the account's JSON key file again";
  }
  return key.asymmetricKeyType === "rsa" ? key : "must be an RSA key";
}

/**
 * The PEM with its line breaks. Copied out of a JSON file, it has `\n` in two characters instead; through the one-line
 * field of a form, spaces.
 */
function unfolded(text: string): string | undefined {
  const found = /-----BEGIN ([A-Z ]{1,40})-----(.*?)-----END \1-----/s.exec(text.replaceAll(/\\[nr]/g, "\n"));
  if (found === null) return undefined;
  const [, label, body = ""] = found;
  const lines = body.replaceAll(/\s/g, "").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function base64url(part: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
