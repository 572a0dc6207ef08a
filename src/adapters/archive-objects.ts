import type { ArchiveObject } from "../pipeline/archive-ports.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Under which Firehose puts what it could deliver; what it could not is under another. */
export const ARCHIVE_ROOT = "events/";

/**
 * How far what an object holds may be from the time in its name, besides the buffer interval, ms: enrich's clock, its
 * tries of a put, and Firehose, which gathers for longer when S3 is slow. Reading an object too many costs a request,
 * leaving one out loses events.
 */
const SLACK_MS = 15 * MINUTE_MS;

/** The prefix of an hour; Firehose counts in UTC. */
export function archivePrefix(at: number): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${ARCHIVE_ROOT}${date.replaceAll("-", "/")}/${time.slice(0, 2)}/`;
}

/** A name such as Firehose gives: `<stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<random>.gz`, below the hour's prefix. */
export function objectKey(prefix: string, at: number, random: string): string {
  const stamp = new Date(at).toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "-");
  return `${prefix}archive-1-${stamp}-${random}.gz`;
}

/** The prefixes of all hours whose objects may hold what was archived in the range, oldest first. */
export function prefixesBetween(from: number, to: number, bufferMs: number): string[] {
  const spread = bufferMs + SLACK_MS;
  const first = Math.floor((from - spread) / HOUR_MS) * HOUR_MS;
  const hours = Math.max(0, Math.ceil((to + spread - first) / HOUR_MS));
  return Array.from({ length: hours }, (_, index) => archivePrefix(first + index * HOUR_MS));
}

/**
 * An object by its name, with the times that it may hold. Whether the time in a name is that of its oldest record or
 * of its writing is nowhere promised, so it counts for both. An object with another name may hold anything of its hour.
 */
export function archiveObject(key: string, bytes: number, bufferMs: number): ArchiveObject {
  const spread = bufferMs + SLACK_MS;
  const stamp = /-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-[^/]*$/.exec(key)?.slice(1).map(Number);
  if (stamp !== undefined) {
    const [year = 0, month = 1, day, hour, minute, second] = stamp;
    const at = Date.UTC(year, month - 1, day, hour, minute, second);
    return { key, bytes, from: at - spread, to: at + spread };
  }
  const hour = /(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/[^/]*$/.exec(key)?.slice(1).map(Number);
  if (hour === undefined) return { key, bytes, from: 0, to: Number.MAX_SAFE_INTEGER };
  const [year = 0, month = 1, day, hours] = hour;
  const at = Date.UTC(year, month - 1, day, hours);
  return { key, bytes, from: at - spread, to: at + HOUR_MS + spread };
}
