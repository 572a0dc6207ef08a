/** The day of a moment as `YYYY-MM-DD`, UTC: lists by day are kept under it, whatever a reader's own midnight is. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
