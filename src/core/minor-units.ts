import type { Decimal } from "./event.ts";
import { moneyToFixed } from "./money.ts";

/** Decimals of a currency's minor unit by ISO 4217, where it is not two. */
const MINOR_DIGITS: Readonly<Record<string, number>> = Object.fromEntries([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3]),
]);

/** Decimals of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return MINOR_DIGITS[currency.toUpperCase()] ?? 2;
}

/** The amount as an integer of the currency's minor units: 149.85 EUR → 14985, 100 JPY → 100. Rounded to whole ones. */
export function toMinorUnits(amount: Decimal, currency: string): number {
  return Number(moneyToFixed(amount, minorDigits(currency)).replace(".", ""));
}
