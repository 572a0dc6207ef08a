import { type ClickIds, clickIdsFrom, clickIdsFromUrl, idsFromCookies } from "./client-ids.ts";
import type { ActionSource, BrowserIds, CanonicalEvent, User } from "./event.ts";
import type { EventContext } from "./event-context.ts";
import type { Problem } from "./event-input.ts";
import type { EventInput } from "./event-schema.ts";
import { publicIp } from "./ip-address.ts";
import { present } from "./present.ts";
import { describeShape } from "./safe-json.ts";

/**
 * Where it happened when nobody said. Platforms take a website's event with its page and user agent only, and any other
 * without: `website` is claimed where both are there.
 */
export function likelyActionSource({ page, user }: EventInput, { source }: EventContext): ActionSource {
  if (source.kind !== "server") return source.kind === "browser" ? "website" : "app";
  return page?.url !== undefined && user?.user_agent !== undefined ? "website" : "other";
}

/** The page as the sender names it. A tag that says nothing about its page is still on one, and the browser names it. */
export function pageOf(input: EventInput, place: ActionSource, { source, visitor }: EventContext, warnings: Problem[]) {
  const page = present({ ...input.page });
  if (page.url !== undefined || source.kind !== "browser" || place !== "website") return page;
  if (visitor?.pageUrl !== undefined) return { ...page, url: visitor.pageUrl };
  warnings.push({
    field: "page.url",
    rule: "missing: most platforms refuse a website's event without it",
    got: "nothing",
  });
  return page;
}

/** Given ids win over the page's URL, that over cookies (older), that over the referrer (may be someone else's page). */
export function clientIds(
  input: EventInput,
  page: NonNullable<CanonicalEvent["page"]>,
  context: EventContext,
  seenAt: number,
): { browserIds: BrowserIds; clickIds: ClickIds } {
  const cookies = idsFromCookies({ ...context.visitor?.cookies, ...input.cookies }, seenAt);
  const { ga_session_id: session, ...given } = input.browser_ids ?? {};
  const givenClicks = clickIdsFrom((name) => input.click_ids?.[name as keyof ClickIds], seenAt);
  return {
    browserIds: {
      ...cookies.browserIds,
      ...present(given),
      ...(session === undefined ? {} : { ga_sessions: { ...cookies.browserIds.ga_sessions, "*": session } }),
    },
    clickIds: {
      ...clickIdsFromUrl(page.referrer, seenAt),
      ...cookies.clickIds,
      ...clickIdsFromUrl(page.url, seenAt),
      ...givenClicks,
    },
  };
}

/** The person as the sender describes them, at the address and with the user agent of whoever is believed about those. */
export function userOf(input: EventInput, context: EventContext, warnings: Problem[]): User {
  const { ip, user_agent, ...rest } = input.user ?? {};
  const user: User = present(rest);
  const { visitor } = context;
  const { kind } = context.source;
  // What a public key says about the connection anyone could say. An app's own requests name its HTTP library instead
  // of the device, so its user agent is its word.
  const ignored = { ...(kind === "server" ? {} : { ip }), ...(kind === "browser" ? { user_agent } : {}) };
  for (const [field, value] of Object.entries(ignored)) {
    if (value === undefined) continue;
    const rule = `ignored: ${kind === "browser" ? "a browser" : "an app"}'s own connection is used`;
    warnings.push({ field: `user.${field}`, rule, got: describeShape(value) });
  }
  if (kind === "server" && ip !== undefined && publicIp(ip) === undefined) {
    warnings.push({ field: "user.ip", rule: "ignored: not a public address", got: describeShape(ip) });
  }
  const address = publicIp(kind === "server" ? (ip ?? visitor?.ip) : visitor?.ip);
  const agent = kind === "browser" ? visitor?.userAgent : (user_agent ?? visitor?.userAgent);
  if (address !== undefined) user.ip = address;
  if (agent !== undefined && agent !== "") user.user_agent = agent;
  return user;
}
