import type { OpsRoute } from "./route.ts";

type Path = Pick<OpsRoute<never, never, unknown>, "method" | "path">;

/** The route of a request with the values of its segments, or why there is none. */
export type RouteMatch<Route> =
  | { readonly route: Route; readonly segments: Readonly<Record<string, string>> }
  | { readonly route: undefined; readonly allowed: readonly string[] };

/** Where the ops API begins. */
export const OPS_ROOT = "/v1/ops";

/** What people ask of their data has an address of its own beside it, so that one may open it alone to those who answer them. */
const PRIVACY_ROOT = "/v1/privacy";

/** Finds the route: a path with fixed words wins over one with a `{segment}` in their place. */
export function matchRoute<Route extends Path>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> {
  const given = segmentsOf(path);
  const allowed = new Set<string>();
  let best: { route: Route; segments: Record<string, string> } | undefined;
  for (const route of given === undefined ? [] : routes) {
    const segments = segmentValues(route.path, given ?? []);
    if (segments === undefined) continue;
    allowed.add(route.method);
    if (route.method !== method) continue;
    if (best === undefined || Object.keys(segments).length < Object.keys(best.segments).length)
      best = { route, segments };
  }
  return best ?? { route: undefined, allowed: [...allowed].sort() };
}

function segmentsOf(path: string): string[] | undefined {
  const asked = path.startsWith(`${PRIVACY_ROOT}/`) ? `${OPS_ROOT}${path.slice("/v1".length)}` : path;
  if (!asked.startsWith(`${OPS_ROOT}/`)) return undefined;
  try {
    return asked
      .slice(OPS_ROOT.length + 1)
      .replace(/\/$/, "")
      .split("/")
      .map(segmentText);
  } catch {
    return undefined;
  }
}

/**
 * Percent-encoding does not carry every id: API Gateway's HTTP APIs decode a path before they hand it over, and cut it at
 * a decoded `?`. `~` and base64url carries any.
 */
function segmentText(segment: string): string {
  if (!segment.startsWith("~")) return decodeURIComponent(segment);
  if (!/^~[\w-]+$/.test(segment)) throw new URIError("no base64url behind ~");
  return new TextDecoder("utf8", { fatal: true }).decode(Buffer.from(segment.slice(1), "base64url"));
}

function segmentValues(template: string, given: readonly string[]): Record<string, string> | undefined {
  const wanted = template.split("/").slice(1);
  if (wanted.length !== given.length) return undefined;
  const values: [string, string][] = [];
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === "") return undefined;
    if (name !== undefined) values.push([name, value]);
  }
  return Object.fromEntries(values);
}
