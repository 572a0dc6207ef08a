import type { ResolvedConfig } from "../config/resolved-config.ts";
import { MINUTE_MS, SECOND_MS } from "../core/durations.ts";
import { type ContactVault, createContactVault } from "../core/sealed-contacts.ts";
import type { ContactVaults } from "../pipeline/contact-vaults.ts";
import { type Clock, SecretError, type Secrets } from "../pipeline/ports.ts";
import { createSecrets } from "./aws-secrets.ts";

/** Shortest key that is one: the stack makes 64 letters and digits. */
const MIN_KEY_LENGTH = 32;
/** A key that cannot be read is asked for again after this long: every batch would wait for it otherwise. */
const FAILURE_TTL_MS = 10 * SECOND_MS;
/** A key that somebody rotated is in use everywhere after this long. */
const SECRET_TTL_MS = 5 * MINUTE_MS;

/**
 * Said by whoever makes a bundle: false of a configuration without a lane that takes contacts in clear, whose functions
 * then do without the client of Secrets Manager. Nobody says it where the code runs as it is.
 */
declare const KEEPS_CONTACTS: boolean | undefined;

/** What the vaults need: the secret's name, where secrets are read, and a clock in epoch ms. */
export interface ContactVaultsOptions {
  readonly secretName: string;
  readonly secrets: Secrets;
  readonly now: () => number;
}

/** The vault whose key is in Secrets Manager: `{"key": "..."}`, with `previousKey` while texts are being sealed anew. */
export function createContactVaults({ now, secretName, secrets }: ContactVaultsOptions): ContactVaults {
  let made: { readonly of: Readonly<Record<string, string>>; readonly vault: ContactVault } | undefined;
  let failed: { readonly until: number; readonly error: unknown } | undefined;
  return {
    async current() {
      if (failed !== undefined && now() < failed.until) throw failed.error;
      try {
        const secret = await secrets.get(secretName);
        // The same object as long as it is the same value: keys are derived once.
        if (made?.of !== secret) made = { of: secret, vault: vaultOf(secret, secretName) };
        failed = undefined;
        return made.vault;
      } catch (error) {
        failed = { until: now() + FAILURE_TTL_MS, error };
        throw error;
      }
    },
  };
}

/** Those of the configuration; undefined where no lane takes contacts in clear. */
export function configuredContactVaults(
  { contactsSecretName: secretName }: Pick<ResolvedConfig, "contactsSecretName">,
  { now }: Pick<Clock, "now">,
): ContactVaults | undefined {
  if (typeof KEEPS_CONTACTS === "undefined" || KEEPS_CONTACTS) {
    if (secretName === undefined) return undefined;
    return createContactVaults({ now, secretName, secrets: createSecrets({ ttlMs: SECRET_TTL_MS, now }) });
  }
  return undefined;
}

function vaultOf({ key = "", previousKey }: Readonly<Record<string, string>>, name: string): ContactVault {
  for (const it of [key, previousKey ?? key]) {
    if (it.length < MIN_KEY_LENGTH)
      throw new SecretError(`secret ${name} has a key of less than ${MIN_KEY_LENGTH} characters`);
  }
  return createContactVault({ key, ...(previousKey === undefined ? {} : { previousKey }) });
}
