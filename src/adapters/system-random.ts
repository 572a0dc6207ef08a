import { randomBytes } from "node:crypto";
import type { Random } from "../pipeline/ports.ts";

/** The machine's randomness; `now` gives the epoch ms that UUIDv7s begin with. */
export function createSystemRandom(now: () => number = Date.now): Random {
  return { uuid: () => uuidV7(now(), randomBytes(10)), fraction: () => Math.random() };
}

// RFC 9562: 48 bits of time, the version, 12 random bits, the variant, 62 random bits. Sorts by time of making.
function uuidV7(at: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes.set(random, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
