import { utcDay } from "../../core/utc-day.ts";
import { daysUntil, WARNING_DAYS } from "../../core/version-end.ts";

/** API revision that a lane uses when its settings name none. */
export const DEFAULT_REVISION = "2026-07-15";

const LIFE_YEARS = 2;

/**
 * A warning when the revision is retired at `now` (epoch ms) or will be within 60 days, else undefined. A revision is
 * served for two years from its date; after that calls fail.
 * Source: https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy
 */
export function revisionWarning(revision: string, now: number): string | undefined {
  const end = revisionEnd(revision);
  const daysLeft = daysUntil(end, now);
  const day = utcDay(end);
  const remedy = `set revision to ${DEFAULT_REVISION} or a newer one`;
  if (daysLeft < 0) return `Klaviyo's API revision ${revision} was retired on ${day}: ${remedy}`;
  return daysLeft <= WARNING_DAYS
    ? `Klaviyo's API revision ${revision} ends on ${day}, in ${daysLeft} days: ${remedy}`
    : undefined;
}

/** Whether the text is a date that revisions can have: `YYYY-MM-DD`. */
export function isRevision(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
}

/** When the revision is retired, epoch ms. */
export function revisionEnd(revision: string): number {
  const end = new Date(`${revision}T00:00:00Z`);
  return end.setUTCFullYear(end.getUTCFullYear() + LIFE_YEARS);
}
