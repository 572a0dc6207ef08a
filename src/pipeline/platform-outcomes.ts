import { type DeliveryContext, type DestinationResponse, isSentAsTest } from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { rulesOf } from "../core/event-rules.ts";
import type { Outcome } from "../core/outcome.ts";
import type { ExchangeScope } from "./exchange-scope.ts";
import type { LaneItem } from "./lane.ts";
import { createScrubber } from "./platform-words.ts";
import { SendError } from "./ports.ts";

/** The platform's verdicts; an answer that does not name one per event tells nothing about any. */
export function readOutcomes(
  response: DestinationResponse,
  items: readonly LaneItem[],
  scope: ExchangeScope,
): Outcome[] {
  const words = scrubber(items, scope);
  let outcomes: readonly Outcome[];
  try {
    outcomes = scope.destination.classify(
      response,
      items.map((item) => item.event),
      contextOf(scope, items[0]?.event),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown";
    return items.map(() => ({ kind: "retry", reason: words(`the answer cannot be read: ${message}`) }));
  }
  if (outcomes.length !== items.length) {
    const reason = `${outcomes.length} verdicts for ${items.length} events, status ${response.status}`;
    return items.map(() => ({ kind: "retry", reason }));
  }
  return outcomes.map((outcome) => scrubbed(outcome, words));
}

/** What it comes to when nothing was heard: the platform may have the events or not. */
export function withoutAnswer(error: unknown, items: readonly LaneItem[], scope: ExchangeScope): Outcome {
  const known = error instanceof SendError;
  const said = known ? `${error.code}: ${error.message}` : `no answer: ${String(error)}`;
  return { kind: "retry", reason: scrubber(items, scope)(said) };
}

function scrubbed(outcome: Outcome, words: (text: string) => string): Outcome {
  if (outcome.kind !== "delivered") return { ...outcome, reason: words(outcome.reason) };
  return outcome.note === undefined ? outcome : { ...outcome, note: words(outcome.note) };
}

/** For what is said about any event of a request: a platform may quote one of them in its words about another. */
export function scrubber(items: readonly LaneItem[], scope: ExchangeScope): (text: string) => string {
  // Made when the first word is said: most answers say nothing, and a batch is a thousand people.
  let scrub: ((text: string) => string) | undefined;
  return (text) => {
    scrub ??= createScrubber(hiddenTexts(items, scope));
    return scrub(text);
  };
}

function hiddenTexts(items: readonly LaneItem[], { credentials }: ExchangeScope): string[] {
  const personal = items.flatMap(({ event: { user, known, phone_e164, browser_ids, click_ids } }) => {
    const { country: _, ...person } = user;
    const ids = [browser_ids, known?.browser_ids].flatMap((browser) => Object.values(browser ?? {}));
    const clicks = [click_ids, known?.click_ids].flatMap((found) => Object.values(found ?? {}));
    return [
      ...Object.values(person),
      phone_e164,
      ...Object.values(known?.contacts ?? {}),
      known?.user_id,
      known?.anonymous_id,
      ...ids,
      ...clicks.map(({ value }) => value),
    ];
  });
  return [...credentials.everUsed(), ...personal].filter((value) => typeof value === "string");
}

/**
 * What the destination is told besides the events; made anew for each request, because it holds the time. Tests and
 * real events never share a request: what `event` is, they all are.
 */
export function contextOf(
  { credentials, deps, destination }: Pick<ExchangeScope, "credentials" | "deps" | "destination">,
  event: Pick<CanonicalEvent, "test"> = {},
): DeliveryContext<unknown> {
  const { lane } = deps;
  return {
    lane: lane.id,
    settings: lane.settings,
    credentials: credentials.current(),
    now: deps.clock.now(),
    testMode: isSentAsTest(event, destination, lane),
    ...(lane.defaultCountry === undefined ? {} : { defaultCountry: lane.defaultCountry }),
    ...rulesOf(lane),
  };
}
