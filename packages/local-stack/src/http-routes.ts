import type { HttpApiModel } from "./model.ts";

type Route = HttpApiModel["routes"][number];

/** The route a request takes, with the values of its path variables. */
export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Picks the most specific route as API Gateway does: a full path before a greedy one, a fixed segment before a
 * variable, the method before ANY, and `$default` last.
 */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  let best: { match: RouteMatch; rank: string } | undefined;
  for (const route of routes) {
    const found = route.routeKey === "$default" ? { pathParameters: {}, rank: "" } : matchKey(route, method, path);
    if (found === undefined || (best !== undefined && best.rank >= found.rank)) continue;
    best = { match: { route, pathParameters: found.pathParameters }, rank: found.rank };
  }
  return best?.match;
}

function matchKey(route: Route, method: string, path: string) {
  const [routeMethod = "", template = ""] = route.routeKey.split(" ");
  if (routeMethod !== method && routeMethod !== "ANY") return undefined;
  const wanted = template.split("/").slice(1);
  const given = path.split("/").slice(1);
  const pathParameters: Record<string, string> = {};
  let rank = "";
  for (const [at, segment] of wanted.entries()) {
    const name = /^\{(.+?)\+?\}$/.exec(segment)?.[1];
    const value = given[at];
    if (segment.endsWith("+}") && name !== undefined) {
      const rest = given.slice(at).join("/");
      if (rest === "") return undefined;
      pathParameters[name] = decoded(rest);
      return { pathParameters, rank: `${rank}1${methodRank(routeMethod)}` };
    }
    if (value === undefined || (name === undefined ? value !== segment : value === "")) return undefined;
    if (name !== undefined) pathParameters[name] = decoded(value);
    rank += name === undefined ? "3" : "2";
  }
  return given.length === wanted.length ? { pathParameters, rank: `${rank}9${methodRank(routeMethod)}` } : undefined;
}

function methodRank(routeMethod: string): string {
  return routeMethod === "ANY" ? "0" : "1";
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
