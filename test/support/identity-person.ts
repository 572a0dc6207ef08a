import type { Person } from "../../src/core/identity.ts";

/** A person of whom nothing is known, but for what is given. */
export function identityPerson(id: string, more: Partial<Person> = {}): Person {
  return {
    id,
    version: 0,
    created_at: 0,
    expires_at: Number.MAX_SAFE_INTEGER,
    users: {},
    hashes: {},
    digests: {},
    anonymous_ids: [],
    browser_ids: {},
    click_ids: {},
    answers: {},
    touches: {},
    merges: 0,
    merge_records: [],
    apart: [],
    ...more,
  };
}
