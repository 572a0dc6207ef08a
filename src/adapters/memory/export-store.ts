import type { ExportStore } from "../../pipeline/export-ports.ts";

/** Exports in memory; `texts` is what is there, by key. */
export function createMemoryExportStore(): ExportStore & { readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    async put(key, text) {
      texts.set(key, text);
    },
    get: async (key) => texts.get(key),
  };
}
