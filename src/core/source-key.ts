import { createHash, timingSafeEqual } from "node:crypto";

/** Flat fields of a source's secret: the current and the previous key, each in clear or as its digest. */
type SourceSecret = Readonly<Record<string, string>>;

/** The digests under which a source's keys are known; empty where the secret holds none. */
export interface SourceKeyDigests {
  readonly keySha256?: string;
  readonly previousKeySha256?: string;
}

/** A secret whose digest is none: a typing error that must not pass for a key that nobody has. */
export class MalformedDigest extends Error {
  constructor(field: string) {
    super(`${field} must be the 64 hexadecimal digits of a SHA-256`);
    this.name = "MalformedDigest";
  }
}

/**
 * What a secret may hold in a key's place, as 64 hexadecimal digits: SHA-256 of its UTF-8 bytes. No salt and no slow
 * hash, because keys are made by a machine: nobody tries 2^190 of them, while every request would pay for the work.
 */
export function hashSourceKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/**
 * Digests of a secret's keys, and nothing else of it. A digest wins over a key in clear of the same rank; blank fields
 * are none. Reading its own answer changes nothing. Throws `MalformedDigest`.
 */
export function sourceKeyDigests(secret: SourceSecret): SourceKeyDigests {
  const current = digestOf(secret, "keySha256", "key");
  const previous = digestOf(secret, "previousKeySha256", "previousKey");
  return {
    ...(current === undefined ? {} : { keySha256: current }),
    ...(previous === undefined ? {} : { previousKeySha256: previous }),
  };
}

/** Whether a presented key's digest is one of these. Both are compared, each in constant time. */
export function isKeyOf(presentedSha256: string, { keySha256, previousKeySha256 }: SourceKeyDigests): boolean {
  const presented = Buffer.from(presentedSha256, "hex");
  let found = false;
  for (const valid of [keySha256, previousKeySha256]) {
    if (valid !== undefined && timingSafeEqual(presented, Buffer.from(valid, "hex"))) found = true;
  }
  return found;
}

function digestOf(secret: SourceSecret, digestField: string, keyField: string): string | undefined {
  const digest = secret[digestField]?.trim();
  if (digest) {
    if (!/^[0-9a-f]{64}$/i.test(digest)) throw new MalformedDigest(digestField);
    return digest.toLowerCase();
  }
  const key = secret[keyField];
  return key ? hashSourceKey(key) : undefined;
}
