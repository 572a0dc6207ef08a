/** Lengths of time in the unit of every clock here, ms. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** Twenty-four hours: windows and lifetimes are measured so, whatever a calendar says of summer time. */
export const DAY_MS = 86_400_000;
