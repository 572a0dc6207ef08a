import type { ResolvedSource } from "../config/resolved-config.ts";
import { toCanonicalEvent, type Visitor } from "../core/canonical-event.ts";
import { readEventInput } from "../core/event-input.ts";
import { sha256Hex } from "../core/hashing.ts";
import { readBody } from "../core/request-body.ts";
import { cleanJson, describeShape, isObject, parseJson } from "../core/safe-json.ts";
import { isRudderstackEvent } from "../sources/rudderstack.ts";
import {
  knownSdkPath,
  readPixelQuery,
  readSdkRequest,
  type SdkRequest,
  type SdkType,
} from "../sources/sdk-envelope.ts";
import { isSdkMadeId, mapSdkEvent, type SdkEvent } from "../sources/sdk-event.ts";
import { admit, type Candidate, refused, sizeProblem } from "./ingest-admission.ts";
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
  if (sdkRequest === undefined) return failure(400, "invalid_batch", "the body is not a batch or an event", request);
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
    request,
    fromRudderstack,
    receivedAt: deps.clock.now(),
    sentAt: sdkRequest.sentAt,
    newId: deps.random.uuid,
    deps,
  };
  const candidates = sdkRequest.events.map((raw) => readOne(raw, reading)).filter((one) => one !== undefined);
  if (candidates.length === 0) return undefined;
  const results = await admit(candidates, auth.source, deps, request.deadline);
  // SDKs know only all or nothing. They send the same events again; ids given or made of the content let the claim drop the copies.
  if (results.every((result) => result.status !== "unavailable")) return undefined;
  return failure(503, "queue_unavailable", "not everything was taken: send the batch again", request);
}

interface Reading {
  source: ResolvedSource;
  request: IngestRequest;
  fromRudderstack: boolean;
  receivedAt: number;
  sentAt: unknown;
  newId: () => string;
  deps: IngestDependencies;
}

function readOne(raw: unknown, reading: Reading): Candidate | undefined {
  const { source, deps } = reading;
  const { value: clean, notes } = cleanJson(raw);
  const fatal = notes.filter((note) => note.fatal);
  const tooLarge = sizeProblem(clean);
  if (tooLarge !== undefined) return refused(clean, [tooLarge], [], source, reading);
  if (!isObject(clean) || fatal.length > 0) {
    const reasons = fatal.map(({ path, rule }) => ({ field: knownSdkPath(path), rule, got: "more than the limit" }));
    const notObject = { field: "", rule: "an object", got: describeShape(clean) };
    return refused(clean, reasons.length > 0 ? reasons : [notObject], [], source, reading);
  }
  const dialect = reading.fromRudderstack || isRudderstackEvent(clean) ? "rudderstack" : "segment";
  const settings = {
    valueFrom: source.valueFrom,
    categories: deps.config.consent.categories,
    lanes: deps.config.destinations,
  };
  const mapped = mapSdkEvent(clean, settings, reading.sentAt);
  if (mapped.kind === "ignored") return undefined;
  if (mapped.kind === "invalid") return refused(clean, [mapped.problem], [], source, reading);
  const read = readEventInput(mapped.input);
  if (!read.ok) return refused(clean, read.errors, read.warnings, source, reading);
  const visitor = visitorFor(mapped, reading);
  const canonical = toCanonicalEvent(read.input, {
    source: {
      id: source.id,
      kind: source.kind,
      dialect,
      dedup_scope: source.dedupScope,
      ...(mapped.library === undefined ? {} : { library: mapped.library }),
    },
    receivedAt: reading.receivedAt,
    deviceClock: speaksForItself(mapped, source) && !mapped.passedOn,
    ...(visitor === undefined ? {} : { visitor }),
    preferOrderId: source.purchaseEventId === "order_id" && isSdkMadeId(read.input.event_id ?? ""),
    // Without a time of its own, the same content an hour later is another event: a copy of it cannot be told.
    newId: read.input.event_time === undefined ? reading.newId : () => contentId(source, clean),
  });
  const warnings = [...read.warnings, ...canonical.warnings];
  if (!canonical.ok) return refused(clean, canonical.errors, warnings, source, reading);
  return { kind: "event", event: canonical.event, warnings };
}

/**
 * The id of an event that its sender gave none, the same each time it is sent: a batch of which the queue took a part
 * comes again as a whole. `sentAt` is the one thing that then differs.
 */
function contentId({ dedupScope }: ResolvedSource, { sentAt: _, ...event }: Record<string, unknown>): string {
  return sha256Hex(JSON.stringify([dedupScope, event])).slice(0, 32);
}

// A server's own address and its SDK's user agent say nothing about the person. A browser library under a server key is
// a relay: a browser itself would have sent an Origin and been refused.
function visitorFor(mapped: SdkEvent & { kind: "event" }, { source, request }: Reading): Visitor | undefined {
  return speaksForItself(mapped, source) ? visitorOf(request, source) : undefined;
}

/** Whether the connection and the clock of the request are those of the person's own device. */
function speaksForItself(mapped: SdkEvent & { kind: "event" }, source: ResolvedSource): boolean {
  return source.kind !== "server" || (mapped.onDevice && !mapped.inBrowser);
}
