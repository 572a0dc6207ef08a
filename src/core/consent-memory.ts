import { CONSENT_PURPOSES, type ConsentPurpose, type ConsentState, type VendorRefusals } from "./consent.ts";
import {
  answerOf,
  type ConsentAnswer,
  exceptFor,
  isLater,
  mergedAnswer,
  type Readings,
  readingsOf,
  type Said,
} from "./consent-answer.ts";
import { HOUR_MS, MINUTE_MS } from "./durations.ts";
import type { CanonicalEvent } from "./event.ts";

/** What was last said of each purpose; `gpc: denied` is an opt-out by Global Privacy Control. */
type ConsentAnswers = Readonly<Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>>>;

/** Of an event, what tells which answers of others count for it: its own, when, in which scope and by whom it was sent. */
type Asking = Pick<CanonicalEvent, "consent" | "event_time"> & {
  readonly source: Pick<CanonicalEvent["source"], "dedup_scope" | "kind">;
};

/**
 * What a person said to one shop: as somebody known by a user id, an e-mail or a phone, and as whoever sat at one of
 * their devices. Kept apart, because a stranger at a shared device must not take back what they refused.
 */
interface ScopedMemory {
  readonly named: ConsentAnswers;
  readonly anonymous: ConsentAnswers;
}

/** By dedup scope: an answer to one shop is none to another. */
export type ConsentMemory = Readonly<Record<string, ScopedMemory>>;

const REMEMBERED = [...CONSENT_PURPOSES, "gpc"] as const;
const READINGS = ["shown", "dated"] as const;
const NOTHING: ScopedMemory = { named: {}, anonymous: {} };

/**
 * The same answer again counts as news only after this long: every page view repeats it, and a write costs. A grant
 * that comes late out of an offline queue can outlive a refusal repeated within the five minutes before it.
 */
const REPEATED_MS = { granted: HOUR_MS, denied: 5 * MINUTE_MS } as const;

/** The answers that an event carries; `isNamed` when it tells who the person is. */
export function answersOf({ consent, event_time: eventTime, source }: Asking, isNamed: boolean): ConsentMemory {
  const answers: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const value = consent?.[purpose];
    if (value === undefined) continue;
    const at = consent?.answered_at?.[purpose] ?? eventTime;
    const isByString = consent?.answered_by?.[purpose] !== undefined;
    const except = exceptFor(value === "granted" ? consent?.refused_to?.[purpose] : undefined);
    answers[purpose] = answerOf({ value, at, ...except, isByString, kind: source.kind, eventTime });
  }
  if (consent?.gpc !== undefined) answers.gpc = { value: consent.gpc ? "denied" : "granted", at: eventTime };
  if (Object.keys(answers).length === 0) return {};
  return { [source.dedup_scope]: { ...NOTHING, [isNamed ? "named" : "anonymous"]: answers } };
}

/** Of each purpose the later answer; of two at one moment the refusal. In whatever order they are merged. */
export function mergeAnswers(a: ConsentMemory, b: ConsentMemory): ConsentMemory {
  const merged: Record<string, ScopedMemory> = { ...a };
  for (const [scope, theirs] of Object.entries(b)) {
    const { named, anonymous } = a[scope] ?? NOTHING;
    merged[scope] = { named: laterOf(named, theirs.named), anonymous: laterOf(anonymous, theirs.anonymous) };
  }
  return merged;
}

/** Whether `next`, merged from `known`, says something that is worth a write. */
export function isNews(known: ConsentMemory, next: ConsentMemory): boolean {
  return Object.entries(next).some(([scope, { named, anonymous }]) => {
    const before = known[scope] ?? NOTHING;
    const isChanged = REMEMBERED.some(
      (purpose) => isRefused(standing(before, purpose)) !== isRefused(standing({ named, anonymous }, purpose)),
    );
    // The same refusal a minute later is news where something was granted in between.
    return isChanged || saysMore(before.named, named) || saysMore(before.anonymous, anonymous);
  });
}

/**
 * The person's earlier answers, in this scope, to what this event leaves open; undefined when there is none. Of what an
 * older string of the event grants, what was refused since, to everybody or to some companies.
 */
export function unansweredBy(event: Asking, memory: ConsentMemory): ConsentState | undefined {
  const { consent, source } = event;
  const known = memory[source.dedup_scope] ?? NOTHING;
  const earlier: ConsentState = {};
  const refusedTo: VendorRefusals = {};
  for (const purpose of CONSENT_PURPOSES) {
    const last = standing(known, purpose);
    if (last.shown === undefined) continue;
    const isAnswered = consent?.[purpose] !== undefined;
    const isOlderGrant = consent?.[purpose] === "granted" && consent.answered_at?.[purpose] !== undefined;
    if (isAnswered && !isOlderGrant) continue;
    const since = isAnswered ? sinceWhen(event, purpose) : SINCE_EVER;
    if (isRefusedSince(last, since)) {
      earlier[purpose] = "denied";
      continue;
    }
    if (!isAnswered) earlier[purpose] = "granted";
    const { at = 0, except } = last.dated ?? {};
    if (except !== undefined && at > since.dated) refusedTo[purpose] = [...except];
  }
  if (Object.keys(refusedTo).length > 0) earlier.refused_to = refusedTo;
  const gpc = isRefused(standing(known, "gpc"));
  if (gpc !== undefined && consent?.gpc === undefined) earlier.gpc = gpc;
  return Object.keys(earlier).length === 0 ? undefined : earlier;
}

/**
 * What the person refused in this scope after the event, or after the string that answered in it (`answered_at` of its
 * consent), and has not granted again, to everybody or to some companies: what such an event must not be used for any
 * more.
 */
export function refusedSince(memory: ConsentMemory, event: Asking): ConsentState {
  const known = memory[event.source.dedup_scope] ?? NOTHING;
  const refused: ConsentState = {};
  const refusedTo: VendorRefusals = {};
  for (const purpose of CONSENT_PURPOSES) {
    const since = sinceWhen(event, purpose);
    if (wasRefusedSince(known, purpose, since)) refused[purpose] = "denied";
    const { at = since.dated, except } = standing(known, purpose).dated ?? {};
    if (except !== undefined && at > since.dated) refusedTo[purpose] = [...except];
  }
  if (Object.keys(refusedTo).length > 0) refused.refused_to = refusedTo;
  if (wasRefusedSince(known, "gpc", { shown: event.event_time, dated: event.event_time })) refused.gpc = true;
  return refused;
}

/** From when on a refusal counts more than what the event has, epoch ms, by either reading. */
type Since = Readonly<Record<keyof Readings, number>>;

const SINCE_EVER: Since = { shown: Number.NEGATIVE_INFINITY, dated: Number.NEGATIVE_INFINITY };

function sinceWhen({ consent, event_time: eventTime, source }: Asking, purpose: ConsentPurpose): Since {
  const dated = consent?.answered_at?.[purpose] ?? eventTime;
  // What a device shows it shows now; what a server sends it may have kept.
  return { shown: source.kind === "server" ? dated : eventTime, dated };
}

function isRefused({ dated, shown }: Readings): boolean | undefined {
  return shown === undefined ? undefined : shown.value === "denied" || dated?.value === "denied";
}

function isRefusedSince(last: Readings, since: Since): boolean {
  return READINGS.some((reading) => last[reading]?.value === "denied" && (last[reading]?.at ?? 0) > since[reading]);
}

/** Whether anybody who may refuse for the person did so since, and it stands. */
function wasRefusedSince(known: ScopedMemory, purpose: ConsentPurpose | "gpc", since: Since): boolean {
  const last = standing(known, purpose);
  const all = [readingsOf(known.named[purpose]), readingsOf(known.anonymous[purpose])];
  return READINGS.some(
    (reading) =>
      last[reading]?.value === "denied" &&
      all.some(({ [reading]: said }) => said?.value === "denied" && said.at > since[reading]),
  );
}

/** Of what was said by name and by whoever sat at the device, what counts. */
function standing({ named, anonymous }: ScopedMemory, purpose: ConsentPurpose | "gpc"): Readings {
  const [mine, device] = [readingsOf(named[purpose]), readingsOf(anonymous[purpose])];
  return { shown: standingOf(mine.shown, device.shown), dated: standingOf(mine.dated, device.dated) };
}

/** The later of the two answers, but an anonymous grant never takes back what was refused by name. */
function standingOf(mine: Said | undefined, device: Said | undefined): Said | undefined {
  if (mine === undefined || device === undefined) return mine ?? device;
  if (mine.value === "denied" && device.value === "granted") return mine;
  if (!isLater(device, mine)) return mine;
  return device.value === "denied" ? device : { ...device, ...exceptFor(mine.except, device.except) };
}

function laterOf(a: ConsentAnswers, b: ConsentAnswers): ConsentAnswers {
  const merged: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = { ...a };
  for (const purpose of REMEMBERED) {
    const [mine, other] = [a[purpose], b[purpose]];
    if (other !== undefined) merged[purpose] = mine === undefined ? other : mergedAnswer(mine, other);
  }
  return merged;
}

function saysMore(known: ConsentAnswers, next: ConsentAnswers): boolean {
  return REMEMBERED.some((purpose) => {
    const [before, after] = [readingsOf(known[purpose]), readingsOf(next[purpose])];
    return READINGS.some((reading) => isMore(before[reading], after[reading]));
  });
}

function isMore(before: Said | undefined, after: Said | undefined): boolean {
  if (after === undefined) return false;
  if (before?.value !== after.value || String(before.except) !== String(after.except)) return true;
  return after.at - before.at >= REPEATED_MS[after.value];
}
