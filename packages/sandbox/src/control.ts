import { ControlError } from "./control-error.ts";
import { jsonAnswer, type PlatformAnswer, type PlatformRequest, type Verdict } from "./model.ts";
import { renderPage } from "./page.ts";
import { PLATFORM_IDS } from "./platforms.ts";
import { isObject, parseJson } from "./rules.ts";
import type { Script } from "./script.ts";
import type { ReceivedFilter, Store } from "./store.ts";
import type { TokenEndpoints } from "./token-endpoints.ts";

/** Where the control API lives, on every host. */
export const CONTROL_PREFIX = "/_sandbox/";

/** What the control API can touch; tests in the same process call it directly. */
export interface Control {
  readonly store: Store;
  readonly script: Script;
  readonly tokens: TokenEndpoints;
  /** Makes the receiver at this URL check signatures with this secret; several are tried in turn. */
  registerWebhookSecret(url: string, secret: string): void;
  /** Forgets what was received, the scripts, the webhook secrets and all about tokens. */
  reset(): void;
}

const NOT_FOUND = jsonAnswer(404, { error: "no such control call" });

/** Answers one control call. */
export function answerControl(request: PlatformRequest, control: Control): PlatformAnswer {
  const call = `${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`;
  try {
    return calls[call]?.(request, control) ?? NOT_FOUND;
  } catch (error) {
    if (error instanceof ControlError) return jsonAnswer(400, { error: error.message });
    throw error;
  }
}

const calls: Readonly<Record<string, (request: PlatformRequest, control: Control) => PlatformAnswer>> = {
  "GET ": (_, { store }) => ({
    status: 200,
    // Nothing that a sender put into an event may run here, even if escaping had a hole.
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      "x-content-type-options": "nosniff",
    },
    body: renderPage(store.received({ limit: 200 }).reverse(), store.counts()),
  }),
  "GET received": ({ query }, { store }) => jsonAnswer(200, { events: store.received(filterOf(query)) }),
  "GET counts": (_, { store }) => jsonAnswer(200, store.counts()),
  "GET deliveries": ({ query }, { store }) =>
    jsonAnswer(200, { deliveries: store.deliveries(filterOf(query).platform) }),
  "GET script": (_, { script }) => jsonAnswer(200, { scripts: script.rules() }),
  "POST script": ({ body }, { script }) => {
    script.set(parseJson(body));
    return jsonAnswer(200, { scripts: script.rules() });
  },
  "DELETE script": (_, { script }) => {
    script.clear();
    return jsonAnswer(200, { scripts: [] });
  },
  "POST webhook-secret": ({ body }, control) => {
    const input = parseJson(body);
    if (!isObject(input) || typeof input.url !== "string" || typeof input.secret !== "string") {
      return jsonAnswer(400, { error: "give url and secret" });
    }
    control.registerWebhookSecret(input.url, input.secret);
    return jsonAnswer(200, { ok: true });
  },
  "GET tokens": (_, { tokens }) => jsonAnswer(200, tokens.counts()),
  "POST tokens": ({ body }, { tokens }) => {
    tokens.control(parseJson(body));
    return jsonAnswer(200, tokens.counts());
  },
  "POST reset": (_, control) => {
    control.reset();
    return jsonAnswer(200, { ok: true });
  },
};

function filterOf(query: URLSearchParams): ReceivedFilter {
  const platform = query.get("platform");
  const eventId = query.get("event_id");
  const verdict = query.get("verdict");
  const limit = Number(query.get("limit") ?? Number.NaN);
  if (platform !== null && !PLATFORM_IDS.includes(platform)) {
    throw new ControlError(`platform must be one of ${PLATFORM_IDS.join(", ")}`);
  }
  return {
    ...(platform === null ? {} : { platform }),
    ...(eventId === null ? {} : { event_id: eventId }),
    ...(verdict === null ? {} : { verdict: verdict as Verdict }),
    ...(Number.isInteger(limit) && limit >= 0 ? { limit } : {}),
  };
}
