import { daysUntil, WARNING_DAYS } from "../../core/version-end.ts";

/** Version of the Marketing API that a lane uses when its settings name none. */
export const DEFAULT_API_VERSION = "202608";

/**
 * Last day of the versions that have one announced; calls with a retired one are answered 426. Every version is kept for
 * twelve months at least. https://learn.microsoft.com/en-us/linkedin/marketing/integrations/migrations (August 2026)
 */
const SUNSETS: Readonly<Record<string, string>> = {
  "202510": "2026-10-15",
  "202511": "2026-11-16",
  "202601": "2027-01-15",
  "202603": "2027-03-16",
  "202607": "2027-07-15",
};

const OLDEST_LISTED = "202510";

/** What to tell of a version that is retired at `now` (epoch ms) or will be within 60 days. */
export function apiVersionWarnings(version: string, now: number): readonly string[] {
  if (version < OLDEST_LISTED) return [`${retired(version)} long ago ${remedy(version)}`];
  const announced = SUNSETS[version];
  const sunset = announced ?? expectedSunset(version);
  const daysLeft = daysUntil(apiVersionEnd(version), now);
  if (daysLeft > WARNING_DAYS) return [];
  if (announced === undefined) {
    return [
      `LinkedIn's API version ${version} ends around ${sunset}, its exact day is not known: ${nextStep(version)}`,
    ];
  }
  return daysLeft < 0
    ? [`${retired(version)} on ${sunset} ${remedy(version)}`]
    : [`LinkedIn's API version ${version} ends on ${sunset}, in ${daysLeft} days: ${nextStep(version)}`];
}

/** When the version is retired, epoch ms; near enough where no day is announced. */
export function apiVersionEnd(version: string): number {
  return Date.parse(`${SUNSETS[version] ?? expectedSunset(version)}T00:00:00Z`);
}

/** The announced ones end in the middle of their month, one year later. */
function expectedSunset(version: string): string {
  return `${Number(version.slice(0, 4)) + 1}-${version.slice(4)}-15`;
}

function retired(version: string): string {
  return `LinkedIn's API version ${version} was retired`;
}

function remedy(version: string): string {
  return `and refuses every call: ${nextStep(version)}`;
}

function nextStep(version: string): string {
  return version < DEFAULT_API_VERSION
    ? `set apiVersion to ${DEFAULT_API_VERSION}`
    : "set apiVersion to a newer one of LinkedIn's migrations page";
}
