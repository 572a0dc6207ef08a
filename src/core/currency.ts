let known: ReadonlySet<string> | undefined;

/** An ISO 4217 code in upper case; undefined for anything that is none. Platforms refuse amounts in unknown currencies. */
export function readCurrency(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  known ??= new Set(Intl.supportedValuesOf("currency"));
  return known.has(code) ? code : undefined;
}
