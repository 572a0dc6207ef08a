import type { Finding } from "../../core/finding.ts";
import type { FindingStore } from "../../pipeline/detect-ports.ts";

/** A finding with the time (epoch ms) at which it was first found. */
interface KeptFinding {
  finding: Finding;
  found_at: number;
}

/** The finding store in memory, for tests and simulation. */
export interface MemoryFindingStore extends FindingStore {
  findings(): KeptFinding[];
}

/** Keeps findings as the delivery table does: one per detector, subject and hour. */
export function createMemoryFindingStore(): MemoryFindingStore {
  const kept = new Map<string, KeptFinding>();
  return {
    async save(finding, foundAt) {
      const key = JSON.stringify([finding.detector, finding.subject, finding.window.start]);
      const known = kept.get(key);
      kept.set(key, { finding: structuredClone(finding), found_at: known?.found_at ?? foundAt });
      return known === undefined ? "new" : "known";
    },
    findings: () => structuredClone([...kept.values()]),
  };
}
