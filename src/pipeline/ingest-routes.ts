import { SDK_TYPES, type SdkType } from "../sources/sdk-envelope.ts";

/** What a path asks for. */
export type IngestRoute =
  | { kind: "events" }
  | { kind: "sdk"; type: "batch" | SdkType; rudderstack: boolean }
  | { kind: "pixel"; type: "track" | "page" }
  | { kind: "source_config" }
  | { kind: "settings"; writeKey: string }
  | { kind: "discard" }
  | { kind: "health" };

const POST: Readonly<Record<string, IngestRoute>> = {
  "v1/events": { kind: "events" },
  "v1/batch": { kind: "sdk", type: "batch", rudderstack: false },
  "v1/b": { kind: "sdk", type: "batch", rudderstack: false },
  "v1/import": { kind: "sdk", type: "batch", rudderstack: false },
  "beacon/v1/batch": { kind: "sdk", type: "batch", rudderstack: true },
  // The SDKs' reports about themselves.
  "v1/m": { kind: "discard" },
  rsaMetrics: { kind: "discard" },
  // `/v1/track` and its short form `/v1/t`, and so on.
  ...Object.fromEntries(
    SDK_TYPES.flatMap((type) => [type, type.slice(0, 1)].map((name) => [`v1/${name}`, sdkRoute(type)])),
  ),
};

const GET: Readonly<Record<string, IngestRoute>> = {
  sourceConfig: { kind: "source_config" },
  "pixel/v1/track": { kind: "pixel", type: "track" },
  "pixel/v1/page": { kind: "pixel", type: "page" },
  "v1/health": { kind: "health" },
  health: { kind: "health" },
};

/**
 * The route of a request, `wrong_method` or undefined. Double and trailing slashes do not count, and a prefix before
 * the known path is allowed: SDKs append their path to whatever base URL they were given, and a redirect would lose events.
 */
export function routeOf(method: string, path: string): IngestRoute | "wrong_method" | undefined {
  const segments = path.split("/").filter((segment) => segment !== "");
  const writeKey = settingsKey(segments);
  if (writeKey !== undefined) return isGet(method) ? { kind: "settings", writeKey } : "wrong_method";
  for (const length of [3, 2, 1]) {
    const tail = segments.slice(-length).join("/");
    const [right, other] = isGet(method) ? [GET, POST] : [POST, GET];
    if (Object.hasOwn(right, tail) && (isGet(method) || method === "POST")) {
      const route = right[tail];
      // Link checkers and mail scanners ask with HEAD: it must not count as the event.
      return route?.kind === "pixel" && method === "HEAD" ? "wrong_method" : route;
    }
    if (Object.hasOwn(other, tail) || Object.hasOwn(right, tail)) return "wrong_method";
  }
  return undefined;
}

// .../v1/projects/{writeKey}/settings
function settingsKey(segments: readonly string[]): string | undefined {
  const [v1, projects, writeKey, settings] = segments.slice(-4);
  if (v1 !== "v1" || projects !== "projects" || settings !== "settings" || writeKey === undefined) return undefined;
  try {
    return decodeURIComponent(writeKey);
  } catch {
    return undefined;
  }
}

function isGet(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function sdkRoute(type: SdkType): IngestRoute {
  return { kind: "sdk", type, rudderstack: false };
}
