import { createPublicKey, randomBytes } from "node:crypto";
import { ControlError } from "./control-error.ts";
import { type JwtProblem, serviceAccountOf } from "./jwt-bearer.ts";
import { jsonAnswer, type PlatformAnswer, type PlatformRequest } from "./model.ts";
import { hasContentType, parameters } from "./platform-request.ts";
import { checkFields, isObject, oneOf, text } from "./rules.ts";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const KEPT_TOKENS = 10_000;

interface Endpoint {
  readonly host: string;
  readonly path: string;
  readonly grants: readonly string[];
  readonly lifetimeS: number;
  /** Whether an Authorization header is an error there: the client's id and secret belong into the form. */
  readonly refusesAuthorization: boolean;
}

/** https://developers.google.com/identity/protocols/oauth2/service-account, LinkedIn's and Amazon's OAuth documents. */
const ENDPOINTS: readonly Endpoint[] = [
  {
    host: "oauth2.googleapis.com",
    path: "/token",
    grants: ["refresh_token", JWT_BEARER],
    lifetimeS: 3599,
    refusesAuthorization: false,
  },
  {
    host: "www.linkedin.com",
    path: "/oauth/v2/accessToken",
    grants: ["refresh_token"],
    lifetimeS: 5_184_000,
    refusesAuthorization: false,
  },
  {
    host: "api.amazon.com",
    path: "/auth/o2/token",
    grants: ["refresh_token"],
    lifetimeS: 3600,
    refusesAuthorization: true,
  },
];

/** What one token endpoint did. */
interface TokenCounts {
  issued: number;
  /** Refusals by OAuth error. */
  refused: Record<string, number>;
}

/** The authorisation servers of the platforms, and the tokens they gave out. */
export interface TokenEndpoints {
  /** Whether requests to this host are for tokens and for no platform's API. */
  takes(host: string): boolean;
  /** The answer to a token request, RFC 6749. */
  answer(request: PlatformRequest, now: number): PlatformAnswer;
  /** The answer for a scripted status. */
  failure(status: number): PlatformAnswer;
  /**
   * Whether an API takes this access token: one that was issued here and is neither expired nor revoked, or one that
   * begins with `sandbox-`, as made locally for platforms with static tokens.
   */
  isLiveToken(token: string, now: number): boolean;
  /** Checks the signatures of this service account's assertions from now on. `publicKey` is a PEM. */
  registerServiceAccount(email: string, publicKey: string): void;
  /**
   * Does what `POST /_sandbox/tokens` says: `revoke` a refresh token, service account, access token or `all` until
   * `restore` is `all`; `expireAccessTokens`; or register a `serviceAccount` with `email` and `publicKey`. Throws
   * `ControlError` for what it cannot read.
   */
  control(input: unknown): void;
  /** By host. */
  counts(): Readonly<Record<string, TokenCounts>>;
  /** Forgets tokens, revocations, keys and counts. */
  reset(): void;
}

interface Issued {
  /** Refresh token or service account that it was issued for. */
  readonly grantee: string;
  expiresAt: number;
}

interface Refusal extends JwtProblem {
  readonly status?: number;
}

const CONTROL_FIELDS = { revoke: text, restore: oneOf("all"), expireAccessTokens: oneOf(true), serviceAccount: isPair };

function isPair(value: unknown): string | undefined {
  return isObject(value) && typeof value.email === "string" && typeof value.publicKey === "string"
    ? undefined
    : "must hold email and publicKey";
}

/** Endpoints that have issued nothing yet. */
export function createTokenEndpoints(): TokenEndpoints {
  const issued = new Map<string, Issued>();
  const revoked = new Set<string>();
  const publicKeys = new Map<string, string>();
  let counts = noCounts();

  const registerServiceAccount = (email: string, publicKey: string): void => {
    if (!isPublicKey(publicKey)) throw new ControlError("publicKey is not the PEM of an RSA key");
    publicKeys.set(email, publicKey);
  };

  const isRevoked = (grantee: string) => revoked.has("all") || revoked.has(grantee);

  const granteeOf = (endpoint: Endpoint, request: PlatformRequest, now: number): string | Refusal => {
    const { fields, repeated } = parameters(new URLSearchParams(request.body));
    const wrong = transportProblem(endpoint, request) ?? formProblem(endpoint, fields, repeated);
    if (wrong !== undefined) return wrong;
    const { grant_type, assertion = "", refresh_token = "" } = fields;
    if (grant_type !== JWT_BEARER) return refreshProblem(fields) ?? refresh_token;
    const audience = `https://${endpoint.host}${endpoint.path}`;
    return serviceAccountOf(assertion, { audience, now, publicKeys });
  };

  const refuse = ({ host }: Endpoint, refusal: Refusal): PlatformAnswer => {
    const { refused } = countOf(host);
    refused[refusal.error] = (refused[refusal.error] ?? 0) + 1;
    return errorAnswer(refusal);
  };

  const issue = ({ host, lifetimeS }: Endpoint, grantee: string, now: number): PlatformAnswer => {
    countOf(host).issued += 1;
    const token = `issued-${randomBytes(24).toString("base64url")}`;
    issued.set(token, { grantee, expiresAt: now + lifetimeS * 1000 });
    const [oldest] = issued.keys();
    if (issued.size > KEPT_TOKENS && oldest !== undefined) issued.delete(oldest);
    const body = { access_token: token, expires_in: lifetimeS, token_type: "Bearer" };
    return jsonAnswer(200, body, { "cache-control": "no-store" });
  };

  const countOf = (host: string): TokenCounts => {
    const count = counts[host] ?? { issued: 0, refused: {} };
    counts[host] = count;
    return count;
  };

  return {
    takes: (host) => ENDPOINTS.some((endpoint) => endpoint.host === host),
    answer(request, now) {
      const endpoint = ENDPOINTS.find(({ host, path }) => host === request.host && path === request.path);
      if (endpoint === undefined) return errorAnswer(NO_ENDPOINT);
      const grantee = granteeOf(endpoint, request, now);
      if (typeof grantee !== "string") return refuse(endpoint, grantee);
      return isRevoked(grantee) ? refuse(endpoint, INVALID_GRANT) : issue(endpoint, grantee, now);
    },
    failure: tokenFailure,
    isLiveToken(token, now) {
      const known = issued.get(token);
      if (known === undefined) return token.startsWith("sandbox-") && !isRevoked(token);
      return now < known.expiresAt && !isRevoked(known.grantee) && !revoked.has(token);
    },
    registerServiceAccount,
    control(input) {
      if (!isObject(input)) throw new ControlError("give a JSON object");
      const [problem] = checkFields(input, "", CONTROL_FIELDS);
      if (problem !== undefined) throw new ControlError(`${problem.path} ${problem.message}`);
      if (input.restore === "all") revoked.clear();
      if (typeof input.revoke === "string") revoked.add(input.revoke);
      if (input.expireAccessTokens === true) for (const token of issued.values()) token.expiresAt = 0;
      if (isObject(input.serviceAccount)) {
        registerServiceAccount(String(input.serviceAccount.email), String(input.serviceAccount.publicKey));
      }
    },
    counts: () => structuredClone(counts),
    reset() {
      issued.clear();
      revoked.clear();
      publicKeys.clear();
      counts = noCounts();
    },
  };
}

function isPublicKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

const NO_ENDPOINT: Refusal = { error: "not_found", description: "no such endpoint", status: 404 };
const INVALID_GRANT: Refusal = { error: "invalid_grant", description: "Token has been expired or revoked." };

function transportProblem(endpoint: Endpoint, request: PlatformRequest): Refusal | undefined {
  const refuse = (description: string): Refusal => ({ error: "invalid_request", description });
  if (request.method !== "POST") return { ...refuse("only POST is taken"), status: 405 };
  if (!hasContentType(request, "application/x-www-form-urlencoded")) return refuse("the body must be a form");
  if (request.query.size > 0) return refuse("parameters belong into the body, not into the URL");
  return endpoint.refusesAuthorization && request.headers.authorization !== undefined
    ? refuse("no Authorization header is taken here")
    : undefined;
}

function formProblem(
  endpoint: Endpoint,
  fields: Readonly<Record<string, string>>,
  repeated: readonly string[],
): Refusal | undefined {
  const refuse = (description: string): Refusal => ({ error: "invalid_request", description });
  const { grant_type: grant = "" } = fields;
  if (repeated.length > 0) return refuse(`${repeated.join(", ")} is given more than once`);
  if (grant === "") return refuse("Required parameter is missing: grant_type");
  if (!endpoint.grants.includes(grant)) return { error: "unsupported_grant_type", description: `no grant ${grant}` };
  const required = grant === JWT_BEARER ? ["assertion"] : ["refresh_token", "client_id", "client_secret"];
  const missing = required.find((name) => (fields[name] ?? "") === "");
  return missing === undefined ? undefined : refuse(`Missing required parameter: ${missing}`);
}

/** Credentials that begin with `INVALID` or `EXPIRED` stand for those that the platform does not know (any more). */
function refreshProblem(fields: Readonly<Record<string, string>>): Refusal | undefined {
  if ([fields.client_id, fields.client_secret].some((value) => value?.startsWith("INVALID"))) {
    return { error: "invalid_client", description: "The OAuth client was not found.", status: 401 };
  }
  return /^(INVALID|EXPIRED)/.test(fields.refresh_token ?? "") ? INVALID_GRANT : undefined;
}

function tokenFailure(status: number): PlatformAnswer {
  const description = "scripted failure";
  if (status >= 500) return errorAnswer({ error: "server_error", description, status });
  if (status === 401) return errorAnswer({ error: "invalid_client", description, status });
  if (status === 429) return errorAnswer({ error: "temporarily_unavailable", description, status });
  return errorAnswer({ ...INVALID_GRANT, status });
}

function errorAnswer({ error, description, status = 400 }: Refusal): PlatformAnswer {
  return jsonAnswer(status, { error, error_description: description }, { "cache-control": "no-store" });
}

function noCounts(): Record<string, TokenCounts> {
  return Object.fromEntries(ENDPOINTS.map(({ host }) => [host, { issued: 0, refused: {} }]));
}
