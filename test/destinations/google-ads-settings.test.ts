import { generateKeyPairSync } from "node:crypto";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { createTokenEndpoints } from "../../packages/sandbox/src/token-endpoints.ts";
import { googleAds } from "../../src/destinations/google-ads.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const EMAIL = "tracklayer@shop.iam.gserviceaccount.com";
const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KEY = KEYS.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const EC_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

test("customer ids lose their hyphens; the rest has no defaults", () => {
  const given = { customerId: "123-456-7890", loginCustomerId: "987-654-3210" };
  expect(googleAds.settings.parse(given)).toEqual({ customerId: "1234567890", loginCustomerId: "9876543210" });
  expect(googleAds.settings.parse({ customerId: "1234567890" })).toEqual({ customerId: "1234567890" });
});

test.each([
  [{}, "customerId: must be a customer id: ten digits, with or without hyphens (got nothing)"],
  [{ customerId: 1234567890 }, "customerId: must be a customer id"],
  [{ customerId: "12-34567890" }, "customerId: must be a customer id"],
  [{ customerId: "1234567890", loginCustomerId: "me" }, "loginCustomerId: must be a customer id"],
  [{ customerId: "1234567890", merchantId: "shop" }, "merchantId: must be a Merchant Center id, digits as text"],
  [{ customerId: "1234567890", merchantFeedLabel: "my feed" }, "merchantFeedLabel: must be a feed label such as US"],
  [{ customerId: "1234567890", merchantFeedLanguage: "en-US" }, "merchantFeedLanguage: must be an ISO 639-1 language"],
  [{ customerId: "1234567890", refundRemainingValue: "" }, "refundRemainingValue: must be the name of a property"],
  [{ customerId: "1234567890", refundRemainingValue: " " }, "refundRemainingValue: must be the name of a property"],
  [
    { customerId: "1234567890", refundPurchaseTime: "at" },
    "refundRemainingValue: must be given with refundPurchaseTime",
  ],
  [{ customerId: "1234567890", merchantFeedLabel: "US" }, "merchantId: must be given with merchantFeedLabel"],
  [{ customerId: "1234567890", developerToken: "x" }, "developerToken: is no setting"],
])("%j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => googleAds.settings.parse(settings)).toThrow(message);
});

test.each([
  ["987654321", undefined],
  ["AW-987654321/AbC", expect.stringContaining("ctId")],
  ["customers/1234567890/conversionActions/987654321", expect.stringContaining("not its name or resource name")],
  ["Purchase", expect.any(String)],
  ["0", expect.any(String)],
  ["*", expect.any(String)],
  ["", expect.any(String)],
])("the conversion action %j: %s", (name, problem) => {
  expect(googleAds.eventNameProblem?.(name)).toEqual(problem);
});

test.each([
  ["a service account", { serviceAccountEmail: EMAIL, serviceAccountKey: KEY }, undefined],
  [
    "its key with the line breaks of JSON",
    { serviceAccountEmail: EMAIL, serviceAccountKey: KEY.replaceAll("\n", "\\n") },
    undefined,
  ],
  [
    "an account that is no e-mail",
    { serviceAccountEmail: "tracklayer", serviceAccountKey: KEY },
    "serviceAccountEmail is not an e-mail address",
  ],
  [
    "a key that is none",
    { serviceAccountEmail: EMAIL, serviceAccountKey: "secret" },
    "serviceAccountKey must be PEM text, with its BEGIN and END lines",
  ],
  [
    "a key of another kind",
    { serviceAccountEmail: EMAIL, serviceAccountKey: EC_KEY },
    "serviceAccountKey must be an RSA key",
  ],
  ["an OAuth client", { clientId: "1.apps", clientSecret: "s", refreshToken: "1//r" }, undefined],
  [
    "a refresh token with a blank",
    { clientId: "1.apps", clientSecret: "s", refreshToken: "1// r" },
    "refreshToken empty, or with characters that Google's ids and tokens do not have",
  ],
  [
    "nothing",
    {},
    "clientId, clientSecret, refreshToken empty, or with characters that Google's ids and tokens do not have",
  ],
])("the secret with %s: %#", (_, secret, problem) => {
  expect(googleAds.credentialProblem?.(secret)).toBe(problem);
});

describe("Google's token endpoint", () => {
  function answerTo(secret: Record<string, string>, at = NOW) {
    const tokens = createTokenEndpoints();
    tokens.registerServiceAccount(EMAIL, KEYS.publicKey.export({ type: "spki", format: "pem" }).toString());
    const request = googleAds.tokenRequest?.(secret, NOW);
    if (request === undefined) throw new Error("no token request");
    const { status, body } = tokens.answer(platformRequest(request), at);
    return { status, body: JSON.parse(body), sent: new URLSearchParams(request.body) };
  }

  test("takes what a service account signs, for an hour", () => {
    const secret = { serviceAccountEmail: EMAIL, serviceAccountKey: KEY };
    const { status, body, sent } = answerTo(secret);
    expect({ status, token: body.access_token }).toEqual({ status: 200, token: expect.any(String) });
    const [, claims = ""] = (sent.get("assertion") ?? "").split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      iss: EMAIL,
      scope: "https://www.googleapis.com/auth/datamanager",
      aud: "https://oauth2.googleapis.com/token",
    });
    expect(answerTo(secret, NOW + 2 * 3_600_000).status).toBe(400);
  });

  test("takes a refresh token, and the service account first where there are both", () => {
    const client = { clientId: "1.apps", clientSecret: "s", refreshToken: "1//r" };
    const { status, sent } = answerTo(client);
    expect({ status, grant: sent.get("grant_type") }).toEqual({ status: 200, grant: "refresh_token" });
    const both = answerTo({ ...client, serviceAccountEmail: EMAIL, serviceAccountKey: KEY });
    expect(both.sent.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  });
});
