import { type Destination, needsSecret } from "../core/destination.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TokenResult } from "./access-token.ts";
import { errorFields } from "./error-fields.ts";
import { type CredentialsInUse, RESERVE_MS } from "./exchange-scope.ts";
import type { DeliverDeps } from "./lane.ts";
import { SecretError } from "./ports.ts";

type Secret = Readonly<Record<string, string>>;

/** Credentials of one invocation, from its lane's secret. */
export interface LaneCredentialsInUse extends CredentialsInUse {
  /** What every event comes to when the secret cannot be used. */
  readonly problem?: Outcome;
  /** Sees to the access token, where the destination has one fetched. Anything but `ready` means that nothing is sent. */
  signIn(): Promise<"ready" | "too_late" | Outcome>;
}

/** As much of a lane as signing in needs. */
export type SignInDeps = Pick<DeliverDeps, "lane" | "log" | "credentials" | "accessTokens" | "remainingMs">;

/** Reads the lane's secret, which needs no time when the container has it. Never throws. */
export async function readCredentials(destination: Destination, deps: SignInDeps): Promise<LaneCredentialsInUse> {
  const inUse = credentialsInUse(destination, deps);
  if (!needsSecret(destination)) return inUse;
  const { lane, log } = deps;
  try {
    const secret = await deps.credentials.get(lane.secretName);
    inUse.begin(secret);
    const reason = credentialProblem(secret, destination, lane.secretName);
    return reason === undefined ? inUse : { ...inUse, problem: { kind: "unauthorized", reason } };
  } catch (error) {
    if (error instanceof SecretError) return { ...inUse, problem: { kind: "unauthorized", reason: error.message } };
    log.error("the secret could not be read", { lane: lane.id, ...errorFields(error) });
    return { ...inUse, problem: { kind: "retry", reason: `secret ${lane.secretName} could not be read` } };
  }
}

function credentialsInUse(destination: Destination, deps: SignInDeps) {
  let secret: Secret = {};
  let current: Secret = secret;
  let renewal: Promise<Outcome | undefined> | undefined;
  const everUsed = new Set<string>();

  function use(next: Secret): void {
    if (!sameFields(next, current)) current = next;
    for (const value of Object.values(next)) everUsed.add(value);
  }

  /** Asks for a token and uses it; answers what is in its way. */
  async function signedIn(refused?: string): Promise<TokenResult> {
    const { tokenRequest } = destination;
    if (tokenRequest === undefined || deps.accessTokens === undefined) return {};
    const result = await deps.accessTokens.get({
      secret,
      request: (fields, now) => tokenRequest.call(destination, fields, now),
      refused,
      spareMs: deps.remainingMs() - RESERVE_MS,
    });
    if ("kind" in result) return result;
    use(result.token === undefined ? secret : { ...secret, accessToken: result.token });
    return result;
  }

  /** True when the secret is another one than before. */
  async function readAnew(): Promise<boolean> {
    const fresh = await refreshed(destination, deps);
    if (fresh === undefined || sameFields(fresh, secret)) return false;
    secret = fresh;
    return true;
  }

  async function renewed(): Promise<Outcome | undefined> {
    const refused = current.accessToken;
    await readAnew();
    if (destination.tokenRequest !== undefined) return hindrance(await signedIn(refused));
    use(secret);
    return undefined;
  }

  return {
    begin(read: Secret) {
      secret = read;
      use(read);
    },
    current: () => current,
    everUsed: () => everUsed,
    async signIn() {
      const result = await signedIn();
      if (!("kind" in result)) return "ready";
      if (result.kind === "too_late") return "too_late";
      // The endpoint refused a secret that may be minutes old: a person may have put in a new one since.
      const mayBeOutdated = result.kind === "unauthorized" && result.isNew;
      if (!mayBeOutdated || !(await readAnew())) return hindrance(result) ?? "ready";
      return hindrance(await signedIn()) ?? "ready";
    },
    async renew(refused: Secret) {
      renewal ??= renewed();
      const problem = await renewal;
      return current === refused ? (problem ?? "unchanged") : "renewed";
    },
  } satisfies LaneCredentialsInUse & { begin(read: Secret): void };
}

/** What a token that could not be had means for the events. The words before it are ours and hide nothing. */
function hindrance(result: TokenResult): Outcome | undefined {
  if (!("kind" in result)) return undefined;
  if (result.kind === "too_late") return { kind: "retry", reason: "access token: no time was left to ask for one" };
  const reason = `access token: ${result.reason}`;
  return result.kind === "unauthorized"
    ? { kind: "unauthorized", reason }
    : { kind: "retry", reason, afterMs: result.afterMs };
}

async function refreshed(
  destination: Destination,
  { credentials, lane, log }: SignInDeps,
): Promise<Secret | undefined> {
  if (!needsSecret(destination)) return undefined;
  try {
    const fresh = await credentials.refresh(lane.secretName);
    return credentialProblem(fresh, destination, lane.secretName) === undefined ? fresh : undefined;
  } catch (error) {
    log.error("the secret could not be read anew", { lane: lane.id, ...errorFields(error) });
    return undefined;
  }
}

/** What is missing in a lane's secret of this name, or wrong in it by its destination's own judgement; never a value. */
export function credentialProblem(secret: Secret, destination: Destination, name: string): string | undefined {
  const { credentials, credentialSets = [] } = destination;
  const missing = credentials.filter((field) => !secret[field]);
  if (missing.length > 0) return `secret ${name} lacks ${missing.join(", ")}`;
  if (credentialSets.length > 0 && !credentialSets.some((set) => set.every((field) => secret[field]))) {
    return `secret ${name} must hold all of one of these: ${credentialSets.map((set) => set.join(" + ")).join("; ")}`;
  }
  const problem = destination.credentialProblem?.(secret);
  return problem === undefined ? undefined : `secret ${name}: ${problem}`;
}

function sameFields(a: Secret, b: Secret): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
