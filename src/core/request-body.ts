import { gunzipSync } from "node:zlib";

/** The text of a request body, or what is wrong with it. */
export type BodyResult = { ok: true; text: string } | { ok: false; problem: "too_large" | "not_readable" };

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * The body as text, inflated when it is gzip. The bytes decide, not `Content-Encoding`: some senders compress without
 * saying so and some proxies inflate without taking the header away, and no JSON starts with these two bytes. Inflating
 * stops at the cap, so a bomb costs no more than an honest body.
 */
export function readBody(bytes: Uint8Array, maxBytes: number): BodyResult {
  if (bytes.byteLength > maxBytes) return { ok: false, problem: "too_large" };
  if (bytes[0] !== GZIP_MAGIC[0] || bytes[1] !== GZIP_MAGIC[1]) return { ok: true, text: decode(bytes) };
  try {
    return { ok: true, text: decode(gunzipSync(bytes, { maxOutputLength: maxBytes })) };
  } catch (error) {
    const tooLarge = (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
    return { ok: false, problem: tooLarge ? "too_large" : "not_readable" };
  }
}

// Invalid UTF-8 becomes U+FFFD and a byte order mark goes: one broken name must not cost the request.
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
