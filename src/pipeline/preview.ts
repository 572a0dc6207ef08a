import type { ConsentState } from "../core/consent.ts";
import { withSignals } from "../core/consent-signals.ts";
import { consentedCopy } from "../core/consented-copy.ts";
import type { RoutingDecision } from "../core/delivery-record.ts";
import {
  type DeliveryContext,
  type DestinationRequest,
  isSentAsTest,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { type CanonicalEvent, HASH_VARIANTS, type HashVariant } from "../core/event.ts";
import { rulesOf, withRuledValue } from "../core/event-rules.ts";
import { hashVariants } from "../core/hash-variants.ts";
import { CONTACTS, sentDigest, sha256Hex } from "../core/hashing.ts";
import { eventForLane, type Lane, type RoutingRules, routeEvent } from "../core/routing.ts";
import { cleanEvent } from "../core/sensitive-data.ts";
import { type Attempt, fieldUses, lostPlaces, type RequestValues, requestValues, withField } from "./field-origins.ts";
import { type IdentifierReport, identifierReports } from "./preview-identifiers.ts";
import { createSecretMask } from "./shown-exchange.ts";

/** The lane that an event is tried on, and what the configuration says for all lanes. `now` is epoch ms. */
export interface PreviewScope {
  readonly lane: Lane;
  readonly rules: Omit<RoutingRules, "lanes">;
  readonly now: number;
}

/** Where one part of the request comes from. */
export interface PlaceReport {
  readonly place: string;
  /** Fields of the event without which the place would be empty or other; none: it is the same for every event. */
  readonly from: readonly string[];
  /** For digests: the normalisation rule, or that nobody told it. */
  readonly hash?: string;
}

/** What would become of one event at one lane, and why. Nothing in here was sent. */
export interface Preview {
  readonly event: CanonicalEvent;
  readonly decision: { readonly send: true } | { readonly send: false; readonly skip: SkipReason };
  readonly consent: RoutingDecision["consent"] | undefined;
  /** The platform's name for the event; absent when this lane has none. */
  readonly sentAs?: string;
  readonly testMode: boolean;
  /** Absent for platforms that match nobody. */
  readonly quality?: NonNullable<RoutingDecision["quality"]>;
  readonly identifiers: readonly IdentifierReport[];
  /** Contact data that goes out without a hash of ours, in words. */
  readonly problems: readonly string[];
  /** Built without credentials: they are shown by name. Absent when the event is not sent. */
  readonly request?: DestinationRequest;
  /** Why there is no request although the event would be sent: a defect of the destination. */
  readonly defect?: string;
  readonly places: readonly PlaceReport[];
  /** Fields that this request takes nothing from. */
  readonly unused: readonly string[];
  /** Fields without which nothing would be sent, with the reason. */
  readonly needed: readonly { readonly field: string; readonly because: string }[];
}

/** An event as it would leave enrich for the lane, with everything that was decided on the way. */
export interface Prepared {
  readonly outgoing: CanonicalEvent;
  readonly context: DeliveryContext<unknown>;
  readonly consent: RoutingDecision["consent"] | undefined;
  readonly quality?: NonNullable<RoutingDecision["quality"]>;
  readonly skip?: SkipReason;
  /** The destination's own code failed on the event; in the pipeline it would wait for a new version. */
  readonly defect?: string;
  readonly problems: readonly string[];
}

/** Takes the event through hashing, consent, routing and the lane's rules, as enrich and the lane do. */
export function prepareForLane(event: CanonicalEvent, { lane, rules, now }: PreviewScope): Prepared {
  const options = rules.defaultCountry === undefined ? {} : { defaultCountry: rules.defaultCountry };
  const { hashes, phoneE164, problems } = hashVariants(event.user, options);
  const answered = withSignals(cleanEvent(event, rules.sensitiveData).event);
  const { phone_e164: _, ...plain } = answered.event;
  const hashed = { ...plain, hashes, ...(phoneE164 === undefined ? {} : { phone_e164: phoneE164 }) };
  const { decisions, consent } = routeEvent(hashed, { ...rules, lanes: [lane] }, now);
  const [decision] = decisions;
  const outgoing = withRuledValue(sentCopy(hashed, consent, lane, decision), lane);
  const context: DeliveryContext<unknown> = {
    lane: lane.id,
    settings: lane.settings,
    credentials: {},
    now,
    testMode: isSentAsTest(event, lane.destination, lane),
    ...options,
    ...rulesOf(lane),
  };
  const { skip, defect } = skipOf(decision, outgoing, lane, context);
  return {
    outgoing,
    context,
    consent: decision?.consent,
    ...(decision?.quality === undefined ? {} : { quality: decision.quality }),
    ...(skip === undefined ? {} : { skip }),
    ...(defect === undefined ? {} : { defect }),
    problems: [...problems, ...answered.problems].map(({ field, problem }) => `${field} ${problem}`),
  };
}

/** As the lane cuts it: what only the delivery itself needs is not sent. */
function sentCopy(
  event: CanonicalEvent,
  consent: ConsentState,
  lane: Lane,
  decision: RoutingDecision | undefined,
): CanonicalEvent {
  const behaviour = decision?.consent.behaviour;
  return consentedCopy(eventForLane(event, consent, lane, behaviour), lane, behaviour);
}

function skipOf(
  decision: RoutingDecision | undefined,
  event: CanonicalEvent,
  { destination }: Lane,
  context: DeliveryContext<unknown>,
): Pick<Prepared, "skip" | "defect"> {
  if (decision === undefined) {
    return { skip: { code: "not_configured", detail: "identify only teaches the identity graph" } };
  }
  try {
    const skip = decision.skip ?? destination.skipReason(event, context);
    return skip === undefined ? {} : { skip };
  } catch (error) {
    return { defect: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** There are no credentials to hide, but settings may hold a header or an address with a key. */
const MASK = createSecretMask([]);

/** What would become of the event at this lane, and why each part of the request is as it is. Pure. */
export function previewEvent(event: CanonicalEvent, scope: PreviewScope): Preview {
  const { lane } = scope;
  const prepared = prepareForLane(event, scope);
  const { context, consent, quality, skip, problems } = prepared;
  const whole = attemptOf(prepared, scope);
  const sentAs = wireName(event, lane.destination, lane);
  const uses = fieldUses(event, (changed) => attemptOf(prepareForLane(changed, scope), scope));
  const values = whole.request === undefined ? new Map() : requestValues(whole.request);
  const places = placeReports(values, {
    prepared,
    scope,
    sentAs,
    feeds: new Map(uses.map((it) => [it.field, it.feeds])),
  });
  return {
    event,
    decision: skip === undefined ? { send: true } : { send: false, skip },
    consent,
    ...(sentAs === undefined ? {} : { sentAs }),
    testMode: context.testMode,
    ...(quality === undefined ? {} : { quality }),
    identifiers: identifierReports(event, uses, {
      matchKeys: lane.destination.matchKeys,
      identifiersOf: (changed) => {
        const { outgoing: sent, context: its } = prepareForLane(changed, scope);
        try {
          return lane.destination.identifiers(sent, its);
        } catch {
          return new Set();
        }
      },
    }),
    problems,
    ...(whole.request === undefined || skip !== undefined ? {} : { request: MASK.request(whole.request) }),
    ...(whole.defect === undefined || skip !== undefined ? {} : { defect: whole.defect }),
    places: skip === undefined ? places : [],
    unused: uses.filter(({ feeds, neededBecause }) => feeds.length === 0 && neededBecause === undefined).map(nameOf),
    needed: uses.flatMap(({ field, neededBecause: because }) => (because === undefined ? [] : [{ field, because }])),
  };
}

function nameOf({ field }: { readonly field: string }): string {
  return field;
}

/** Built although a rule forbids it, so that what a missing field would feed can be told all the same. */
function attemptOf(
  { outgoing, context, skip, defect }: Prepared,
  { lane }: PreviewScope,
): Attempt & { readonly defect?: string } {
  const skipped = skip === undefined ? {} : { skip };
  if (defect !== undefined) return { defect };
  try {
    return { ...skipped, request: lane.destination.buildRequest([outgoing], context) };
  } catch (error) {
    return { ...skipped, defect: messageOf(error) };
  }
}

interface Origins {
  readonly prepared: Prepared;
  readonly scope: PreviewScope;
  readonly sentAs: string | undefined;
  readonly feeds: ReadonlyMap<string, readonly string[]>;
}

function placeReports(values: RequestValues, { prepared, scope, sentAs, feeds }: Origins): PlaceReport[] {
  const rules = hashRules(values, prepared, scope);
  return [...values].map(([place, texts]) => {
    const from = [...feeds].filter(([, places]) => places.includes(place)).map(([field]) => field);
    const isName = sentAs !== undefined && texts.some((text) => text === sentAs || text === JSON.stringify(sentAs));
    const hash = rules.get(place) ?? unknownHash(texts, prepared.outgoing);
    return {
      place,
      from: isName && from.length === 0 ? ["event_name"] : from,
      ...(hash === undefined ? {} : { hash }),
    };
  });
}

/** The rule of each digest of a contact: another digest under one rule changes only the places that take that rule. */
function hashRules(values: RequestValues, prepared: Prepared, scope: PreviewScope): Map<string, HashVariant> {
  const rules = new Map<string, HashVariant>();
  const { outgoing } = prepared;
  for (const variant of HASH_VARIANTS) {
    for (const path of [`hashes.${variant}`, `known.hashes.${variant}`] as const) {
      const held = path.startsWith("known") ? outgoing.known?.hashes : outgoing.hashes;
      if (held?.[variant] === undefined) continue;
      const other = { ...prepared, outgoing: withField(outgoing, path, sha256Hex(`another ${variant}`)) };
      const { request } = attemptOf(other, scope);
      if (request === undefined) continue;
      for (const place of lostPlaces(values, requestValues(request))) {
        // Signatures and ids of the whole body change with every part of it.
        if (values.get(place)?.some((text) => text.includes(held[variant] ?? "\0"))) rules.set(place, variant);
      }
    }
  }
  return rules;
}

function unknownHash(texts: readonly string[], { user }: CanonicalEvent): string | undefined {
  const digests = texts.map((text) => text.replaceAll('"', "")).filter((text) => /^[0-9a-f]{64}$/i.test(text));
  if (digests.length === 0) return undefined;
  const given = CONTACTS.map((contact) => sentDigest(user, contact));
  return digests.some((digest) => given.includes(digest.toLowerCase()))
    ? "the sender's own digest: its rule is unknown"
    : "SHA-256 of the platform's form of the field";
}
