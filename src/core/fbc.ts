/** Meta's cookie for a click: `fb.<subdomain index>.<time of the click, ms>.<fbclid>`. */

/** When the click was, epoch ms; NaN where the cookie does not say. */
export function fbcTime(fbc: string): number {
  return Number(fbc.split(".")[2] ?? Number.NaN);
}

/** The `fbclid` that it holds; empty where there is none, as in any other text. */
export function fbcClick(fbc: string): string {
  return fbc.startsWith("fb.") ? fbc.split(".").slice(3).join(".") : "";
}
