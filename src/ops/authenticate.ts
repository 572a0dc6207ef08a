import { utcDay } from "../core/utc-day.ts";
import type { Clock, Log } from "../pipeline/ports.ts";
import type { FailedAttempts } from "./failed-attempts.ts";
import { hasSecret, type OpsKeyStore, parseOpsKey, type StoredOpsKey } from "./ops-key.ts";
import type { OpsRequest } from "./ops-request.ts";

/** Who may ask is read from here. */
export interface AuthenticationDeps {
  readonly keys: OpsKeyStore;
  readonly attempts: FailedAttempts;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A key that is not taken: the status with what to tell. */
export interface Unauthenticated {
  readonly status: 401 | 429;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** One answer for an unknown id and a wrong secret, and the same work for both. */
const NOT_VALID: Unauthenticated = { status: 401, code: "key_not_valid", message: "no ops key like this is in use" };

/** The key of `Authorization: Bearer tlo_<id>_<secret>`, or why it is not taken. Throws when the keys cannot be read. */
export async function authenticate(
  request: Pick<OpsRequest, "headers" | "ip" | "requestId">,
  deps: AuthenticationDeps,
): Promise<StoredOpsKey | Unauthenticated> {
  const retryAfterSeconds = deps.attempts.retryAfterSeconds(request.ip);
  if (retryAfterSeconds !== undefined) {
    return {
      status: 429,
      code: "too_many_wrong_keys",
      message: "too many wrong keys came from here",
      retryAfterSeconds,
    };
  }
  const found = await findKey(request.headers.authorization, deps);
  if ("digest" in found) return found;
  const failures = deps.attempts.add(request.ip);
  // Each tenfold: a flood of wrong keys must not become a flood of lines.
  if (/^10*$/.test(String(failures))) {
    deps.log.warn("ops key refused", {
      request_id: request.requestId,
      code: found.code,
      failures_this_minute: failures,
    });
  }
  return found;
}

async function findKey(
  authorization: string | undefined,
  deps: AuthenticationDeps,
): Promise<StoredOpsKey | Unauthenticated> {
  const text = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
  if (text === undefined) {
    return { status: 401, code: "key_missing", message: "send `Authorization: Bearer <ops key>`" };
  }
  const parsed = parseOpsKey(text);
  if (parsed === undefined) {
    const message = "this is not an ops key: one begins with tlo_. The key of a source only sends events";
    return { status: 401, code: "not_an_ops_key", message };
  }
  const stored = await deps.keys.read(parsed.id);
  const now = deps.clock.now();
  // Only who has the secret learns more than that the key does not work.
  if (!hasSecret(stored, parsed.secret) || stored === undefined) return NOT_VALID;
  if (stored.revoked_at !== undefined) return { status: 401, code: "key_revoked", message: "this key was revoked" };
  if (stored.expires_at !== undefined && stored.expires_at <= now) {
    return { status: 401, code: "key_expired", message: "this key has expired" };
  }
  await noteUse(stored, now, deps);
  return stored;
}

async function noteUse(key: StoredOpsKey, now: number, { keys, log }: AuthenticationDeps): Promise<void> {
  const day = utcDay(now);
  if (key.last_used_day === day) return;
  try {
    await keys.markUsed(key.id, day);
  } catch (error) {
    // The day is for people who clean up: it is not worth refusing anybody.
    log.warn("the use of an ops key could not be noted", { error: error instanceof Error ? error.name : "unknown" });
  }
}
