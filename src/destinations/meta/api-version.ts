import { daysUntil, WARNING_DAYS } from "../../core/version-end.ts";

/** Graph API version that a lane uses when its settings name none. */
export const DEFAULT_API_VERSION = "v26.0";

/**
 * Last day of each version that has one announced. Calls to a retired version fail; nothing is upgraded silently.
 * Source: https://developers.facebook.com/docs/graph-api/changelog (state of 29 July 2026)
 */
const API_VERSION_SUNSETS: Readonly<Record<string, string>> = {
  "v20.0": "2026-09-24",
  "v21.0": "2027-01-21",
  "v22.0": "2027-05-20",
  "v23.0": "2027-10-08",
  "v24.0": "2028-02-18",
  "v25.0": "2028-07-29",
};

const OLDEST_LISTED = 20;

/** A warning when the version is retired at `now` (epoch ms) or will be within 60 days, else undefined. */
export function apiVersionWarning(version: string, now: number): string | undefined {
  if (Number.parseInt(version.slice(1), 10) < OLDEST_LISTED) return retired(version, "years ago");
  const sunset = API_VERSION_SUNSETS[version];
  const end = apiVersionEnd(version);
  if (sunset === undefined || end === undefined) return undefined;
  const daysLeft = daysUntil(end, now);
  if (daysLeft < 0) return retired(version, `on ${sunset}`);
  return daysLeft <= WARNING_DAYS
    ? `Graph API ${version} ends on ${sunset}, in ${daysLeft} days: set apiVersion to ${DEFAULT_API_VERSION}`
    : undefined;
}

/** When the version is retired, epoch ms; undefined while no day is announced. */
export function apiVersionEnd(version: string): number | undefined {
  const sunset = API_VERSION_SUNSETS[version];
  return sunset === undefined ? undefined : Date.parse(`${sunset}T00:00:00Z`);
}

function retired(version: string, when: string): string {
  return `Graph API ${version} was retired ${when} and refuses every call: set apiVersion to ${DEFAULT_API_VERSION}`;
}
