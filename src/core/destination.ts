import type { ConsentPurpose } from "./consent.ts";
import type { PartialBehaviour, WhenDenied } from "./consent-behaviour.ts";
import type { CatalogueEntry } from "./destination-catalogue.ts";
import { type CanonicalEvent, displayName, type EventName } from "./event.ts";
import { type LaneEventRules, ruleFor } from "./event-rules.ts";
import type { Outcome } from "./outcome.ts";
import type { QualityReadBack } from "./quality-read-back.ts";

/** One HTTPS request to a platform, ready to send. `body` is the exact text that goes out; empty for GET. */
export interface DestinationRequest {
  readonly method: "POST" | "PUT" | "PATCH" | "GET";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. Header names are lower case; `body` is text cut at the sender's size limit. */
export interface DestinationResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Identifiers that platforms match on, in the words diagnostics use. */
export const IDENTIFIERS = [
  "email",
  "phone",
  "external_id",
  "click_id",
  "browser_id",
  "ip_and_user_agent",
  "name",
  "address",
  "date_of_birth",
  "gender",
] as const;
export type Identifier = (typeof IDENTIFIERS)[number];

/** What one delivery knows besides the event: the lane's settings and credentials, and the time of this attempt. */
export interface DeliveryContext<Settings> extends LaneEventRules {
  /** Lane id: the key in the config. Equal to the destination's id unless a type is configured twice. */
  readonly lane: string;
  readonly settings: Settings;
  /**
   * The lane's secret, a flat JSON object, with `accessToken` put in where `tokenRequest` had one fetched. Empty when a
   * preview runs without it.
   */
  readonly credentials: Readonly<Record<string, string>>;
  /** Epoch ms of this attempt. */
  readonly now: number;
  /** Default region for national phone numbers, ISO 3166-1 alpha-2; absent means only international numbers parse. */
  readonly defaultCountry?: string;
  /** Send in the platform's test mode: the lane's setting, or because these events are tests. */
  readonly testMode: boolean;
}

/** How much a platform takes, how old it may be, and what one bad event does to the others of its request. */
export interface DestinationLimits<Settings = unknown> {
  /** Most events in one request. */
  readonly batchSize: number;
  /** Most bytes in one request body. */
  readonly bodyBytes: number;
  /** Oldest event the platform takes, ms; by event because some depend on the action source. */
  maxAgeMs(event: CanonicalEvent, settings: Settings): number;
  /** How long to wait for an answer, ms. */
  readonly timeoutMs: number;
  /** What one bad event does to its request: `whole` fails all (we bisect), `per_event` is answered row by row. */
  readonly batchFailure: "whole" | "per_event";
  /**
   * With `whole`: a 2xx nevertheless answers row by row, so that it is final when it refuses every event. Else such a
   * request is halved like one that was refused over a single event.
   */
  readonly rowsInSuccess?: true;
  /** How long a lane gathers a batch unless its config says so, for platforms that ask for few requests; else 5 s. */
  readonly batchWindowSeconds?: number;
}

/**
 * A platform, declared. Pure: no clock, network or environment. Sending, retry, batching, bisecting, receipts and
 * logging belong to the pipeline.
 */
export interface Destination<Settings = unknown> {
  /** Equal to the file name under `src/destinations/`. */
  readonly id: string;
  readonly name: string;
  /** Parses settings at synth; throws with field, rule and value on a wrong one. */
  readonly settings: { parse(input: unknown): Settings };
  /** What the catalogue says of it. */
  readonly catalogue: CatalogueEntry;
  /** Fields the lane's secret must hold. */
  readonly credentials: readonly string[];
  /** When there are several ways to sign in: of these sets of fields the secret must hold one whole, beside `credentials`. */
  readonly credentialSets?: readonly (readonly string[])[];
  /**
   * What is wrong with the lane's secret although its fields are there, such as a signing key that does not decode.
   * Asked before sending: an answer makes the batch `unauthorized` and nothing is sent.
   */
  credentialProblem?(credentials: Readonly<Record<string, string>>): string | undefined;
  /**
   * For platforms whose access tokens are short-lived: the request for a new one (see `oauth.ts`), or undefined when the
   * secret holds a token that is used as it is. The pipeline asks ahead of expiry, once for all requests of a container,
   * and gives the answer as `credentials.accessToken`.
   */
  tokenRequest?(credentials: Readonly<Record<string, string>>, now: number): DestinationRequest | undefined;
  /** What a user should know at synth, such as an API version that is about to be retired. */
  warnings?(settings: Settings, now: number): readonly string[];
  /** When the API version that the settings name ends, epoch ms; undefined while no day is known. */
  versionEnd?(settings: Settings): number | undefined;
  readonly limits: DestinationLimits<Settings>;
  /** Without any of these nothing is sent, unless `whenDenied` says otherwise of it. */
  readonly consent: readonly ConsentPurpose[];
  /** What becomes of the event when one of these is refused. A purpose that stands nowhere is not asked about. */
  readonly whenDenied?: WhenDenied;
  /** The company's number on IAB Europe's Global Vendor List: a TC string has to grant a purpose to it as well. */
  readonly tcfVendorId?: number;
  /**
   * In which forms beside whole the platform takes events: with its flags for limited use, which the builder sets
   * whenever `limitsDataUse` holds, or of nobody. Absent: in no other.
   */
  readonly takesPartial?: readonly PartialBehaviour[];
  /**
   * Canonical name → the platform's own; `OWN_NAME` sends the event's name as it is. A missing name is skipped unless
   * the lane gives one: always so where events are known by ids that each account makes for itself.
   */
  readonly eventNames: Readonly<Partial<Record<EventName, string>>>;
  /** What is wrong with a name, rule id or action id that the config gives an event, in words for synth. */
  eventNameProblem?(name: string): string | undefined;
  /** Weights of the identifiers the platform matches on; they need not add up to anything. */
  readonly matchKeys: Readonly<Partial<Record<Identifier, number>>>;
  /**
   * True when the platform drops a second copy with the same event id: then no claim is written before sending. Where
   * it is false, a request whose answer never came is sent again all the same: counted twice at worst, never lost.
   */
  readonly dedupsByEventId: boolean | ((event: CanonicalEvent) => boolean);
  /**
   * The receiver works for the sender alone, on the sender's own customers: what ad platforms forbid to be sent about
   * people, such as the names of medicines, may be sent to it.
   */
  readonly firstParty?: true;
  /** Whether raw e-mail and phone travel on the lane's queue; else only their hashes do. */
  needsRawContact(settings: Settings): boolean;
  /** Which of `IDENTIFIERS` the request for this event would really carry. */
  identifiers(event: CanonicalEvent, context: DeliveryContext<Settings>): ReadonlySet<Identifier>;
  /** Why this event must not be sent now, or undefined. Checked at the last moment before sending. */
  skipReason(event: CanonicalEvent, context: DeliveryContext<Settings>): SkipReason | undefined;
  /**
   * Events may share a request only when this gives the same text for all of them; absent means any events may.
   * For platforms whose request speaks for one person, or whose address depends on the event. Called only for events
   * that passed `skipReason`; the pipeline groups by it before it cuts batches by size.
   */
  batchKey?(event: CanonicalEvent, context: DeliveryContext<Settings>): string;
  /** The request for a batch whose events all passed `skipReason`. Never mutates its input. */
  buildRequest(events: readonly CanonicalEvent[], context: DeliveryContext<Settings>): DestinationRequest;
  /** How the platform is asked for its own score of match quality, where it has an API for that. */
  readonly qualityReadBack?: QualityReadBack<Settings>;
  /**
   * One outcome per event of the batch, in order; total over every status and body. Reasons and notes may quote the
   * platform: the pipeline removes what is personal or secret, and cuts them, before it keeps them. `context` is that of
   * the request, for answers that go by places which settings decide; the pipeline always gives it.
   */
  classify(
    response: DestinationResponse,
    events: readonly CanonicalEvent[],
    context?: DeliveryContext<Settings>,
  ): readonly Outcome[];
}

/** Why an event was not sent. `code` is a metric dimension: keep the set small; `detail` is for people. */
export interface SkipReason {
  readonly code: SkipCode;
  readonly detail: string;
}

/** Reasons for which events are not sent, as metrics count them. */
export const SKIP_CODES = [
  "consent",
  "not_configured",
  "too_old",
  "incomplete",
  "routing",
  "test_event",
  "erased",
] as const;
export type SkipCode = (typeof SKIP_CODES)[number];

/** Whether the platform drops a second copy of this event. */
export function dropsCopies(
  { dedupsByEventId: drops }: Pick<Destination, "dedupsByEventId">,
  event: CanonicalEvent,
): boolean {
  return typeof drops === "function" ? drops(event) : drops;
}

/** Whether a lane of it has a secret at all: some platforms take events from whoever knows a click. */
export function needsSecret({
  credentials,
  credentialSets = [],
}: Pick<Destination, "credentials" | "credentialSets">): boolean {
  return credentials.length > 0 || credentialSets.length > 0;
}

/** Types a declaration and returns it; the settings type is inferred. */
export function defineDestination<Settings>(destination: Destination<Settings>): Destination<Settings> {
  return destination;
}

/** In a name table: send the event's own name (for `custom`, the name the source gave). */
export const OWN_NAME = "*";

/**
 * The platform's name for this event in this lane, or undefined when the lane does not take it. For platforms that know
 * events by ids of the account, the id.
 */
export function wireName(
  event: Pick<CanonicalEvent, "event_name" | "custom_name">,
  destination: Pick<Destination, "eventNames">,
  rules: LaneEventRules,
): string | undefined {
  const rule = ruleFor(event, rules);
  if (rule?.drop === true) return undefined;
  const name = rule?.name ?? destination.eventNames[event.event_name];
  return name === OWN_NAME ? displayName(event) : name;
}

/**
 * Whether an event goes out in the platform's test mode: all of a test lane's do, and a test event wherever there is
 * such a mode. A test event is sent nowhere else.
 */
export function isSentAsTest(
  event: Pick<CanonicalEvent, "test">,
  destination: Pick<Destination, "catalogue">,
  lane: { readonly testMode: boolean },
): boolean {
  return lane.testMode || (event.test === true && destination.catalogue.testMode !== undefined);
}
