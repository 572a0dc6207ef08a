/** A date of birth as `YYYYMMDD`, the form that Meta, Snapchat and Pinterest hash; undefined when it is no date. */
export function birthDateDigits(raw: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(raw.trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return Number(day) >= 1 && Number(day) <= daysIn(Number(month), Number(year)) ? year + month + day : undefined;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month, 0 for what is none. */
function daysIn(month: number, year: number): number {
  if (month !== 2) return DAYS[month - 1] ?? 0;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
