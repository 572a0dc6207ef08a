import { createVerify } from "node:crypto";
import { isObject, type JsonObject, parseJson } from "./rules.ts";

/** Why an assertion is refused, as RFC 6749 errors. */
export interface JwtProblem {
  readonly error: string;
  readonly description: string;
}

const MAX_LIFETIME_S = 3600;
const CLOCK_SKEW_S = 300;

/**
 * The service account that a JWT bearer assertion (RFC 7523) speaks for, or what is wrong with it in Google's words.
 * Its signature is verified where the account's public key is known, else only looked at.
 */
export function serviceAccountOf(
  assertion: string,
  expected: {
    readonly audience: string;
    /** Epoch ms. */
    readonly now: number;
    /** PEM by e-mail of the account. */
    readonly publicKeys: ReadonlyMap<string, string>;
  },
): string | JwtProblem {
  const refuse = (description: string): JwtProblem => ({ error: "invalid_grant", description });
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(assertion);
  if (parts === null) return refuse("Bad Request: the assertion is not a signed JWT in base64url without padding");
  const [, head = "", payload = "", signature = ""] = parts;
  const header = decoded(head);
  if (header?.alg !== "RS256") return refuse("Invalid JWT: alg must be RS256");
  if (header.typ !== undefined && header.typ !== "JWT") return refuse("Invalid JWT: typ must be JWT");
  const claims = decoded(payload);
  if (claims === undefined) return refuse("Invalid JWT: the claims are not a JSON object");

  const { iss, scope, aud } = claims;
  if (typeof iss !== "string" || !/^[^\s@]+@[^\s@]+\.gserviceaccount\.com$/.test(iss)) {
    return refuse("Invalid grant: account not found");
  }
  if (aud !== expected.audience) return refuse("Invalid JWT: Failed audience check");
  const times = timeProblem(claims, expected.now / 1000);
  if (times !== undefined) return refuse(times);
  const publicKey = expected.publicKeys.get(iss);
  if (publicKey !== undefined && !isSigned(`${head}.${payload}`, signature, publicKey)) {
    return refuse("Invalid JWT Signature.");
  }
  const scopes = typeof scope === "string" && scope !== "" ? scope.split(" ") : [];
  if (scopes.length === 0 || !scopes.every((url) => url.startsWith("https://www.googleapis.com/auth/"))) {
    return { error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided." };
  }
  return iss;
}

function timeProblem({ iat, exp }: JsonObject, nowS: number): string | undefined {
  const problem =
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
    "Check your iat and exp values in the JWT claim.";
  if (typeof iat !== "number" || typeof exp !== "number" || !Number.isInteger(iat) || !Number.isInteger(exp)) {
    return problem;
  }
  const isSane = iat <= nowS + CLOCK_SKEW_S && exp > nowS - CLOCK_SKEW_S && exp > iat && exp - iat <= MAX_LIFETIME_S;
  return isSane ? undefined : problem;
}

function decoded(part: string): JsonObject | undefined {
  const value = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  return isObject(value) ? value : undefined;
}

function isSigned(text: string, signature: string, publicKey: string): boolean {
  return createVerify("RSA-SHA256").update(text).verify(publicKey, signature, "base64url");
}
