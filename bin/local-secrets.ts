import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";

type SecretsFile = Record<string, string>;

/** What the sandbox must be told so that it can check a webhook's signature. */
interface WebhookSecretRegistry {
  registerWebhookSecret(url: string, secret: string): void;
}

/**
 * Gives each configured destination credentials that the sandbox takes, unless the file already has some: in AWS a
 * person fills these secrets, here nobody should have to.
 */
export async function fillDestinationSecrets(
  config: ResolvedConfig,
  secretsFile: string,
  sandbox: WebhookSecretRegistry,
): Promise<void> {
  const secrets = readSecrets(secretsFile);
  for (const { type, secretName, settings } of config.destinations) {
    const fields = DESTINATIONS[type]?.credentials ?? [];
    const value: Record<string, string> =
      secrets[secretName] === undefined
        ? Object.fromEntries(fields.map((field) => [field, localCredential(field)]))
        : (JSON.parse(secrets[secretName]) as Record<string, string>);
    secrets[secretName] = JSON.stringify(value);
    const url = (settings as { url?: unknown }).url;
    if (type === "webhook" && typeof url === "string" && value.secret !== undefined) {
      sandbox.registerWebhookSecret(url, value.secret);
    }
  }
  writeFileSync(secretsFile, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
}

function localCredential(field: string): string {
  // Standard Webhooks secrets have a form of their own; every other credential is opaque to us.
  if (field === "secret") return `whsec_${randomBytes(32).toString("base64")}`;
  return `sandbox-${field}-${randomBytes(12).toString("hex")}`;
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
