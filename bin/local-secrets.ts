import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import type { Destination } from "../src/core/destination.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";

type SecretsFile = Record<string, string>;

/** What the sandbox must be told so that it can check signatures. */
interface SignatureRegistry {
  registerWebhookSecret(url: string, secret: string): void | Promise<void>;
  registerServiceAccount(email: string, publicKey: string): void | Promise<void>;
}

/**
 * Gives each configured destination credentials that the sandbox takes, unless the file already has some: in AWS a
 * person fills these secrets, here nobody should have to.
 */
export async function fillDestinationSecrets(
  config: ResolvedConfig,
  secretsFile: string,
  sandbox: SignatureRegistry,
): Promise<void> {
  const secrets = readSecrets(secretsFile);
  for (const { type, secretName, settings } of config.destinations) {
    const value: Record<string, string> =
      secrets[secretName] === undefined
        ? localCredentials(DESTINATIONS[type])
        : (JSON.parse(secrets[secretName]) as Record<string, string>);
    secrets[secretName] = JSON.stringify(value);
    const url = (settings as { url?: unknown }).url;
    if (type === "webhook" && typeof url === "string" && value.secret !== undefined) {
      await sandbox.registerWebhookSecret(url, value.secret);
    }
    const { serviceAccountEmail: email, serviceAccountKey: key } = value;
    if (email !== undefined && key !== undefined) await sandbox.registerServiceAccount(email, publicKeyOf(key));
  }
  writeFileSync(secretsFile, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
}

/** How a platform's own credentials begin, where the destination looks at that. */
const BEGINNINGS: Readonly<Record<string, string>> = { "klaviyo.apiKey": "pk_" };

/** Made-up credentials that the sandbox takes; where there are several ways to sign in, for the first. */
export function localCredentials(
  destination: (Pick<Destination, "credentials" | "credentialSets"> & { readonly id?: string }) | undefined,
): Record<string, string> {
  const { id, credentials = [], credentialSets: [set = []] = [] } = destination ?? {};
  const made = (field: string) => `${BEGINNINGS[`${id}.${field}`] ?? ""}${localCredential(field)}`;
  return Object.fromEntries([...credentials, ...set].map((field) => [field, made(field)]));
}

/** Three credentials have a form of their own everywhere; of the others only the beginning may matter. */
function localCredential(field: string): string {
  if (field === "secret") return `whsec_${randomBytes(32).toString("base64")}`;
  if (field === "serviceAccountEmail") return "tracklayer@sandbox.iam.gserviceaccount.com";
  if (field === "serviceAccountKey") return freshPrivateKey();
  return `sandbox-${field}-${randomBytes(12).toString("hex")}`;
}

/** Whether `localCredentials` made this up: such a value must never go to a platform. */
export function isMadeUp(credential: string): boolean {
  return credential.includes("sandbox-") || credential.endsWith("@sandbox.iam.gserviceaccount.com");
}

function freshPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

/** One secret of the file as its JSON object; throws with the name when it is missing. */
export function readSecret(secretsFile: string, name: string): Record<string, string> {
  const text = readSecrets(secretsFile)[name];
  if (text === undefined) throw new Error(`${secretsFile} has no secret ${name}`);
  return JSON.parse(text) as Record<string, string>;
}

function readSecrets(secretsFile: string): SecretsFile {
  return existsSync(secretsFile) ? (JSON.parse(readFileSync(secretsFile, "utf8")) as SecretsFile) : {};
}
