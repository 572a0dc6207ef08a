import { DAY_MS } from "./durations.ts";

/** How long before a platform's API version ends the user is told, days. */
export const WARNING_DAYS = 60;

/** Whole days from `now` until `end`, both epoch ms; negative once it is over. */
export function daysUntil(end: number, now: number): number {
  return Math.floor((end - now) / DAY_MS);
}
