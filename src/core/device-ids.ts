import type { CanonicalEvent } from "./event.ts";
import type { Person } from "./identity.ts";
import { DEVICE_COOKIES, identityScope, scopedDigest } from "./scoped-digest.ts";

/**
 * The event as if it had come from a device as well, with those ids of it that these keys of the graph are of. A key does
 * not tell the id behind it; the person whom the device was taken to be of is known by it. Undefined where none is left.
 */
export function withDeviceIds(
  event: CanonicalEvent,
  keys: ReadonlySet<string>,
  { anonymous_ids, browser_ids }: Pick<Person, "anonymous_ids" | "browser_ids">,
): CanonicalEvent | undefined {
  const { contact_scope: shared = "" } = event.source;
  const scope = identityScope(event);
  const anonymous = anonymous_ids.findLast((id) => keys.has(`anonymous_id#${scopedDigest(scope, id)}`));
  const cookies = DEVICE_COOKIES.flatMap((cookie) => {
    const id = browser_ids[cookie];
    return id !== undefined && keys.has(`${cookie}#${scopedDigest(shared, id)}`) ? [[cookie, id] as const] : [];
  });
  if (anonymous === undefined && cookies.length === 0) return undefined;
  return {
    ...event,
    user: { ...event.user, ...(anonymous === undefined ? {} : { anonymous_id: anonymous }) },
    browser_ids: { ...event.browser_ids, ...Object.fromEntries(cookies) },
  };
}
