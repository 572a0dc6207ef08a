import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/durations.ts";
import type { ArchiveObject } from "../pipeline/archive-ports.ts";

/** Hours that are listed one by one. */
const MOST_HOURS = 8;

/** Under which Firehose puts what it could deliver; what it could not is under another. */
const ARCHIVE_ROOT = "events/";

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

/**
 * The prefixes under which everything is that was archived in the range, and little else, oldest first: hours, or days
 * where that is many. A listing is a request, and the first page of a quiet day's holds all of it.
 */
export function prefixesBetween(from: number, to: number, bufferMs: number): string[] {
  const spread = bufferMs + SLACK_MS;
  const start = from - spread;
  const end = to + spread;
  if (to <= from) return [];
  const stepMs = end - start > MOST_HOURS * HOUR_MS ? DAY_MS : HOUR_MS;
  const first = Math.floor(start / stepMs) * stepMs;
  const prefixes = Array.from({ length: Math.ceil((end - first) / stepMs) }, (_, index) =>
    archivePrefix(first + index * stepMs),
  );
  return stepMs === DAY_MS ? prefixes.map((prefix) => prefix.slice(0, -"HH/".length)) : prefixes;
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
