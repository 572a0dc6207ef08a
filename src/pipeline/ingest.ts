import {
  answer,
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
} from "./ingest-contract.ts";
import { ingestEvents } from "./ingest-events.ts";
import { type IngestRoute, routeOf } from "./ingest-routes.ts";
import { ingestPixel, ingestSdk } from "./ingest-sdk.ts";
import { rudderstackSourceConfig, segmentSettings } from "./ingest-sdk-settings.ts";
import { SecretError } from "./ports.ts";

/**
 * The front door: any HTTP request in, an answer out; never throws and never redirects (three of four SDKs follow a
 * redirect with GET, lose the events and report success).
 */
export async function ingest(request: IngestRequest, deps: IngestDependencies): Promise<IngestResponse> {
  const route = routeOf(request.method, request.path);
  if (request.method === "OPTIONS") return { status: 204, headers: {}, body: "" };
  if (route === undefined) return failure(404, "not_found", "there is nothing at this path", request);
  if (route === "wrong_method") return failure(405, "wrong_method", "this path takes another method", request);
  try {
    return await dispatch(route, request, deps);
  } catch (error) {
    if (error instanceof SecretError) {
      // Not 401: the key may be right, and SDKs throw events away on 401.
      deps.log.error("a source's key could not be read", { request_id: request.requestId, reason: error.message });
      return failure(503, "keys_unavailable", "keys cannot be checked now: send the request again", request);
    }
    const reason = error instanceof Error ? error.name : "unknown";
    deps.log.error("ingest failed", { request_id: request.requestId, route: route.kind, reason });
    return failure(503, "internal", "the request was not taken: send it again", request);
  }
}

async function dispatch(route: IngestRoute, request: IngestRequest, deps: IngestDependencies): Promise<IngestResponse> {
  switch (route.kind) {
    case "events":
      return ingestEvents(request, deps);
    case "sdk":
      return ingestSdk(request, route, deps);
    case "pixel":
      return ingestPixel(request, route.type, deps);
    case "source_config":
      return rudderstackSourceConfig(request, deps);
    case "settings":
      return segmentSettings(request, route.writeKey, deps);
    case "discard":
      return answer(200, { success: true });
    case "health":
      return answer(200, { status: "ok" });
  }
}
