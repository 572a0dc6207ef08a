import { createHash, timingSafeEqual } from "node:crypto";
import type { AuditEntry } from "./audit-entry.ts";

/** What an entry says, before it has its place in the chain. */
export type AuditDraft = Pick<AuditEntry, "at" | "actor" | "action" | "target" | "details">;

/** A place in the chain: kept apart from the entries, so that an end that was cut off shows. */
export type AuditMark = Pick<AuditEntry, "number" | "digest">;

/** `previous` of the first entry. */
export const NO_DIGEST = "0".repeat(64);

/** The next entry after `last`, numbered and chained. */
export function chainEntry(last: AuditMark | undefined, draft: AuditDraft): AuditEntry {
  const { at, actor, action, target, details } = draft;
  const number = (last?.number ?? 0) + 1;
  const entry = { number, at, actor, action, target, details, previous: last?.digest ?? NO_DIGEST };
  return { ...entry, digest: digestOf(entry) };
}

/** Over all fields but the digest, whatever more of them somebody has put there. */
function digestOf({ digest: _, ...fields }: Omit<AuditEntry, "digest"> & { digest?: string }): string {
  return createHash("sha256").update(canonicalJson(fields)).digest("hex");
}

/** JSON with the names of every object in order: equal values are equal texts, whoever stored them and how. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}

/** What is wrong with a log, at the entry where it first shows. */
interface AuditBreak {
  readonly broken_at: number;
  readonly problem: string;
}

/** Follows the chain from its first entry; keeps one entry in memory, however long the log is. */
export interface AuditCheck {
  /** The next entry, in the order in which the log gives them. False once the chain is broken. */
  add(entry: AuditEntry): boolean;
  /** After the last one. */
  end(): { entries: number; last?: AuditEntry } | AuditBreak;
}

/**
 * Begins a check; `marks` are places that the log is known to have reached. An entry that was changed, removed, put in between or moved breaks the chain, and so does a missing
 * beginning. A missing end shows only against a mark from elsewhere. What no check can see is a chain that somebody
 * computed anew from some entry on, with every mark that is compared: keep a digest where that person does not reach.
 */
export function checkAudit(marks: readonly AuditMark[] = []): AuditCheck {
  let last: AuditEntry | undefined;
  let broken: AuditBreak | undefined;
  const seen = new Map<number, string>(marks.map(({ number }) => [number, ""]));
  return {
    add(entry) {
      if (broken !== undefined) return false;
      const problem = problemOf(entry, last);
      if (problem !== undefined) {
        broken = { broken_at: (last?.number ?? 0) + 1, problem };
        return false;
      }
      last = entry;
      if (seen.has(entry.number)) seen.set(entry.number, entry.digest);
      return true;
    },
    end() {
      if (broken !== undefined) return broken;
      for (const mark of marks) {
        if (mark.number > (last?.number ?? 0)) {
          const problem = `the log ends before entry ${mark.number}, which it had: its end was removed`;
          return { broken_at: (last?.number ?? 0) + 1, problem };
        }
        if (!isEqual(seen.get(mark.number) ?? "", mark.digest)) {
          return {
            broken_at: mark.number,
            problem: "another digest was noted for this entry: the chain was made anew",
          };
        }
      }
      return { entries: last?.number ?? 0, ...(last === undefined ? {} : { last }) };
    },
  };
}

function problemOf(entry: AuditEntry, last: AuditEntry | undefined): string | undefined {
  const expected = (last?.number ?? 0) + 1;
  if (entry.number !== expected) {
    return entry.number > expected ? `entry ${expected} is missing` : `entry ${entry.number} stands in a wrong place`;
  }
  if (!isEqual(entry.previous, last?.digest ?? NO_DIGEST)) return "it does not follow the entry before it";
  return isEqual(entry.digest, digestOf(entry)) ? undefined : "it was changed: its digest is that of something else";
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
