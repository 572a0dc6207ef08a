import { CONSENT_PURPOSES, type ConsentPurpose, withRefusals } from "../core/consent.ts";
import { refusedPurposes } from "../core/consent-decision.ts";
import { MINUTE_MS } from "../core/durations.ts";
import { isKept } from "../core/retry.ts";
import { withoutRefused } from "../core/withheld-identifiers.ts";
import { knownPersons, readCurrentPersons, refusedSinceByAny } from "./current-persons.ts";
import type { ReadMessage } from "./lane.ts";
import { type LaneScope, putOff } from "./put-off.ts";

/** An event that came here this long ago goes out as enrich decided: to ask for each would cost a read per event, ms. */
const DECIDED_JUST_NOW_MS = MINUTE_MS;

/**
 * Consent as of now, for events that waited: retried, replayed, redriven, for another copy, or longer than a minute on
 * the queue. Each learns what its person refused after it happened and has not granted again, and loses what the graph
 * had filled in of that. Where the graph cannot be read they are put off, because nobody knows whether they may be sent.
 * What the queue is about to forget is given up whatever its person says, so it is not asked about.
 */
export async function withLaterRefusals(reads: readonly ReadMessage[], scope: LaneScope): Promise<ReadMessage[]> {
  const { clock, identities, lane } = scope.deps;
  if (identities === undefined) return [...reads];
  const now = clock.now();
  const late = new Set(reads.filter((read) => knownPersons(read.body.event).length > 0 && waited(read, now)));
  if (late.size === 0) return [...reads];
  try {
    const persons = await readCurrentPersons(
      [...late].flatMap(({ body }) => knownPersons(body.event)),
      identities,
    );
    return reads.map((read) => {
      if (!late.has(read)) return read;
      const refused = refusedPurposes(refusedSinceByAny(read.body.event, persons), lane.honourGpc ?? true);
      return Object.keys(refused).length === 0 ? read : refusing(read, refused);
    });
  } catch (error) {
    putOff(late, { said: "consent could not be read; what had waited was not sent", error }, scope);
    return reads.filter((read) => !late.has(read));
  }
}

function waited({ body, message }: ReadMessage, now: number): boolean {
  if (!isKept(message.sentAt, now)) return false;
  const isAgain = message.receiveCount > 1 || body.replay !== undefined || body.dead_lettered_at !== undefined;
  // That an event waits for its other copy is our wish, and nobody's refusal may fall into that time.
  return isAgain || body.merge !== undefined || now - body.enqueued_at > DECIDED_JUST_NOW_MS;
}

function refusing(read: ReadMessage, refused: ReturnType<typeof refusedPurposes>): ReadMessage {
  const { body } = read;
  const event = withoutRefused({ ...body.event, consent: withRefusals(body.event.consent ?? {}, refused) });
  const takenBack = new Set<ConsentPurpose>(CONSENT_PURPOSES.filter((purpose) => refused[purpose] === "denied"));
  return { ...read, body: { ...body, event }, takenBack };
}
