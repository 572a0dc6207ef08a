import type { ConsentValue } from "./consent.ts";
import { DAY_MS } from "./durations.ts";

/**
 * When an answer in a consent string was given, epoch ms, as far as it can be told from the string's own date
 * (`updatedAt`): a server may keep a string for months, and what the person said since counts for more. Never after the
 * event that carries it, whatever the clock of the consent manager says.
 *
 * Since the end of 2021 that date is a day (00:00 UTC). On that very day the string is as new as the event: the banner's
 * first string, which refuses, and the one of the visitor who accepts half a minute later have the same date. After it
 * what is stricter holds, a grant from the day's beginning and a refusal from its end. The same goes for a string without
 * a date: its grant is older than all else, its refusal is of now.
 */
export function givenAt(value: ConsentValue, updatedAt: number, eventTime: number): number {
  if (updatedAt === 0) return value === "granted" ? 0 : eventTime;
  if (updatedAt >= eventTime) return eventTime;
  if (updatedAt % DAY_MS !== 0) return updatedAt;
  const endOfDay = updatedAt + DAY_MS - 1;
  if (eventTime <= endOfDay) return eventTime;
  return value === "granted" ? updatedAt : endOfDay;
}
