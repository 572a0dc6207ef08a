import { randomBytes } from "node:crypto";
import type { z } from "zod/mini";
import { maskAll, maskText } from "../core/masking.ts";
import type { AuditLog } from "./audit-log.ts";
import { type AuthenticationDeps, authenticate } from "./authenticate.ts";
import type { OpsError } from "./contract/error.ts";
import type { StoredOpsKey } from "./ops-key.ts";
import type { OpsRequest, OpsResponse } from "./ops-request.ts";
import { type AuditSubject, type OpsCaller, OpsRefusal, type OpsRoute } from "./route.ts";
import { readInput } from "./route-input.ts";
import { matchRoute } from "./route-match.ts";

/** A route of any input and answer. */
export type AnyOpsRoute<Ports> = OpsRoute<Ports, z.ZodMiniType, unknown>;

/** What the router works with. */
export interface RouterDeps<Ports> extends AuthenticationDeps {
  readonly routes: readonly AnyOpsRoute<Ports>[];
  readonly ports: Ports;
  readonly audit: Pick<AuditLog, "append">;
  /** Makes the id that a request's new thing gets. */
  readonly newId: () => string;
}

const MAX_BODY_BYTES = 256 * 1024;

/** What an audit entry holds of one text: entries stay for good, and what is in them came with a request. */
const MAX_AUDITED_CHARACTERS = 1_000;

/** Lambda fails above 6 MB with an answer that says nothing. */
const MAX_ANSWER_BYTES = 5_500_000;

/**
 * Answers a request: who asks, what, may they, is it written down, then do it. Never throws; an answer never tells more
 * of an error than its request id, under which the log has its kind.
 */
export async function answerOps<Ports>(request: OpsRequest, deps: RouterDeps<Ports>): Promise<OpsResponse> {
  try {
    return await dispatch(request, deps);
  } catch (error) {
    if (error instanceof OpsRefusal) return failure(error.status, error.code, error.message, request, error.todo);
    const kind = error instanceof Error ? error.name : "unknown";
    deps.log.error("ops request failed", { request_id: request.requestId, method: request.method, error: kind });
    return failure(500, "internal", "this went wrong on our side: the log has it under the request id", request);
  }
}

async function dispatch<Ports>(request: OpsRequest, deps: RouterDeps<Ports>): Promise<OpsResponse> {
  const key = await authenticate(request, deps).catch((error: unknown) => {
    const kind = error instanceof Error ? error.name : "unknown";
    deps.log.error("ops keys could not be read", { request_id: request.requestId, error: kind });
    throw new OpsRefusal(503, "keys_unavailable", "keys cannot be checked now: try again");
  });
  if ("status" in key) return unauthenticated(key, request);
  // After the key: what there is is nobody's business without one.
  const match = matchRoute(deps.routes, request.method, request.path);
  if (match.route === undefined) {
    if (match.allowed.length === 0) return failure(404, "no_such_route", "there is nothing at this path", request);
    const answer = failure(405, "wrong_method", `this path takes ${match.allowed.join(", ")}`, request);
    return { ...answer, headers: { ...answer.headers, allow: match.allowed.join(", ") } };
  }
  const { route, segments } = match;
  if (request.body.byteLength > MAX_BODY_BYTES) {
    return failure(413, "body_too_large", `a body has at most ${MAX_BODY_BYTES} bytes`, request);
  }
  if (request.body.byteLength > 0 && !/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    return failure(415, "not_json", "send the body as application/json", request);
  }
  requirePermission(key, route.permission, request, deps);
  const given = { segments, rawQuery: request.rawQuery, body: readBody(request) };
  const { input, personal } = readInput(route.input, given, route.personal !== undefined);
  if (personal) requirePermission(key, "personal", request, deps);
  const permissions = new Set(key.permissions);
  const caller: OpsCaller = { actor: `key:${key.id}`, permissions, personal, newId: deps.newId() };
  await writeDown(route, input, caller, request, deps);
  const result = await route.run(input, deps.ports, caller);
  return answer(personal ? result : withoutPersonal(result), request);
}

/** Whatever a route put into its answer. A cursor is given back as it is; `cursor.ts` sees to what is in it. */
function withoutPersonal(result: unknown): unknown {
  const masked = maskAll(result);
  return isPage(result) && isPage(masked) ? { ...masked, next: result.next } : masked;
}

function isPage(result: unknown): result is { readonly next: unknown } {
  return typeof result === "object" && result !== null && "next" in result;
}

function requirePermission(
  { id, permissions }: StoredOpsKey,
  needed: AnyOpsRoute<never>["permission"],
  { requestId }: OpsRequest,
  { log }: Pick<AuthenticationDeps, "log">,
): void {
  if (permissions.includes(needed)) return;
  // Somebody with a key who tries what it does not open is worth a look; a key's id opens nothing.
  log.warn("ops permission missing", { request_id: requestId, code: "permission_missing", key: id, needed });
  const todo = "ask who runs TrackLayer for a key with it: `npx tracklayer keys create`";
  throw new OpsRefusal(403, "permission_missing", `this needs a key with the permission ${needed}`, todo);
}

/** Before it happens: what cannot be written down is not done. */
async function writeDown<Ports>(
  route: AnyOpsRoute<Ports>,
  input: unknown,
  caller: OpsCaller,
  request: OpsRequest,
  { audit, clock, log }: RouterDeps<Ports>,
): Promise<void> {
  const subjects: AuditSubject[] = [];
  if (caller.personal && route.personal !== undefined) subjects.push(route.personal(input));
  if (route.audit !== undefined) subjects.push(route.audit(input, caller));
  for (const { action, target, details = {} } of subjects) {
    try {
      const said = { action, target: auditText(target), details: auditDetails(details) };
      const entry = await audit.append({ at: clock.now(), actor: caller.actor, ...said });
      // A second place, that who changes the table does not reach: the log's end can be held against it.
      log.info("audited", { request_id: request.requestId, number: entry.number, digest: entry.digest, action });
    } catch (error) {
      const kind = error instanceof Error ? error.name : "unknown";
      log.error("the audit log could not be written", { request_id: request.requestId, action, error: kind });
      throw new OpsRefusal(503, "audit_unavailable", "the audit log cannot be written now, so nothing was done");
    }
  }
}

/** Targets and details may be what the caller wrote, before anybody looked whether there is such a thing. */
function auditText(text: string): string {
  return maskText(text).slice(0, MAX_AUDITED_CHARACTERS);
}

function auditDetails(details: NonNullable<AuditSubject["details"]>): NonNullable<AuditSubject["details"]> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === "string" ? auditText(value) : value]),
  );
}

function readBody(request: OpsRequest): Readonly<Record<string, unknown>> | undefined {
  if (request.body.byteLength === 0) return undefined;
  if (request.method === "GET") throw new OpsRefusal(400, "body_not_taken", "GET takes its fields in the query");
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf8", { fatal: true }).decode(request.body));
  } catch {
    throw new OpsRefusal(400, "not_json", "the body is not JSON");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new OpsRefusal(400, "not_an_object", "the body is not a JSON object");
  }
  return body as Record<string, unknown>;
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

function answer(result: unknown, request: OpsRequest): OpsResponse {
  const body = JSON.stringify(result);
  if (Buffer.byteLength(body) <= MAX_ANSWER_BYTES) return { status: 200, headers: HEADERS, body };
  return failure(422, "answer_too_large", "the answer is too large", request, "ask for fewer with `limit`");
}

function unauthenticated(
  { status, code, message, retryAfterSeconds }: Exclude<Awaited<ReturnType<typeof authenticate>>, StoredOpsKey>,
  request: OpsRequest,
): OpsResponse {
  const refused = failure(status, code, message, request);
  const wait = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  const scheme = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return { ...refused, headers: { ...refused.headers, ...wait, ...scheme } };
}

function failure(status: number, error: string, message: string, request: OpsRequest, todo?: string): OpsResponse {
  // A refusal may quote what was asked for, which is what somebody typed.
  const words = maskAll({ message, ...(todo === undefined ? {} : { todo }) });
  const said: OpsError = { error, ...words, request_id: request.requestId };
  const wait = status === 503 ? { "retry-after": "5" } : {};
  return { status, headers: { ...HEADERS, ...wait }, body: JSON.stringify(said) };
}

/** Twelve characters of `a-z0-9`, at random: the form of every id that the ops API makes. */
export function randomId(bytes: Uint8Array = randomBytes(12)): string {
  return Array.from(bytes, (byte) => "abcdefghijklmnopqrstuvwxyz012345"[byte % 32]).join("");
}
