import type { ConsentPurpose } from "../../src/core/consent.ts";
import {
  type Destination,
  type DestinationRequest,
  type DestinationResponse,
  defineDestination,
} from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { refreshTokenRequest } from "../../src/core/oauth.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { jsonObject, statusOutcome } from "../../src/core/platform-answer.ts";
import type { HttpSender } from "../../src/pipeline/ports.ts";
import { MADE_UP } from "../support/lanes.ts";
import type { Container, RunContext } from "./container.ts";
import type { FaultShares } from "./fault-plan.ts";
import type { Subject } from "./subject.ts";

/** What a platform is like, and what it suffers from. */
export interface PlatformPlan {
  readonly lane: string;
  /** Whether it drops a second copy of an event id. */
  readonly dedups: boolean;
  readonly batchFailure: "whole" | "per_event";
  readonly batchSize: number;
  readonly maxAgeMs: number;
  readonly consent: ConsentPurpose;
  /** Access tokens that live this long; absent where the secret is the token. */
  readonly tokenLifeMs?: number;
  /** Epoch ms, from and to: answers 503 or nothing. */
  readonly outages: readonly (readonly [number, number])[];
  /** Of the way there and back. */
  readonly calls: FaultShares;
  /** Shares of requests: 429 with a wait, 500, answered unreadably after it took them, a login page with status 200. */
  readonly throttled: number;
  readonly failing: number;
  readonly garbled: number;
  readonly impostor: number;
}

/** An event as it stands in a request to a platform. */
interface WireEvent {
  readonly id: string;
  readonly time: number;
  readonly value?: string;
  readonly user?: string;
  /** The browser's own id. */
  readonly fbp?: string;
  readonly bad: boolean;
  readonly consent?: string;
}

/** One request that reached the network, and what its sender learnt of it. */
export interface SentRequest {
  readonly lane: string;
  /** The invocation that sent it. */
  readonly by: string;
  readonly startedAt: number;
  readonly sentAt: number;
  readonly events: readonly WireEvent[];
  /** True time at which the sender had an answer or gave up; absent when it died first. */
  endedAt?: number;
  /** Ids that the platform named as taken or refused, in an answer that reached the sender readably. */
  /** It said nothing, or nothing but that it cannot: the platform's trouble, not its events'. */
  failed?: boolean;
  readonly told: { readonly taken: Set<string>; readonly refused: Set<string> };
}

/** Told of requests and of what platforms count. */
export interface PlatformWitness {
  sent(request: SentRequest): void;
  counted(lane: string, event: WireEvent, request: SentRequest): void;
  /** The sender was told to wait, and heard it. */
  askedToWait(request: SentRequest, seconds: number): void;
}

/** A platform and the way to it. */
export interface SimulatedPlatform {
  readonly destination: Destination;
  http(container: Container, startedAt: () => number): HttpSender;
  /** What the lane's secret holds now. */
  secret(): Record<string, string>;
  /** A person changes the credential; the old one is refused from then on. */
  rotate(): void;
  /** The platform forgets the access tokens it gave. */
  revokeTokens(): void;
}

interface Received {
  readonly response: DestinationResponse;
  readonly taken: readonly string[];
  readonly refused: readonly string[];
}

/** A platform of this plan. */
export function createPlatform(
  plan: PlatformPlan,
  witness: PlatformWitness,
  { SendError }: Pick<Subject, "SendError">,
  { faults, seeded, time }: RunContext,
): SimulatedPlatform {
  const { lane } = plan;
  const counted = new Set<string>();
  const tokens = new Map<string, number>();
  let generation = 1;
  let requests = 0;

  const isDown = () => plan.outages.some(([from, to]) => time.now() >= from && time.now() < to);

  function isAuthorised({ headers }: DestinationRequest): boolean {
    const key = headers.authorization ?? "";
    return plan.tokenLifeMs === undefined ? key === `key-${generation}` : (tokens.get(key) ?? 0) > time.now();
  }

  function giveToken(request: DestinationRequest): Received {
    if (isDown()) return none(503);
    if (!request.body.includes(`key-${generation}`)) return none(400, { error: "invalid_grant" });
    const token = `token-${tokens.size + 1}`;
    const life = plan.tokenLifeMs ?? HOUR_MS;
    tokens.set(token, time.now() + life);
    return none(200, { access_token: token, expires_in: Math.floor(life / 1_000) });
  }

  function receive(request: DestinationRequest, sent: SentRequest): Received {
    requests += 1;
    const point = `${lane} request ${requests}`;
    if (isDown()) return none(503);
    if (faults.strikes(`${point} throttled`, plan.throttled)) {
      return none(429, {}, { "retry-after": String(seeded.whole(`wait ${point}`, 1, 900)) });
    }
    if (faults.strikes(`${point} fails`, plan.failing)) return none(500);
    if (faults.strikes(`${point} meets a login page`, plan.impostor)) return page(200);
    if (!isAuthorised(request)) return none(401);
    const bad = sent.events.filter((event) => event.bad || time.now() - event.time > plan.maxAgeMs);
    if (plan.batchFailure === "whole" && bad.length > 0) {
      return { ...none(400, { error: "bad event" }), refused: sent.events.length === 1 ? [...ids(bad)] : [] };
    }
    const good = sent.events.filter((event) => !bad.includes(event));
    for (const event of good) {
      // A copy is confirmed like the first one, and not counted.
      if (plan.dedups && counted.has(event.id)) continue;
      counted.add(event.id);
      witness.counted(lane, event, sent);
    }
    const rows = sent.events.map(({ id }) => ({ id, ok: !bad.some((event) => event.id === id) }));
    if (faults.strikes(`${point} answers garbled`, plan.garbled)) return page(200);
    return { ...none(200, { rows }), taken: ids(good), refused: ids(bad) };
  }

  return {
    destination: declaration(plan),
    secret: () => ({ key: `key-${generation}` }),
    rotate() {
      generation += 1;
      tokens.clear();
    },
    revokeTokens: () => tokens.clear(),
    http: (container, startedAt) => ({
      async send(request, { timeoutMs }) {
        const isToken = request.url.endsWith("/token");
        const sent: SentRequest = {
          lane,
          by: container.invocation,
          startedAt: startedAt(),
          sentAt: time.now(),
          events: isToken ? [] : (JSON.parse(request.body) as { events: WireEvent[] }).events,
          told: { taken: new Set(), refused: new Set() },
        };
        if (!isToken) witness.sent(sent);
        sent.failed = true;
        try {
          const { refused, response, taken } = await container.call({
            label: isToken ? `token ${lane}` : `send ${sent.events.length} to ${lane}`,
            shares: plan.calls,
            tookMs: 150,
            timeoutMs,
            effect: () => (isToken ? giveToken(request) : receive(request, sent)),
            error: (kind) => new SendError(kind === "lost" ? "timeout" : "connection", `${lane} did not answer`),
          });
          const { status } = response;
          sent.failed = status === 401 || status >= 429 || (status === 200 && taken.length + refused.length === 0);
          for (const id of taken) sent.told.taken.add(id);
          for (const id of refused) sent.told.refused.add(id);
          const { "retry-after": wait } = response.headers;
          if (wait !== undefined) witness.askedToWait(sent, Number(wait));
          return response;
        } finally {
          sent.endedAt = time.now();
        }
      },
    }),
  };
}

function ids(events: readonly WireEvent[]): string[] {
  return events.map(({ id }) => id);
}

function none(status: number, body: object = {}, headers: Record<string, string> = {}): Received {
  return { response: { status, headers, body: JSON.stringify(body) }, taken: [], refused: [] };
}

function page(status: number): Received {
  return { response: { status, headers: {}, body: "<html>Please sign in</html>" }, taken: [], refused: [] };
}

/** A destination as any other: what it declares is all that the pipeline knows of the platform. */
function declaration(plan: PlatformPlan): Destination {
  const url = `https://${plan.lane}.example`;
  return defineDestination<unknown>({
    id: plan.lane,
    name: plan.lane,
    settings: { parse: (input) => input },
    catalogue: MADE_UP,
    credentials: ["key"],
    ...(plan.tokenLifeMs === undefined
      ? {}
      : {
          tokenRequest: ({ key = "" }) =>
            refreshTokenRequest(`${url}/token`, { refreshToken: key, clientId: "app", clientSecret: "hidden" }),
        }),
    limits: {
      batchSize: plan.batchSize,
      bodyBytes: 1_000_000,
      maxAgeMs: () => plan.maxAgeMs,
      timeoutMs: 10_000,
      batchFailure: plan.batchFailure,
    },
    consent: [plan.consent],
    eventNames: { purchase: "Purchase", lead: "Lead" },
    matchKeys: { email: 1 },
    dedupsByEventId: plan.dedups,
    needsRawContact: () => false,
    identifiers: () => new Set(),
    skipReason: (event, { now }) =>
      now - event.event_time > plan.maxAgeMs ? { code: "too_old", detail: "older than the platform takes" } : undefined,
    buildRequest: (events, { credentials }) => ({
      method: "POST",
      url: `${url}/events`,
      headers: { authorization: credentials.accessToken ?? credentials.key ?? "" },
      body: JSON.stringify({
        events: events.map((event) => ({
          id: event.event_id,
          time: event.event_time,
          value: event.value,
          user: event.user.user_id,
          fbp: event.browser_ids?.fbp,
          bad: event.properties?.bad === true,
          consent: event.consent?.[plan.consent],
        })),
      }),
    }),
    classify(response, events) {
      if (response.status !== 200) return events.map(() => statusOutcome(response));
      const rows = jsonObject(response.body)?.rows;
      if (!Array.isArray(rows)) return events.map(() => ({ kind: "retry", reason: "an answer that confirms nothing" }));
      return events.map((event, index): Outcome => {
        const row = rows[index] as { id?: unknown; ok?: unknown } | undefined;
        if (row?.id !== event.event_id) return { kind: "retry", reason: "no row for this event" };
        return row.ok === true ? { kind: "delivered" } : { kind: "rejected", reason: "bad event" };
      });
    },
  });
}
