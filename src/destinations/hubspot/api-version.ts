import { daysUntil, WARNING_DAYS } from "../../core/version-end.ts";

/** API version that a lane uses when its settings name none. */
export const DEFAULT_API_VERSION = "2026-03";

const LIFE_MONTHS = 18;

/**
 * A warning when the version has ended at `now` (epoch ms) or will within 60 days, else undefined. HubSpot releases one
 * in March and one in September and supports each for 18 months; counted from the first of the month, as the day differs.
 * Source: https://developers.hubspot.com/changelog/introducing-date-based-api-versioning
 */
export function apiVersionWarning(version: string, now: number): string | undefined {
  const end = apiVersionEnd(version);
  const daysLeft = daysUntil(end, now);
  const month = new Date(end).toISOString().slice(0, 7);
  const remedy = "set apiVersion to a newer one";
  if (daysLeft < 0)
    return `HubSpot's API version ${version} is supported until ${month} only, which has come: ${remedy}`;
  return daysLeft <= WARNING_DAYS
    ? `HubSpot's API version ${version} is supported until ${month}, ${daysLeft} days from now: ${remedy}`
    : undefined;
}

/** When support for the version ends, epoch ms. */
export function apiVersionEnd(version: string): number {
  const end = new Date(`${version}-01T00:00:00Z`);
  return end.setUTCMonth(end.getUTCMonth() + LIFE_MONTHS);
}
