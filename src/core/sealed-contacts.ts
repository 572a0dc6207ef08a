import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { Contact } from "./hashing.ts";

/** Why a sealed text stays closed: by a key that nobody has here any more, or changed since it was sealed. */
export type Unopened = "another_key" | "damaged";

type OpenedContact = { readonly text: string } | { readonly problem: Unopened };

/** Seals what the identity graph keeps of people in clear, and opens it again. Pure: equal text is sealed equally. */
export interface ContactVault {
  /** Letters, digits, `-`, `_` and one dot. */
  seal(contact: Contact, text: string): string;
  open(contact: Contact, sealed: string): OpenedContact;
}

/** Both are random texts with at least 128 bits; `previousKey` only opens, while what it sealed is being replaced. */
export interface VaultKeys {
  readonly key: string;
  readonly previousKey?: string;
}

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tells keys apart and says nothing about them. */
const KEY_ID_BYTES = 6;

interface DerivedKeys {
  readonly id: string;
  readonly encryption: Buffer;
  readonly nonces: Buffer;
}

/**
 * AES-256-GCM. The nonce is no random number but made of the text itself, so that an event that brings a known address
 * leaves the person's item as it is, and two workers who learn one address write the same. That is sound: GCM breaks
 * when one nonce seals two different texts, and this one is an HMAC of kind and text under a key of its own, of which
 * 96 bits fall together once in 2^33 vaults of four thousand million texts each. It tells who reads the table which
 * sealed texts are equal; the hashes beside them tell that anyway. The kind is authenticated, so that a phone number
 * cannot be put in an address's place.
 */
export function createContactVault({ key, previousKey }: VaultKeys): ContactVault {
  const current = derived(key);
  const known = [current, ...(previousKey === undefined ? [] : [derived(previousKey)])];
  return {
    seal(contact, text) {
      const nonce = createHmac("sha256", current.nonces).update(`${contact}\u0000${text}`).digest();
      const cipher = createCipheriv(CIPHER, current.encryption, nonce.subarray(0, NONCE_BYTES), GCM);
      cipher.setAAD(Buffer.from(contact));
      const sealed = [nonce.subarray(0, NONCE_BYTES), cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${current.id}.${Buffer.concat(sealed).toString("base64url")}`;
    },
    open(contact, sealed) {
      const [id = "", body = ""] = sealed.split(".");
      const keys = known.find((it) => it.id === id);
      if (keys === undefined) return { problem: "another_key" };
      const bytes = Buffer.from(body, "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return { problem: "damaged" };
      const decipher = createDecipheriv(CIPHER, keys.encryption, bytes.subarray(0, NONCE_BYTES), GCM);
      decipher.setAAD(Buffer.from(contact));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const text = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
        return { text: Buffer.concat(text).toString("utf8") };
      } catch {
        return { problem: "damaged" };
      }
    },
  };
}

// Without it a tag that was cut short would do.
const GCM = { authTagLength: TAG_BYTES } as const;

function derived(secret: string): DerivedKeys {
  const part = (use: string, bytes: number) =>
    Buffer.from(hkdfSync("sha256", secret, "", `tracklayer contacts 1: ${use}`, bytes));
  return {
    id: part("key id", KEY_ID_BYTES).toString("base64url"),
    encryption: part("encryption", KEY_BYTES),
    nonces: part("nonces", KEY_BYTES),
  };
}
