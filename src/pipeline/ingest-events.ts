import type { ResolvedSource } from "../config/resolved-config.ts";
import { parseCookies, platformCookies } from "../core/client-ids.ts";
import type { Visitor } from "../core/event-context.ts";
import { readGeoHeaders } from "../core/geo-headers.ts";
import { present } from "../core/present.ts";
import { readBody } from "../core/request-body.ts";
import { parseJson } from "../core/safe-json.ts";
import { readEnvelope } from "../sources/tracklayer.ts";
import { type Reading, readEvent } from "./event-reading.ts";
import { admit, type EventResult } from "./ingest-admission.ts";
import { authorise, firstPartyKey } from "./ingest-auth.ts";
import {
  answer,
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
  RETRY_AFTER,
} from "./ingest-contract.ts";

/** Most bytes of one request of the first-party API, before and after inflating. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** `POST /v1/events`: authenticates, reads, and answers per event once the queue has them. */
export async function ingestEvents(request: IngestRequest, deps: IngestDependencies): Promise<IngestResponse> {
  const auth = await authorise(firstPartyKey(request), request, deps);
  if (!auth.ok) return auth.response;
  const body = readBody(request.body, MAX_REQUEST_BYTES);
  if (!body.ok) return bodyFailure(body.problem, request);
  const json = parseJson(body.text);
  if (!json.ok) return failure(400, "invalid_json", "the body is not JSON", request);
  const envelope = readEnvelope(json.value);
  if (!envelope.ok) return failure(envelope.status, envelope.code, envelope.message, request);

  // A server's connection is its own and says nothing of the person.
  const visitor = auth.source.kind === "server" ? undefined : visitorOf(request, auth.source, deps.config);
  const reading: Reading = {
    source: auth.source,
    origin: present({ via: "events" as const, sent_at: envelope.sentAt, visitor }),
    receivedAt: deps.clock.now(),
    config: deps.config,
    newId: deps.random.uuid,
  };
  const candidates = envelope.events.map((raw) => readEvent(raw, reading)).filter((one) => one !== undefined);
  const results = await admit(candidates, auth.source, deps, request.deadline);
  return resultsAnswer(results, request);
}

function resultsAnswer(results: readonly EventResult[], request: IngestRequest): IngestResponse {
  const count = (status: EventResult["status"]) => results.filter((result) => result.status === status).length;
  const unavailable = count("unavailable");
  if (unavailable === results.length) {
    // With the results: an id made here must come back with the event, in case the queue has it after all.
    const message = "nothing was taken: send the events again with these ids";
    const body = { success: false, error: "queue_unavailable", message, results, request_id: request.requestId };
    return answer(503, body, RETRY_AFTER);
  }
  const body = { results, accepted: count("accepted"), rejected: count("rejected"), request_id: request.requestId };
  return answer(202, body, unavailable > 0 ? RETRY_AFTER : {});
}

/** The answer to a body that cannot be read. */
export function bodyFailure(problem: "too_large" | "not_readable", request: IngestRequest): IngestResponse {
  return problem === "too_large"
    ? failure(413, "too_large", "the body is over the limit", request)
    : failure(400, "not_readable", "the body is not valid gzip", request);
}

/** What the visitor's own connection shows; of an app the address only: the rest is its HTTP library's. */
export function visitorOf(
  request: IngestRequest,
  source: ResolvedSource,
  { consent: { geoHeaders } }: IngestDependencies["config"],
): Visitor {
  // A server's request comes from where the server is.
  const isOwn = source.kind !== "server" && geoHeaders !== undefined;
  const connection = { ip: request.ip, ...(isOwn ? readGeoHeaders(request.headers, geoHeaders) : {}) };
  if (source.kind !== "browser") return { ...connection, cookies: {}, globalPrivacyControl: false };
  const userAgent = request.headers["user-agent"];
  const pageUrl = pageOf(request, source);
  return {
    ...connection,
    ...(userAgent === undefined ? {} : { userAgent }),
    cookies: platformCookies(parseCookies(request.cookies)),
    globalPrivacyControl: request.headers["sec-gpc"] === "1",
    ...(pageUrl === undefined ? {} : { pageUrl }),
  };
}

// The Referer names the page, or only its origin, as the page's policy has it. One of another origin is not the page.
function pageOf({ headers: { origin, referer } }: IngestRequest, { allowedOrigins }: ResolvedSource) {
  const pages = [referer, origin].filter((url) => url !== undefined && URL.canParse(url));
  return pages.find((url) => url !== undefined && allowedOrigins.includes(new URL(url).origin));
}
