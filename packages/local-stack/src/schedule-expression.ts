const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const DAY_MS = 86_400_000;

/** When a schedule fires next, in UTC. */
export interface ScheduleExpression {
  /** First time strictly after `afterMs`; undefined when there is none any more. */
  nextAfter(afterMs: number): number | undefined;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  /** Number of the first name. */
  readonly firstName?: number;
}

type DayTest = (date: Date) => boolean;

/**
 * Reads `rate(5 minutes)` and `cron(minute hour day-of-month month day-of-week year)` as EventBridge does. A rate counts
 * from `startMs`. Throws with the expression and what is wrong with it.
 */
export function parseSchedule(expression: string, startMs: number): ScheduleExpression {
  const [, kind, body = ""] = /^(rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === "rate") return rate(expression, body, startMs);
  if (kind === "cron") return cron(expression, body.trim().split(/\s+/));
  throw new Error(`schedule ${expression}: expected rate(...) or cron(...)`);
}

function rate(expression: string, body: string, startMs: number): ScheduleExpression {
  const [, count = "", unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(body.trim()) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  const plural = body.trim().endsWith("s");
  if (everyMs === 0 || plural !== Number(count) > 1)
    throw new Error(`schedule ${expression}: expected rate(5 minutes)`);
  return { nextAfter: (afterMs) => startMs + (Math.max(0, Math.floor((afterMs - startMs) / everyMs)) + 1) * everyMs };
}

function cron(expression: string, fields: readonly string[]): ScheduleExpression {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields;
  if (year === undefined || fields.length !== 6 || [minute, hour, dayOfMonth, month, dayOfWeek].includes(undefined)) {
    throw new Error(`schedule ${expression}: cron has six fields`);
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new Error(`schedule ${expression}: one of day-of-month and day-of-week must be ?, and only one`);
  }
  const read = (field: string | undefined, range: Range) => readField(expression, field ?? "", range);
  const minutes = read(minute, { min: 0, max: 59 });
  const hours = read(hour, { min: 0, max: 23 });
  const months = read(month, { min: 1, max: 12, names: MONTHS, firstName: 1 });
  const years = read(year, { min: 1970, max: 2199 });
  const isDay =
    dayOfMonth === "?" ? weekDayTest(expression, dayOfWeek ?? "") : monthDayTest(expression, dayOfMonth ?? "");
  const lastYear = Math.max(...years);

  return {
    nextAfter(afterMs) {
      const from = Math.floor(afterMs / 60_000) * 60_000 + 60_000;
      let day = Math.floor(from / DAY_MS) * DAY_MS;
      for (; new Date(day).getUTCFullYear() <= lastYear; day += DAY_MS) {
        const date = new Date(day);
        const fits = years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && isDay(date);
        if (!fits) continue;
        const time = firstTime(hours, minutes, from - day);
        if (time !== undefined) return day + time;
      }
      return undefined;
    },
  };
}

/** First time of a day, in milliseconds, that is not before `fromMs`. */
function firstTime(hours: ReadonlySet<number>, minutes: ReadonlySet<number>, fromMs: number): number | undefined {
  for (const hour of [...hours].sort((a, b) => a - b)) {
    for (const minute of [...minutes].sort((a, b) => a - b)) {
      const time = (hour * 60 + minute) * 60_000;
      if (time >= fromMs) return time;
    }
  }
  return undefined;
}

/** `5`, `1,2`, `1-5`, `*`, `0/15`, `1-10/2`, and names. */
function readField(expression: string, field: string, range: Range): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [span = "", step] = part.split("/");
    const [first = "", last] = span === "*" ? [String(range.min), String(range.max)] : span.split("-");
    const from = readValue(first, range);
    const to = last !== undefined ? readValue(last, range) : step === undefined ? from : range.max;
    const by = step === undefined ? 1 : Number(step);
    const inRange = from >= range.min && to <= range.max && from <= to;
    if (!inRange || !Number.isInteger(by) || by < 1) throw new Error(`schedule ${expression}: cannot read "${field}"`);
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function readValue(text: string, { names = [], firstName = 0 }: Range): number {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return named + firstName;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Also `L` (last day), `LW` (last weekday) and `15W` (the weekday nearest to the 15th). */
function monthDayTest(expression: string, field: string): DayTest {
  if (field === "L") return (date) => date.getUTCDate() === lastDate(date);
  if (field === "LW") return (date) => date.getUTCDate() === nearestWeekday(date, lastDate(date));
  const wanted = /^(\d+)W$/.exec(field)?.[1];
  if (wanted !== undefined) return (date) => date.getUTCDate() === nearestWeekday(date, Number(wanted));
  const days = readField(expression, field, { min: 1, max: 31 });
  return (date) => days.has(date.getUTCDate());
}

/** Also `L` (Saturday), `6L` (the month's last Friday) and `6#3` (its third Friday); Sunday is 1. */
function weekDayTest(expression: string, field: string): DayTest {
  const range = { min: 1, max: 7, names: DAYS, firstName: 1 };
  if (field === "L") return (date) => date.getUTCDay() === 6;
  const [, day, nth] = /^(\w+?)(L|#[1-5])$/.exec(field) ?? [];
  if (day === undefined || nth === undefined) {
    const days = readField(expression, field, range);
    return (date) => days.has(date.getUTCDay() + 1);
  }
  const [only] = readField(expression, day, range);
  if (nth === "L") return (date) => date.getUTCDay() + 1 === only && date.getUTCDate() > lastDate(date) - 7;
  return (date) => date.getUTCDay() + 1 === only && Math.ceil(date.getUTCDate() / 7) === Number(nth.slice(1));
}

function lastDate(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The weekday nearest to a date without leaving its month. */
function nearestWeekday(month: Date, date: number): number {
  const last = lastDate(month);
  const day = Math.min(date, last);
  const weekDay = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), day)).getUTCDay();
  if (weekDay === 6) return day > 1 ? day - 1 : day + 2;
  if (weekDay === 0) return day < last ? day + 1 : day - 2;
  return day;
}
