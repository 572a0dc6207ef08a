/** A date of birth as `YYYYMMDD`, the form that Meta, Snapchat and Pinterest hash; undefined when it is no date. */
export function birthDateDigits(raw: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(raw.trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // 31 February rolls over into March instead of failing.
  return date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month) ? year + month + day : undefined;
}
