import type { ConsentPurpose } from "../../src/core/consent.ts";
import { refusedSince } from "../../src/core/consent-memory.ts";
import type { Person } from "../../src/core/identity.ts";
import { SCOPE } from "./scenarios.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Longer than anything keeps its decision of enrich without being asked about again, ms. */
const WAITED_MS = 60_000;

/** What the identity table knew of refusals, and when. */
export interface Refusals {
  learned(person: Person): void;
  /** Whether this person had refused the purpose after `since` and not granted it again, by what was stored at `at`. */
  stood(id: string | undefined, purpose: ConsentPurpose, since: number, at: number): boolean;
  /** Whether that was so at any time. */
  everStood(id: string | undefined, purpose: ConsentPurpose, since: number): boolean;
  /** Whether a message that was put on its lane at `enqueuedAt` has to be asked about by an invocation of `startedAt`. */
  isLate(enqueuedAt: number, startedAt: number): boolean;
}

/** Keeps every version of every person of one run. `skewMs`: most that a clock is off, either way. */
export function createRefusals(time: Pick<VirtualTime, "now">, skewMs: number): Refusals {
  const versions = new Map<string, { at: number; person: Person }[]>();

  function personAt(id: string, at: number): Person | undefined {
    let person = versions.get(id)?.findLast((it) => it.at <= at)?.person;
    while (person?.merged_into !== undefined) {
      const root: string = person.merged_into;
      person = versions.get(root)?.findLast((it) => it.at <= at)?.person;
    }
    return person;
  }

  function stood(id: string | undefined, purpose: ConsentPurpose, since: number, at: number): boolean {
    if (id === undefined) return false;
    const event = { event_time: since, source: { dedup_scope: SCOPE, kind: "browser" as const } };
    return refusedSince(personAt(id, at)?.answers ?? {}, event)[purpose] === "denied";
  }

  return {
    learned(person) {
      versions.set(person.id, [...(versions.get(person.id) ?? []), { at: time.now(), person }]);
    },
    stood,
    everStood(id, purpose, since) {
      const moments = [...versions.values()].flat().map(({ at }) => at);
      return moments.some((at) => stood(id, purpose, since, at));
    },
    isLate: (enqueuedAt, startedAt) => startedAt - enqueuedAt > WAITED_MS + 2 * skewMs,
  };
}
