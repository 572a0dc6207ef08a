/**
 * Whether a US Privacy string (`1YNN`) says that the person opted out of the sale of their data. Undefined for anything
 * else than such a string of version 1. Its other letters, of notice and of a contract between companies, change nothing.
 * Source: https://github.com/InteractiveAdvertisingBureau/USPrivacy
 */
export function optsOutOfSale(text: string): boolean | undefined {
  const optOut = /^1[YN-]([YN-])[YN-]$/i.exec(text)?.[1];
  return optOut === undefined ? undefined : optOut.toUpperCase() === "Y";
}
