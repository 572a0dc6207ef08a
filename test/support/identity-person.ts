import { nobody, type Person } from "../../src/core/identity.ts";

/** A person of whom nothing is known, but for what is given. */
export function identityPerson(id: string, more: Partial<Person> = {}): Person {
  return { ...nobody(id, 0), expires_at: Number.MAX_SAFE_INTEGER, ...more };
}
