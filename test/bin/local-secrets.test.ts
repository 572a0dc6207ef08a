import { createSign, createVerify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillDestinationSecrets, isMadeUp, localCredentials, readSecret } from "../../bin/local-secrets.ts";
import { isWebhookSecret } from "../../packages/sandbox/src/platforms/webhook.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "local-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = {
  destinations: [
    { type: "meta", secretName: "meta", settings: {} },
    { type: "webhook", secretName: "hook", settings: { url: "https://hooks.example.com/in" } },
  ],
} as unknown as ResolvedConfig;

/** What the sandbox was told, by URL and by account. */
function registry() {
  const told: Record<string, string> = {};
  return {
    told,
    registerWebhookSecret: (url: string, secret: string) => void Object.assign(told, { [url]: secret }),
    registerServiceAccount: (email: string, publicKey: string) => void Object.assign(told, { [email]: publicKey }),
  };
}

test("gives every destination credentials once, and tells the sandbox each time", async () => {
  const file = join(folder, "fresh.json");
  const [first, second] = [registry(), registry()];
  await fillDestinationSecrets(CONFIG, file, first);
  await fillDestinationSecrets(CONFIG, file, second);
  expect(readSecret(file, "meta").accessToken).toMatch(/^sandbox-accessToken-[0-9a-f]{24}$/);
  expect(isWebhookSecret(readSecret(file, "hook").secret ?? "")).toBe(true);
  expect(first.told).toEqual({ "https://hooks.example.com/in": readSecret(file, "hook").secret });
  expect(second.told).toEqual(first.told);
});

test("of several ways to sign in it takes the first, with a key that signs", () => {
  const made = localCredentials({
    credentials: ["developerToken"],
    credentialSets: [["serviceAccountEmail", "serviceAccountKey"], ["refreshToken"]],
  });
  expect(Object.keys(made)).toEqual(["developerToken", "serviceAccountEmail", "serviceAccountKey"]);
  expect(made.serviceAccountEmail).toMatch(/@[^@]+\.iam\.gserviceaccount\.com$/);
  expect(
    createSign("RSA-SHA256")
      .update("x")
      .sign(made.serviceAccountKey ?? "").length,
  ).toBe(256);
});

test.each(Object.entries(DESTINATIONS))("what is made up for %s has the form that it asks for", (_, destination) => {
  const made = localCredentials(destination);
  expect(destination.credentialProblem?.(made)).toBeUndefined();
  const isOpaque = Object.keys(made).length > 0 && !("secret" in made);
  if (isOpaque) expect(Object.values(made).some(isMadeUp)).toBe(true);
});

test("a platform's own credentials are not taken for made-up ones", () => {
  expect(["EAAB1234", "pk_0123456789", "svc@project.iam.gserviceaccount.com"].some(isMadeUp)).toBe(false);
});

test("a destination that needs no credentials gets none", () => {
  expect(localCredentials({ credentials: [] })).toEqual({});
});

test("the sandbox learns the public half of a service account's key", async () => {
  const { serviceAccountEmail, serviceAccountKey } = localCredentials({
    credentials: ["serviceAccountEmail", "serviceAccountKey"],
  });
  const file = join(folder, "kept.json");
  writeFileSync(file, JSON.stringify({ meta: JSON.stringify({ serviceAccountEmail, serviceAccountKey }) }));
  const sandbox = registry();
  await fillDestinationSecrets(CONFIG, file, sandbox);
  const publicKey = sandbox.told[serviceAccountEmail ?? ""] ?? "";
  expect(publicKey).toContain("BEGIN PUBLIC KEY");
  const signature = createSign("RSA-SHA256")
    .update("x")
    .sign(serviceAccountKey ?? "");
  expect(createVerify("RSA-SHA256").update("x").verify(publicKey, signature)).toBe(true);
});
