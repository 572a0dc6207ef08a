import type { Decimal } from "./event.ts";

/** Digits kept after the point: enough for unit prices, few enough to cut the noise of binary floats. */
const FRACTION_DIGITS = 6;
const SCALE = 10n ** BigInt(FRACTION_DIGITS);
/** Below this a JSON number still has its cents: doubles hold 15 significant digits. */
const LIMIT = 10n ** 15n * SCALE;

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/;

/**
 * Reads an amount from a JSON number or from text such as `"149.85"`; undefined when it is none, is not finite or
 * reaches 10^15. Text must be a plain decimal with a point: a comma, a currency sign, an exponent or a thousands
 * separator is refused rather than guessed. Canonical: no leading or trailing zeros, at most six decimals (rounded half
 * away from zero, which also removes float noise), no `-0`. Idempotent.
 */
export function parseMoney(input: number | string): Decimal | undefined {
  const match = DECIMAL.exec(typeof input === "number" ? plainText(input) : input.trim());
  if (!match) return undefined;
  const units = toUnits(match[1] ?? "", match[2] ?? "", match[3] ?? "");
  return units < LIMIT && units > -LIMIT ? fromUnits(units) : undefined;
}

/** True below zero. */
export function isNegative(amount: Decimal): boolean {
  return amount.startsWith("-");
}

/** The same amount without its sign. */
export function absolute(amount: Decimal): Decimal {
  return isNegative(amount) ? amount.slice(1) : amount;
}

/** Sum of amounts, exact. */
export function addMoney(...amounts: readonly Decimal[]): Decimal {
  return fromUnits(amounts.reduce((sum, amount) => sum + unitsOf(amount), 0n));
}

/** Price times quantity, rounded to six decimals. */
export function multiplyMoney(price: Decimal, quantity: number): Decimal {
  const factor = parseMoney(quantity);
  if (factor === undefined) throw new RangeError("quantity is not a finite number");
  return fromUnits(roundedDivide(unitsOf(price) * unitsOf(factor), SCALE));
}

/** The amount as a JSON number, for platforms that want one. Exact to the cent below 10^13. */
export function moneyToNumber(amount: Decimal): number {
  return Number(amount);
}

/** The amount with exactly this many decimals, rounded half away from zero: "149.85" → "149.9" with one. */
export function moneyToFixed(amount: Decimal, decimals: number): string {
  const step = 10n ** BigInt(FRACTION_DIGITS - decimals);
  const units = roundedDivide(unitsOf(amount), step);
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return `${units < 0n ? "-" : ""}${whole}${decimals === 0 ? "" : `.${digits.slice(-decimals)}`}`;
}

function plainText(input: number): string {
  // Tiny numbers print with an exponent; toFixed writes them out.
  const text = String(input);
  return text.includes("e-") ? input.toFixed(FRACTION_DIGITS + 1) : text;
}

function unitsOf(amount: Decimal): bigint {
  const match = DECIMAL.exec(amount);
  if (!match) throw new RangeError("not a decimal");
  return toUnits(match[1] ?? "", match[2] ?? "", match[3] ?? "");
}

function toUnits(sign: string, whole: string, fraction: string): bigint {
  const kept = fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, "0");
  const roundUp = (fraction[FRACTION_DIGITS] ?? "0") >= "5" ? 1n : 0n;
  const units = BigInt(whole + kept) + roundUp;
  return sign === "-" ? -units : units;
}

function fromUnits(units: bigint): Decimal {
  const magnitude = units < 0n ? -units : units;
  const fraction = (magnitude % SCALE).toString().padStart(FRACTION_DIGITS, "0").replace(/0+$/, "");
  const text = `${magnitude / SCALE}${fraction === "" ? "" : `.${fraction}`}`;
  return units < 0n ? `-${text}` : text;
}

function roundedDivide(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return (dividend < 0n ? dividend - half : dividend + half) / divisor;
}
