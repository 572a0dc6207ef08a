import type { CanonicalEvent } from "./event.ts";

/**
 * Remembers what was made of an event, for as long as the event lives: a lane asks several times for the same (may it
 * go, with whom, in which request), and half of a request's cost is hashing. Events are never changed, so what is made
 * of one object stays true.
 */
export function perEvent<Value>(make: (event: CanonicalEvent) => Value): (event: CanonicalEvent) => Value {
  const made = new WeakMap<CanonicalEvent, { readonly value: Value }>();
  return (event) => {
    const known = made.get(event);
    if (known !== undefined) return known.value;
    const value = make(event);
    made.set(event, { value });
    return value;
  };
}
