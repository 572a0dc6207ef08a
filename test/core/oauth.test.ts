import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import fc from "fast-check";
import { HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import {
  privateKeyProblem,
  readTokenAnswer,
  refreshTokenRequest,
  serviceAccountRequest,
  type TokenAnswer,
} from "../../src/core/oauth.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const TOKEN_URL = "https://oauth2.example/token";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }) as string;

const account = (key: string) => ({
  email: "tracklayer@project.iam.example",
  privateKey: key,
  scope: "https://www.googleapis.com/auth/datamanager",
  tokenUrl: TOKEN_URL,
  now: NOW,
});

function part(text: string | undefined): unknown {
  return JSON.parse(Buffer.from(text ?? "", "base64url").toString());
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): TokenAnswer {
  return readTokenAnswer({ status, headers, body: typeof body === "string" ? body : JSON.stringify(body) });
}

describe("a refresh token", () => {
  test("is traded in by form, with what else the platform wants", () => {
    const grant = { refreshToken: "1//0g+r&t", clientId: "id.apps.example", clientSecret: "s e=c", scope: "a b" };
    expect(refreshTokenRequest(TOKEN_URL, grant)).toEqual({
      method: "POST",
      url: TOKEN_URL,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: "grant_type=refresh_token&refresh_token=1%2F%2F0g%2Br%26t&client_id=id.apps.example&client_secret=s+e%3Dc&scope=a+b",
    });
  });

  test("keeps every character of its fields through the form", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (refreshToken, clientId, clientSecret) => {
        const form = new URLSearchParams(refreshTokenRequest(TOKEN_URL, { refreshToken, clientId, clientSecret }).body);
        expect(Object.fromEntries(form)).toEqual({
          grant_type: "refresh_token",
          refresh_token: refreshToken,
          client_id: clientId,
          client_secret: clientSecret,
        });
      }),
    );
  });
});

describe("a service account", () => {
  test("signs an assertion that names itself, the scope and the token endpoint, for an hour at most", () => {
    const request = serviceAccountRequest(account(PEM));
    const form = new URLSearchParams(request.body);
    expect(request.url).toBe(TOKEN_URL);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [header, claims, signature = ""] = (form.get("assertion") ?? "").split(".");
    expect(part(header)).toEqual({ alg: "RS256", typ: "JWT" });
    const iat = NOW / 1000 - 60;
    expect(part(claims)).toEqual({
      iss: "tracklayer@project.iam.example",
      scope: "https://www.googleapis.com/auth/datamanager",
      aud: TOKEN_URL,
      iat,
      exp: iat + 3600,
    });
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify("RSA-SHA256", signed, createPublicKey(privateKey), Buffer.from(signature, "base64url"))).toBe(true);
  });

  test.each([
    ["as the file has it", PEM],
    ["with line breaks as two characters, out of JSON", PEM.replaceAll("\n", "\\n")],
    ["quoted, out of JSON", JSON.stringify(PEM)],
    ["with Windows line breaks", PEM.replaceAll("\n", "\r\n")],
    ["on one line, through a form's field", PEM.replaceAll("\n", " ")],
    ["without line breaks", PEM.replaceAll("\n", "")],
    ["of the older PKCS #1 kind", privateKey.export({ type: "pkcs1", format: "pem" }) as string],
  ])("takes its key %s", (_, pasted) => {
    expect(privateKeyProblem(pasted)).toBeUndefined();
    expect(serviceAccountRequest(account(pasted)).body).toBe(serviceAccountRequest(account(PEM)).body);
  });

  test.each([
    ["nothing", "", "PEM text"],
    ["the key's id", "c0ffee0123", "PEM text"],
    ["a PEM with its end cut off", PEM.slice(0, 800), "PEM text"],
    ["a PEM with its middle cut out", PEM.slice(0, 400) + PEM.slice(600), "does not decode"],
    [
      "the public key",
      createPublicKey(privateKey).export({ type: "spki", format: "pem" }) as string,
      "does not decode",
    ],
    [
      "an elliptic curve key",
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      "must be an RSA key",
    ],
  ])("with %s for a key says so without quoting it", (_, pasted, words) => {
    const problem = privateKeyProblem(pasted, "serviceAccountKey");
    expect(problem).toMatch(new RegExp(`^serviceAccountKey .*${words}`));
    if (pasted !== "") expect(problem).not.toContain(pasted.slice(-40));
    expect(() => serviceAccountRequest(account(pasted))).toThrow(RangeError);
  });
});

describe("an answer with a token", () => {
  test.each([
    [3599, 3_599_000],
    ["3600", 3_600_000],
    [5_184_000, 24 * HOUR_MS],
    [1e300, 24 * HOUR_MS],
    [Number.MIN_VALUE, 30_000],
    [1, 30_000],
    [0, 10 * MINUTE_MS],
    [-5, 10 * MINUTE_MS],
    ["soon", 10 * MINUTE_MS],
    ["", 10 * MINUTE_MS],
    [null, 10 * MINUTE_MS],
    [{}, 10 * MINUTE_MS],
    [undefined, 10 * MINUTE_MS],
  ])("that expires in %j lives for %d ms", (expiresIn, expiresInMs) => {
    expect(answer(200, { access_token: "Atza|t0ken", expires_in: expiresIn })).toEqual({
      token: "Atza|t0ken",
      expiresInMs,
    });
  });

  test("that does not fit into a header is none", () => {
    for (const token of ["", "a b", "a\r\nx: y", "é", 7, null, ["t"], "x".repeat(8193)]) {
      expect(answer(200, { access_token: token })).toEqual({
        kind: "retry",
        reason: "HTTP 200 without a usable token",
      });
    }
  });
});

describe("an answer without a token", () => {
  test.each([
    [400, "invalid_grant", "7 days while the app's consent screen is in Testing"],
    [401, "invalid_client", "copy both from the platform's console again"],
    [400, "unauthorized_client", "connect the account again through this app"],
    [400, "invalid_scope", "connect it again with all scopes"],
    [403, "access_denied", "have it allowed"],
    [400, "invalid_request", "check every field of the secret"],
    [400, "unsupported_grant_type", "check every field of the secret"],
    [400, "admin_policy_enforced", "connect the account again"],
    [200, "invalid_grant", "connect the account again"],
  ])("%i %s is a person's to mend", (status, error, words) => {
    const read = answer(status, { error, error_description: "Token has been revoked." });
    expect(read).toMatchObject({ kind: "unauthorized", reason: expect.stringContaining(words) });
    expect(read).toMatchObject({
      reason: expect.stringMatching(new RegExp(`^${error}: .*Token has been revoked.\\)$`)),
    });
  });

  test("names the error of Google's other APIs", () => {
    expect(answer(401, { error: { code: 401, status: "UNAUTHENTICATED", message: "No." } })).toMatchObject({
      kind: "unauthorized",
      reason: expect.stringMatching(/^UNAUTHENTICATED: .* \(No\.\)$/),
    });
  });

  test.each([
    [429, { error: "slow_down" }, "HTTP 429, slow_down"],
    [503, "<html>", "HTTP 503"],
    [500, { error: "invalid_grant" }, "HTTP 500, invalid_grant"],
    [
      400,
      { error: "temporarily_unavailable", error_description: "later" },
      "HTTP 400, temporarily_unavailable (later)",
    ],
    [400, "<html>", "HTTP 400"],
    [401, "<html>", "HTTP 401"],
    [403, { error: "Forbidden by a firewall" }, "HTTP 403, Forbidden by a firewall"],
    [404, "", "HTTP 404"],
    [302, "", "HTTP 302"],
    [200, "<html>", "HTTP 200 without a usable token"],
    [200, { id_token: "x" }, "HTTP 200 without a usable token"],
    [200, [], "HTTP 200 without a usable token"],
  ])("%i %j passes by itself", (status, body, reason) => {
    expect(answer(status, body)).toEqual({ kind: "retry", reason });
  });

  test("waits for as long as the server asks", () => {
    expect(answer(503, "", { "retry-after": "7" })).toEqual({ kind: "retry", reason: "HTTP 503", afterMs: 7_000 });
  });
});

test("every status with every body is read, only a success gives a token, and its life is bounded", () => {
  const error = fc.oneof(
    fc.constantFrom("invalid_grant", "access_denied", "server_error", "constructor", "__proto__", "", " "),
    fc.jsonValue(),
  );
  const fields = fc.record(
    { access_token: fc.jsonValue(), expires_in: fc.jsonValue(), error, error_description: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fields.map((value) => JSON.stringify(value)),
    fields.map((value) => JSON.stringify({ ...value, access_token: "t0ken" })),
  );
  const bodies = fc.sample(body, 60);
  for (let status = 100; status < 600; status += 1) {
    for (const text of bodies) {
      const read = readTokenAnswer({ status, headers: {}, body: text });
      if ("token" in read) {
        expect([status < 300 && status >= 200, read.token.length > 0]).toEqual([true, true]);
        expect(read.expiresInMs).toBeGreaterThanOrEqual(30_000);
        expect(read.expiresInMs).toBeLessThanOrEqual(24 * HOUR_MS);
      } else {
        expect(read.reason).not.toBe("");
        if (status === 429 || status >= 500) expect(read.kind).toBe("retry");
      }
    }
  }
});
