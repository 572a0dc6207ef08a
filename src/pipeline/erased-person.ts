import type { ArchivedEvent } from "../core/archived-event.ts";
import { erasedUntil, erasureKeys } from "../core/erasure.ts";
import { eventKey, eventKeyText } from "../core/event-key.ts";
import { graphIdentifiers } from "../core/identity-identifiers.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";

/** Identifiers that one erasure goes by at most; nobody has as many, but a broken tag may give one person any number. */
const MOST_KEYS = 50_000;

/** A browser's copy, mostly: the server's has the account and the contacts. */
export function isUnnamedCopy({ copy_of, event, merge_until }: ArchivedEvent): boolean {
  const hasCopies = copy_of !== undefined || merge_until !== undefined;
  return hasCopies && graphIdentifiers(event).every(({ strong }) => !strong);
}

/** Whom an erasure is about, as far as is known by now. */
export class ErasedPerson {
  readonly #keys: Set<string>;
  readonly #actions = new Set<string>();
  readonly #until: number;
  #hasMore = false;

  constructor(job: PrivacyJob) {
    this.#keys = new Set(job.person_keys);
    this.#until = erasedUntil(job);
  }

  knows(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Whether an event is theirs and of before. */
  has(archived: ArchivedEvent): boolean {
    const { event } = archived;
    if (event.received_at > this.#until) return false;
    return erasureKeys(event).some((key) => this.#keys.has(key)) || this.hasCopy(archived);
  }

  /** Whether it is a copy that names nobody, of an action of theirs. */
  hasCopy(archived: ArchivedEvent): boolean {
    if (archived.event.received_at > this.#until || !isUnnamedCopy(archived)) return false;
    return this.#actions.has(eventKeyText(eventKey(archived.event)));
  }

  /** A copy of it was theirs. */
  learnAction(archived: ArchivedEvent): void {
    this.#actions.add(eventKeyText(eventKey(archived.event)));
  }

  /** Answers whether one of them was new. */
  learn(keys: readonly string[]): boolean {
    const before = this.#keys.size;
    for (const key of keys) if (this.#keys.size < MOST_KEYS) this.#keys.add(key);
    this.#hasMore ||= this.#keys.size > before;
    return this.#keys.size > before;
  }

  changes(): { person_keys?: readonly string[] } {
    return this.#hasMore ? { person_keys: [...this.#keys] } : {};
  }
}
