import { createHash } from "node:crypto";
import type { DestinationRequest } from "../core/destination.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { readTokenAnswer, type TokenAnswer } from "../core/oauth.ts";
import { createScrubber } from "./platform-words.ts";
import { type Clock, type HttpSender, type Log, SendError } from "./ports.ts";

type Secret = Readonly<Record<string, string>>;

/** How long a token endpoint may take, ms. */
const TOKEN_TIMEOUT_MS = 10_000;
/** A token is not asked for with less time than this, ms. */
const SHORTEST_FETCH_MS = 3_000;

/** A token is replaced before this much, or a tenth of its life if that is less, is left of it, ms. */
const EARLY_MS = 5 * MINUTE_MS;
/** A token that the platform refuses is replaced this often: for one that lacks a permission a new one is no better. */
const REPLACE_EVERY_MS = MINUTE_MS;

/** A refusal stays one until a person acts. A changed secret is tried at once, a change at the platform after this, ms. */
const REFUSED_FOR_MS = MINUTE_MS;
/** Wait after the first failure that passes by itself; it doubles with every further one, ms. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = MINUTE_MS;
/** Longest wait that a token endpoint can ask for, ms. */
const LONGEST_ASKED_WAIT_MS = 15 * MINUTE_MS;

/** Why there is no access token. `isNew`: the endpoint said so just now, and not within its last wait. */
type TokenFailure =
  | { readonly kind: "unauthorized"; readonly reason: string; readonly isNew: boolean }
  | { readonly kind: "retry"; readonly reason: string; readonly afterMs: number; readonly isNew: boolean };

/** `token` is absent when the secret needs none; `too_late`: there is no time left to ask for one. */
export type TokenResult = { readonly token?: string } | TokenFailure | { readonly kind: "too_late" };

/** What one invocation wants a token for. */
export interface TokenWish {
  readonly secret: Secret;
  /** The destination's `tokenRequest`. */
  readonly request: (secret: Secret, now: number) => DestinationRequest | undefined;
  /** A token that the platform does not take, whatever its lifetime says: clocks differ, and tokens are revoked. */
  readonly refused?: string | undefined;
  /** Time that may be spent on it, ms. */
  readonly spareMs: number;
}

/** The access token of a lane, kept as long as the container lives. Never throws; answers without secrets. */
export interface AccessTokens {
  get(wish: TokenWish): Promise<TokenResult>;
}

/** What the token source needs from outside. */
export interface AccessTokenPorts {
  readonly lane: string;
  readonly http: HttpSender;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

interface Token {
  readonly text: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** What is known for one secret. A secret with other fields starts anew, and nothing of the old one is kept. */
interface Entry {
  readonly digest: string;
  token?: Token | undefined;
  flight?: Promise<TokenResult> | undefined;
  failure?: { readonly result: TokenFailure; readonly until: number } | undefined;
  failuresInARow: number;
  replacedAt: number;
}

/** A source whose callers share one request at a time, and that leaves a token endpoint alone after a failure. */
export function createAccessTokens(ports: AccessTokenPorts): AccessTokens {
  const { clock } = ports;
  let entry = emptyEntry("");

  function entryOf(secret: Secret): Entry {
    const digest = digestOf(secret);
    if (entry.digest !== digest) entry = emptyEntry(digest);
    return entry;
  }

  return {
    async get(wish) {
      const own = entryOf(wish.secret);
      const now = clock.now();
      const { token } = own;
      const isRefused = token !== undefined && token.text === wish.refused;
      if (token !== undefined && !isRefused && now < token.refreshAt) return { token: token.text };
      if (isRefused && now - own.replacedAt < REPLACE_EVERY_MS) return { token: token.text };
      const usable = token !== undefined && !isRefused && now < token.expiresAt ? { token: token.text } : undefined;
      const known = ongoingFailure(own, now);
      if (known !== undefined) return usable ?? known;
      if (wish.spareMs < SHORTEST_FETCH_MS) return usable ?? { kind: "too_late" };
      own.flight ??= fetchToken(own, wish, ports).finally(() => {
        own.flight = undefined;
      });
      const result = await own.flight;
      if (!("kind" in result) && isRefused) own.replacedAt = now;
      return "kind" in result && result.kind === "retry" ? (usable ?? result) : result;
    },
  };
}

function emptyEntry(digest: string): Entry {
  return { digest, failuresInARow: 0, replacedAt: Number.NEGATIVE_INFINITY };
}

function ongoingFailure({ failure }: Entry, now: number): TokenFailure | undefined {
  if (failure === undefined || now >= failure.until) return undefined;
  const { result, until } = failure;
  return result.kind === "retry" ? { ...result, afterMs: until - now, isNew: false } : { ...result, isNew: false };
}

async function fetchToken(entry: Entry, wish: TokenWish, ports: AccessTokenPorts): Promise<TokenResult> {
  // Counted from before the request: the answer's own way is part of the token's life.
  const askedAt = ports.clock.now();
  const answer = await ask(entry, wish, ports);
  if (answer === undefined) return {};
  if ("token" in answer) {
    const { expiresInMs, token } = answer;
    const expiresAt = askedAt + expiresInMs;
    entry.token = { text: token, expiresAt, refreshAt: expiresAt - Math.min(EARLY_MS, expiresInMs / 10) };
    entry.failure = undefined;
    entry.failuresInARow = 0;
    return { token };
  }
  return failed(entry, answer, ports);
}

type Failure = Exclude<TokenAnswer, { token: string }>;

function failed(entry: Entry, answer: Failure, { clock, lane, log }: AccessTokenPorts): TokenFailure {
  const isLasting = answer.kind === "unauthorized";
  entry.failuresInARow += 1;
  const waitMs = isLasting ? REFUSED_FOR_MS : waitAfter(entry.failuresInARow, answer.afterMs);
  const result: TokenFailure = isLasting ? { ...answer, isNew: true } : { ...answer, afterMs: waitMs, isNew: true };
  entry.failure = { result, until: clock.now() + waitMs };
  // What was revoked is not used to its end: the platform would refuse it as well.
  if (isLasting) entry.token = undefined;
  const fields = { lane, outcome: answer.kind, reason: answer.reason, wait_ms: waitMs };
  if (isLasting) log.error("no new access token", fields);
  else log.warn("no new access token", fields);
  return result;
}

function waitAfter(failuresInARow: number, askedMs = 0): number {
  const own = Math.min(FIRST_WAIT_MS * 2 ** (failuresInARow - 1), LONGEST_WAIT_MS);
  return Math.min(Math.max(own, askedMs), LONGEST_ASKED_WAIT_MS);
}

/** The endpoint's answer with its words made fit to be kept; undefined when no token is needed. */
async function ask(
  { token }: Entry,
  { request, secret, spareMs }: TokenWish,
  ports: AccessTokenPorts,
): Promise<TokenAnswer | undefined> {
  const hidden = [...Object.values(secret), ...(token === undefined ? [] : [token.text])];
  const words = createScrubber(hidden.flatMap((value) => [value, formEncoded(value)]));
  let wanted: DestinationRequest | undefined;
  try {
    wanted = request(secret, ports.clock.now());
  } catch (error) {
    const said = error instanceof Error ? error.message : "unknown";
    return { kind: "unauthorized", reason: words(`the secret makes no request for one: ${said}`) };
  }
  if (wanted === undefined) return undefined;
  try {
    const timeoutMs = Math.min(TOKEN_TIMEOUT_MS, spareMs);
    const answer = readTokenAnswer(await ports.http.send(wanted, { timeoutMs }));
    return "token" in answer ? answer : { ...answer, reason: words(answer.reason) };
  } catch (error) {
    const said = error instanceof SendError ? `${error.code}: ${error.message}` : `no answer: ${String(error)}`;
    return { kind: "retry", reason: words(said) };
  }
}

/** As the value stands in the request, which the endpoint may quote. */
function formEncoded(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}

function digestOf(secret: Secret): string {
  const fields = Object.entries(secret).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(fields)).digest("base64");
}
