/** The European Economic Area: the 27 of the EU, Iceland, Liechtenstein and Norway. `EEA` in a config stands for it. */
const EEA_COUNTRIES = [
  ..."AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" "),
  ..."IS LI NO".split(" "),
] as const;

/** Codes of one rule with `EEA` spelled out; order kept, each once. */
export function expandCountries(codes: readonly string[]): string[] {
  return [...new Set(codes.flatMap((code) => (code === "EEA" ? EEA_COUNTRIES : [code])))];
}
