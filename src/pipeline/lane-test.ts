import type { DeliveryRecord } from "../core/delivery-record.ts";
import type { Destination, DestinationRequest, DestinationResponse, SkipReason } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventKey } from "../core/event-key.ts";
import type { DeliveryState } from "../core/outcome.ts";
import type { LaneMessage } from "../core/queue-messages.ts";
import { createAccessTokens } from "./access-token.ts";
import { deliver } from "./deliver.ts";
import type { DeliverDeps } from "./lane.ts";
import type { HttpSender } from "./ports.ts";
import { type PreviewScope, prepareForLane } from "./preview.ts";
import { sampleClickIds } from "./preview-identifiers.ts";
import { createSecretMask } from "./shown-exchange.ts";

/** One request with its answer, secrets hidden. */
export interface ShownExchange {
  readonly request: DestinationRequest;
  readonly response?: DestinationResponse;
  /** Why there was no answer. */
  readonly error?: string;
}

/** What came of sending one event through a lane's own code. */
export interface LaneTest {
  readonly event: CanonicalEvent;
  readonly testMode: boolean;
  /** `not_sent`: our own side kept it from being tried, such as a secret that could not be read for the moment. */
  readonly state: DeliveryState | "not_sent";
  readonly reason?: string;
  readonly skip?: SkipReason;
  readonly exchanges: readonly ShownExchange[];
}

/** The person of the test purchase: nobody. Addresses and numbers are those that the standards keep for examples. */
const PERSONA: CanonicalEvent["user"] = {
  user_id: "tracklayer-test-person",
  anonymous_id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  email: "tracklayer.test@example.com",
  phone: "+12025550123",
  first_name: "Test",
  last_name: "Person",
  city: "Springfield",
  region: "IL",
  postal_code: "62701",
  country: "US",
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
};

/** A purchase of 1.00 EUR by a person who does not exist, just now, with every consent given; `id` is of this test alone. */
export function testPurchase(id: string, now: number): CanonicalEvent {
  const seconds = Math.floor(now / 1000);
  return {
    schema_version: 1,
    event_id: `tracklayer-test-${id}`,
    event_id_origin: "given",
    event_name: "purchase",
    event_time: seconds * 1000,
    received_at: now,
    source: { id: "destination-test", kind: "server", dialect: "tracklayer", dedup_scope: "destination-test" },
    action_source: "website",
    page: { url: "https://shop.example.com/thanks", title: "Thank you" },
    user: PERSONA,
    browser_ids: { ga_client_id: `1234567890.${seconds}`, fbp: `fb.1.${seconds * 1000}.1234567890` },
    consent: {
      ad_storage: "granted",
      ad_user_data: "granted",
      ad_personalization: "granted",
      analytics_storage: "granted",
    },
    order_id: `tracklayer-test-${id}`,
    value: "1.00",
    currency: "EUR",
    items: [{ id: "TEST-1", name: "Test item", price: "1.00", quantity: 1 }],
    test: true,
  };
}

/**
 * The test purchase as this lane's platform can take it. Some take no event without a click of their own: only to those
 * go made-up click ids, which no platform knows.
 */
export function testPurchaseFor(scope: PreviewScope, id: string, options: { test: boolean }): CanonicalEvent {
  const { test: _, ...real } = testPurchase(id, scope.now);
  const purchase: CanonicalEvent = options.test ? { ...real, test: true } : real;
  if (prepareForLane(purchase, scope).skip?.code !== "incomplete") return purchase;
  const clicked = { ...purchase, click_ids: sampleClickIds(scope.now - 60_000) };
  return prepareForLane(clicked, scope).skip === undefined ? clicked : purchase;
}

/** What the test needs from outside; `store` and `queue` are thrown away afterwards. */
export type LaneTestDeps = Omit<DeliverDeps, "remainingMs" | "accessTokens">;

/** Time for the test, ms: as long as a deliver λ has. */
const TEST_MS = 120_000;

/** The result for an event that would be skipped before anything is sent; undefined when it would be sent. */
export function heldBack(event: CanonicalEvent, scope: PreviewScope): LaneTest | undefined {
  const { context, skip } = prepareForLane(event, scope);
  return skip === undefined ? undefined : { event, testMode: context.testMode, exchanges: [], state: "skipped", skip };
}

/**
 * Sends one event as enrich and the lane's function would: the same routing, credentials, token, request and reading of
 * the answer. Every exchange is kept and answered with its secrets hidden.
 */
export async function testLane(event: CanonicalEvent, scope: PreviewScope, deps: LaneTestDeps): Promise<LaneTest> {
  const held = heldBack(event, scope);
  if (held !== undefined) return held;
  const { outgoing, context } = prepareForLane(event, scope);
  const exchanges: Recorded[] = [];
  const secrets = new Set<string>();
  const watched: LaneTestDeps = {
    ...deps,
    http: recording(deps.http, exchanges),
    credentials: {
      get: (name) => remembered(deps.credentials.get(name), secrets),
      refresh: (name) => remembered(deps.credentials.refresh(name), secrets),
    },
  };
  const record = await deliverAlone(outgoing, scope.lane.destination, watched);
  return {
    event,
    testMode: context.testMode,
    state: record?.state ?? "not_sent",
    ...(record?.reason === undefined ? {} : { reason: record.reason }),
    ...(record?.skip === undefined ? {} : { skip: record.skip }),
    exchanges: shown(exchanges, secrets),
  };
}

async function deliverAlone(
  event: CanonicalEvent,
  destination: Destination,
  deps: LaneTestDeps,
): Promise<DeliveryRecord | undefined> {
  const startedAt = deps.clock.now();
  const body: LaneMessage = { v: 1, lane: deps.lane.id, enqueued_at: startedAt, event };
  const message = {
    messageId: "test",
    receiptHandle: "test",
    body: JSON.stringify(body),
    receiveCount: 1,
    sentAt: startedAt,
    firstReceivedAt: startedAt,
  };
  const remainingMs = () => TEST_MS - (deps.clock.now() - startedAt);
  const accessTokens = createAccessTokens({ ...deps, lane: deps.lane.id });
  await deliver([message], destination, { ...deps, accessTokens, remainingMs });
  return (await deps.store.readRecords(deps.lane.id, [eventKey(event)]))[0];
}

interface Recorded {
  readonly request: DestinationRequest;
  response?: DestinationResponse;
  error?: string;
}

function recording(http: HttpSender, exchanges: Recorded[]): HttpSender {
  return {
    async send(request, options) {
      const exchange: Recorded = { request };
      exchanges.push(exchange);
      try {
        exchange.response = await http.send(request, options);
        return exchange.response;
      } catch (error) {
        exchange.error = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
  };
}

async function remembered(
  secret: Promise<Readonly<Record<string, string>>>,
  secrets: Set<string>,
): Promise<Readonly<Record<string, string>>> {
  const fields = await secret;
  for (const value of Object.values(fields)) secrets.add(value);
  return fields;
}

/** Hidden only at the end: the token that one answer brings is in the next request. */
function shown(exchanges: readonly Recorded[], secrets: ReadonlySet<string>): ShownExchange[] {
  const mask = createSecretMask(secrets);
  for (const { response } of exchanges) for (const token of tokensIn(response?.body ?? "")) mask.add(token);
  return exchanges.map(({ request, response, error }) => ({
    request: mask.request(request),
    ...(response === undefined ? {} : { response: mask.response(response) }),
    ...(error === undefined ? {} : { error }),
  }));
}

function tokensIn(body: string): string[] {
  return [...body.matchAll(/"(?:access|refresh|id)_token"\s*:\s*"([^"\\]{4,})"/g)].map(([, token]) => token ?? "");
}
