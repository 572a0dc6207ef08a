import type { FollowedFinding } from "../../core/finding.ts";
import type { OpenFindings } from "../../core/lasting-findings.ts";
import type { FindingRow } from "../../ops/contract/findings.ts";
import type { FindingStore } from "../../pipeline/detect-ports.ts";

/** The finding store in memory, for tests and simulation. */
export interface MemoryFindingStore extends FindingStore {
  findings(): FindingRow[];
}

/** Keeps findings as the delivery table does: one per detector, subject and beginning. */
export function createMemoryFindingStore(): MemoryFindingStore {
  const kept = new Map<string, FindingRow>();
  const opened = new Map<string, OpenFindings>();
  return {
    async save(finding, keptAt) {
      const found_at = kept.get(keyOf(finding))?.found_at ?? keptAt;
      kept.set(keyOf(finding), structuredClone({ ...finding, found_at }));
    },
    async end(finding, endedAt) {
      const known = kept.get(keyOf(finding));
      if (known !== undefined) kept.set(keyOf(finding), { ...known, ended_at: endedAt });
    },
    async readOpen(detector) {
      return structuredClone(opened.get(detector));
    },
    async saveOpen(detector, open) {
      opened.set(detector, structuredClone(open));
    },
    findings: () => structuredClone([...kept.values()]),
  };
}

function keyOf({ began_at, detector, subject }: Pick<FollowedFinding, "began_at" | "detector" | "subject">): string {
  return JSON.stringify([detector, subject, began_at]);
}
