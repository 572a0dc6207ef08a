import { createSign, generateKeyPairSync } from "node:crypto";
import type { PlatformRequest } from "../src/model.ts";
import { platformRequest } from "../src/platform-request.ts";
import { createTokenEndpoints, type TokenEndpoints } from "../src/token-endpoints.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const SECONDS = NOW / 1000;
const GOOGLE = "https://oauth2.googleapis.com/token";
const LINKEDIN = "https://www.linkedin.com/oauth/v2/accessToken";
const AMAZON = "https://api.amazon.com/auth/o2/token";
const ACCOUNT = "tracklayer@shop.iam.gserviceaccount.com";
const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const OTHER_KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PUBLIC_KEY = KEYS.publicKey.export({ type: "spki", format: "pem" }).toString();

let tokens: TokenEndpoints;
beforeEach(() => {
  tokens = createTokenEndpoints();
});

const REFRESH = { grant_type: "refresh_token", refresh_token: "r-1", client_id: "c", client_secret: "s" };

function form(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): PlatformRequest {
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return platformRequest({
    method: "POST",
    url,
    headers: { ...type, ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

function ask(request: PlatformRequest, now = NOW) {
  const { status, body } = tokens.answer(request, now);
  return { status, body: JSON.parse(body) };
}

const tokenFrom = (request: PlatformRequest, now = NOW): string => ask(request, now).body.access_token;

function assertion(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = { alg: "RS256", typ: "JWT" },
  key = KEYS.privateKey,
): string {
  const whole = {
    iss: ACCOUNT,
    scope: "https://www.googleapis.com/auth/datamanager",
    aud: GOOGLE,
    iat: SECONDS,
    exp: SECONDS + 3600,
    ...claims,
  };
  const text = [header, whole].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

const jwt = (text: string) =>
  form(GOOGLE, { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: text });

test.each([
  [GOOGLE, 3599],
  [LINKEDIN, 5_184_000],
  [AMAZON, 3600],
])("%s gives a token for a refresh token, good until it expires", (url, lifetimeS) => {
  const { status, body } = ask(form(url, REFRESH));
  expect({ status, body }).toEqual({
    status: 200,
    body: { access_token: expect.stringMatching(/^issued-/), expires_in: lifetimeS, token_type: "Bearer" },
  });
  expect(tokens.isLiveToken(body.access_token, NOW + lifetimeS * 1000 - 1)).toBe(true);
  expect(tokens.isLiveToken(body.access_token, NOW + lifetimeS * 1000)).toBe(false);
  expect(tokens.counts()[new URL(url).hostname]).toEqual({ issued: 1, refused: {} });
});

test.each([
  ["no grant type", form(GOOGLE, { ...REFRESH, grant_type: "" }), 400, "invalid_request"],
  ["another grant", form(GOOGLE, { ...REFRESH, grant_type: "password" }), 400, "unsupported_grant_type"],
  ["an assertion at LinkedIn", { ...jwt(assertion()), ...at(LINKEDIN) }, 400, "unsupported_grant_type"],
  ["no refresh token", form(GOOGLE, { ...REFRESH, refresh_token: "" }), 400, "invalid_request"],
  ["no client secret", form(LINKEDIN, { ...REFRESH, client_secret: "" }), 400, "invalid_request"],
  ["a field given twice", twice(form(GOOGLE, REFRESH)), 400, "invalid_request"],
  ["JSON", form(GOOGLE, REFRESH, { "Content-Type": "application/json" }), 400, "invalid_request"],
  ["parameters in the URL", form(`${GOOGLE}?client_id=c`, REFRESH), 400, "invalid_request"],
  ["a GET", { ...form(GOOGLE, REFRESH), method: "GET" }, 405, "invalid_request"],
  ["an Authorization header at Amazon", form(AMAZON, REFRESH, { authorization: "Basic x" }), 400, "invalid_request"],
  ["an unknown client", form(GOOGLE, { ...REFRESH, client_id: "INVALID" }), 401, "invalid_client"],
  ["an expired refresh token", form(GOOGLE, { ...REFRESH, refresh_token: "EXPIRED" }), 400, "invalid_grant"],
  ["another path", form("https://api.amazon.com/auth/token", REFRESH), 404, "not_found"],
])("refuses %s", (_, request, status, error) => {
  expect(ask(request)).toEqual({ status, body: { error, error_description: expect.any(String) } });
});

function at(url: string) {
  const { host, path } = platformRequest({ method: "POST", url, headers: {}, body: "" });
  return { host, path };
}

function twice(request: PlatformRequest): PlatformRequest {
  return { ...request, body: `${request.body}&client_id=c` };
}

test("Google takes a Basic header that Amazon refuses", () => {
  expect(ask(form(GOOGLE, REFRESH, { Authorization: "Basic x" })).status).toBe(200);
});

describe("service accounts", () => {
  test("get a token for a signed assertion", () => {
    tokens.registerServiceAccount(ACCOUNT, PUBLIC_KEY);
    expect(ask(jwt(assertion()))).toMatchObject({ status: 200, body: { expires_in: 3599 } });
  });

  test.each([
    ["signed by another key", assertion({}, undefined, OTHER_KEYS.privateKey), "invalid_grant"],
    ["changed after signing", tampered(assertion()), "invalid_grant"],
    ["of another algorithm", assertion({}, { alg: "HS256", typ: "JWT" }), "invalid_grant"],
    ["of another type", assertion({}, { alg: "RS256", typ: "at+jwt" }), "invalid_grant"],
    ["for another audience", assertion({ aud: "https://accounts.google.com" }), "invalid_grant"],
    ["of a person", assertion({ iss: "jane@example.com" }), "invalid_grant"],
    ["without issuer", assertion({ iss: undefined }), "invalid_grant"],
    ["for more than an hour", assertion({ exp: SECONDS + 3601 }), "invalid_grant"],
    ["that ends before it begins", assertion({ exp: SECONDS - 1 }), "invalid_grant"],
    ["of two hours ago", assertion({ iat: SECONDS - 7200, exp: SECONDS - 3600 }), "invalid_grant"],
    ["of ten minutes ahead", assertion({ iat: SECONDS + 600, exp: SECONDS + 900 }), "invalid_grant"],
    ["with times in ms", assertion({ iat: NOW, exp: NOW + 3600 }), "invalid_grant"],
    ["with times as text", assertion({ iat: String(SECONDS) }), "invalid_grant"],
    ["without scope", assertion({ scope: "" }), "invalid_scope"],
    ["for a scope that is no URL", assertion({ scope: "datamanager" }), "invalid_scope"],
    ["that is no JWT", "abc", "invalid_grant"],
    ["with padded base64", `${assertion()}==`, "invalid_grant"],
    ["of no JSON", "YQ.YQ.YQ", "invalid_grant"],
  ])("get none for an assertion %s", (_, text, error) => {
    tokens.registerServiceAccount(ACCOUNT, PUBLIC_KEY);
    expect(ask(jwt(text))).toEqual({ status: 400, body: { error, error_description: expect.any(String) } });
  });

  test("whose key nobody registered need only the form of a signature", () => {
    expect(ask(jwt(assertion({}, undefined, OTHER_KEYS.privateKey))).status).toBe(200);
    expect(() => tokens.registerServiceAccount(ACCOUNT, "nonsense")).toThrow("PEM");
  });
});

function tampered(text: string): string {
  const [head, , signature] = text.split(".");
  const claims = assertion({ scope: "https://www.googleapis.com/auth/cloud-platform" }).split(".")[1];
  return [head, claims, signature].join(".");
}

test("a revoked refresh token gets no new access token, and the old ones end", () => {
  const [mine, other] = [
    tokenFrom(form(GOOGLE, REFRESH)),
    tokenFrom(form(GOOGLE, { ...REFRESH, refresh_token: "r-2" })),
  ];
  tokens.control({ revoke: "r-1" });
  expect(ask(form(GOOGLE, REFRESH))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect([mine, other].map((token) => tokens.isLiveToken(token, NOW))).toEqual([false, true]);
  tokens.control({ restore: "all" });
  expect(ask(form(GOOGLE, REFRESH)).status).toBe(200);
  expect(tokens.counts()["oauth2.googleapis.com"]).toEqual({ issued: 3, refused: { invalid_grant: 1 } });
});

test("all can be revoked, and access tokens alone can expire", () => {
  const first = tokenFrom(form(AMAZON, REFRESH));
  tokens.control({ expireAccessTokens: true });
  expect(tokens.isLiveToken(first, NOW)).toBe(false);
  const second = tokenFrom(form(AMAZON, REFRESH));
  expect(tokens.isLiveToken(second, NOW)).toBe(true);
  tokens.control({ revoke: "all" });
  expect([second, "sandbox-accessToken-1"].map((token) => tokens.isLiveToken(token, NOW))).toEqual([false, false]);
  expect(ask(form(LINKEDIN, REFRESH)).body.error).toBe("invalid_grant");
});

test("tokens made locally are taken, unknown ones are not", () => {
  expect(["sandbox-accessToken-1", "issued-x", "ya29.x", ""].map((token) => tokens.isLiveToken(token, NOW))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("reset forgets tokens, revocations and keys", () => {
  const token = tokenFrom(form(GOOGLE, REFRESH));
  tokens.control({ revoke: "all", serviceAccount: { email: ACCOUNT, publicKey: PUBLIC_KEY } });
  tokens.reset();
  expect(tokens.isLiveToken(token, NOW)).toBe(false);
  expect(ask(jwt(assertion({}, undefined, OTHER_KEYS.privateKey))).status).toBe(200);
  expect(tokens.counts()["api.amazon.com"]).toEqual({ issued: 0, refused: {} });
});

test.each([
  undefined,
  { revoke: "" },
  { restore: "r-1" },
  { expireAccessTokens: 1 },
  { oops: 1 },
  { serviceAccount: {} },
])("%j is no control call", (input) => {
  expect(() => tokens.control(input)).toThrow();
});

test.each([
  [400, "invalid_grant"],
  [401, "invalid_client"],
  [429, "temporarily_unavailable"],
  [503, "server_error"],
])("a scripted %d says %s", (status, error) => {
  const failure = tokens.failure(status);
  expect([failure.status, JSON.parse(failure.body).error]).toEqual([status, error]);
});
