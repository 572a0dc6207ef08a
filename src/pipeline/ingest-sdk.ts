import { present } from "../core/present.ts";
import { readBody } from "../core/request-body.ts";
import { parseJson } from "../core/safe-json.ts";
import { readPixelQuery, readSdkRequest, type SdkRequest, type SdkType } from "../sources/sdk-envelope.ts";
import { looseTime } from "../sources/sdk-event.ts";
import { type Reading, readEvent } from "./event-reading.ts";
import { admit } from "./ingest-admission.ts";
import { authorise, sdkKey } from "./ingest-auth.ts";
import {
  answer,
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
} from "./ingest-contract.ts";
import { bodyFailure, visitorOf } from "./ingest-events.ts";

/** Most bytes of one SDK request, before and after inflating: RudderStack's limit, which Segment's fits into. */
const MAX_SDK_REQUEST_BYTES = 4 * 1024 * 1024;

/** A 1x1 transparent GIF. */
const PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** The routes of Segment's and RudderStack's SDKs. A valid batch is always answered 200; what is wrong in it is quarantined. */
export async function ingestSdk(
  request: IngestRequest,
  route: { type: "batch" | SdkType; rudderstack: boolean },
  deps: IngestDependencies,
): Promise<IngestResponse> {
  // Older SDKs name their key only in the JSON, so the body is read before the sender is known. It is capped first.
  const body = readBody(request.body, MAX_SDK_REQUEST_BYTES);
  if (!body.ok) return bodyFailure(body.problem, request);
  const json = parseJson(body.text);
  if (!json.ok) return failure(400, "invalid_json", "the body is not JSON", request);
  const sdkRequest = readSdkRequest(json.value, route.type);
  if (sdkRequest === "invalid") return failure(400, "invalid_batch", "the body is not a batch or an event", request);
  if (sdkRequest === "too_large") return bodyFailure("too_large", request);
  return (await take(sdkRequest, request, route.rudderstack, deps)) ?? answer(200, { success: true });
}

/** RudderStack's pixel routes: an event in the query, an image as the answer. */
export async function ingestPixel(
  request: IngestRequest,
  type: "track" | "page",
  deps: IngestDependencies,
): Promise<IngestResponse> {
  const refusal = await take(readPixelQuery(request.query, type), request, true, deps);
  if (refusal !== undefined) return refusal;
  const headers = { "content-type": "image/gif", "cache-control": "no-store" };
  return { status: 200, headers, body: PIXEL, base64: true };
}

async function take(
  sdkRequest: SdkRequest,
  request: IngestRequest,
  fromRudderstack: boolean,
  deps: IngestDependencies,
): Promise<IngestResponse | undefined> {
  const auth = await authorise(sdkKey(request, sdkRequest.writeKeys), request, deps);
  if (!auth.ok) return auth.response;
  const reading: Reading = {
    source: auth.source,
    origin: present({
      via: fromRudderstack ? ("rudderstack" as const) : ("segment" as const),
      sent_at: looseTime(sdkRequest.sentAt),
      visitor: visitorOf(request, auth.source, deps.config),
    }),
    receivedAt: deps.clock.now(),
    config: deps.config,
    newId: deps.random.uuid,
  };
  const candidates = sdkRequest.events.map((raw) => readEvent(raw, reading)).filter((one) => one !== undefined);
  if (candidates.length === 0) return undefined;
  const results = await admit(candidates, auth.source, deps, request.deadline);
  // SDKs know only all or nothing. They send the same events again; ids given or made of the content let the claim drop the copies.
  if (results.every((result) => result.status !== "unavailable")) return undefined;
  return failure(503, "queue_unavailable", "not everything was taken: send the batch again", request);
}
