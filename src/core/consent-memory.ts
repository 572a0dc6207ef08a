import {
  CONSENT_PURPOSES,
  type ConsentPurpose,
  type ConsentState,
  type ConsentValue,
  type VendorRefusals,
} from "./consent.ts";
import { HOUR_MS, MINUTE_MS } from "./durations.ts";

/** What was last said of each purpose; `gpc: denied` is an opt-out by Global Privacy Control. */
type ConsentAnswers = Readonly<Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>>>;

/** One answer and when it was given, epoch ms: event time, or what the string that holds it says. */
interface ConsentAnswer {
  readonly value: ConsentValue;
  readonly at: number;
  /** Companies that the TC string which granted this left out, in ascending order. */
  readonly except?: readonly number[];
}

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
const NOTHING: ScopedMemory = { named: {}, anonymous: {} };

/**
 * The same answer again counts as news only after this long: every page view repeats it, and a write costs. A grant
 * that comes late out of an offline queue can outlive a refusal repeated within the five minutes before it.
 */
const REPEATED_MS = { granted: HOUR_MS, denied: 5 * MINUTE_MS } as const;

/** The answers that an event carries; `named` when it tells who the person is. */
export function answersOf(event: {
  consent: ConsentState | undefined;
  eventTime: number;
  scope: string;
  named: boolean;
}): ConsentMemory {
  const { consent, eventTime } = event;
  const answers: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const value = consent?.[purpose];
    const except = value === "granted" ? consent?.refused_to?.[purpose] : undefined;
    const at = consent?.answered_at?.[purpose] ?? eventTime;
    if (value !== undefined) answers[purpose] = { value, at, ...exceptFor(except) };
  }
  if (consent?.gpc !== undefined) answers.gpc = { value: consent.gpc ? "denied" : "granted", at: eventTime };
  if (Object.keys(answers).length === 0) return {};
  return { [event.scope]: { ...NOTHING, [event.named ? "named" : "anonymous"]: answers } };
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
      (purpose) => standing(before, purpose)?.value !== standing({ named, anonymous }, purpose)?.value,
    );
    // The same refusal a minute later is news where something was granted in between.
    return isChanged || saysMore(before.named, named) || saysMore(before.anonymous, anonymous);
  });
}

/**
 * The person's earlier answers, in this scope, to what this event leaves open; undefined when there is none. Of what an
 * older string of the event grants, what was refused since, to everybody or to some companies.
 */
export function unansweredBy(
  consent: ConsentState | undefined,
  memory: ConsentMemory,
  scope: string,
): ConsentState | undefined {
  const known = memory[scope] ?? NOTHING;
  const earlier: ConsentState = {};
  const refusedTo: VendorRefusals = {};
  for (const purpose of CONSENT_PURPOSES) {
    const answer = standing(known, purpose);
    if (answer === undefined) continue;
    const isAnswered = consent?.[purpose] !== undefined;
    if (isAnswered && !isOlderGrant(consent, purpose, answer)) continue;
    if (!isAnswered || answer.value === "denied") earlier[purpose] = answer.value;
    if (answer.except !== undefined) refusedTo[purpose] = [...answer.except];
  }
  if (Object.keys(refusedTo).length > 0) earlier.refused_to = refusedTo;
  const gpc = standing(known, "gpc");
  if (gpc !== undefined && consent?.gpc === undefined) earlier.gpc = gpc.value === "denied";
  return Object.keys(earlier).length === 0 ? undefined : earlier;
}

/**
 * What the person refused in this scope after the event (`eventTime`, epoch ms), or after the string that answered in it
 * (`answered_at` of its consent), and has not granted again, to everybody or to some companies: what such an event must
 * not be used for any more.
 */
export function refusedSince(
  memory: ConsentMemory,
  scope: string,
  eventTime: number,
  answeredAt: ConsentState["answered_at"] = {},
): ConsentState {
  const known = memory[scope] ?? NOTHING;
  const refused: ConsentState = {};
  const isRefused = (purpose: ConsentPurpose | "gpc", since: number) =>
    standing(known, purpose)?.value === "denied" &&
    [known.named[purpose], known.anonymous[purpose]].some((it) => it?.value === "denied" && it.at > since);
  const refusedTo: VendorRefusals = {};
  for (const purpose of CONSENT_PURPOSES) {
    const since = answeredAt[purpose] ?? eventTime;
    if (isRefused(purpose, since)) refused[purpose] = "denied";
    const { at = since, except } = standing(known, purpose) ?? {};
    if (except !== undefined && at > since) refusedTo[purpose] = [...except];
  }
  if (Object.keys(refusedTo).length > 0) refused.refused_to = refusedTo;
  if (isRefused("gpc", eventTime)) refused.gpc = true;
  return refused;
}

/** Whether an older string granted what `answer` says something newer of. */
function isOlderGrant(consent: ConsentState | undefined, purpose: ConsentPurpose, { at }: ConsentAnswer): boolean {
  const since = consent?.answered_at?.[purpose];
  return since !== undefined && consent?.[purpose] === "granted" && at > since;
}

/** The later of the two answers, but an anonymous grant never takes back what was refused by name. */
function standing({ named, anonymous }: ScopedMemory, purpose: ConsentPurpose | "gpc"): ConsentAnswer | undefined {
  const [mine, device] = [named[purpose], anonymous[purpose]];
  if (mine === undefined || device === undefined) return mine ?? device;
  if (mine.value === "denied" && device.value === "granted") return mine;
  if (!isLater(device, mine)) return mine;
  return device.value === "denied" ? device : { ...device, ...exceptFor(mine.except, device.except) };
}

function laterOf(a: ConsentAnswers, b: ConsentAnswers): ConsentAnswers {
  const merged: Partial<Record<ConsentPurpose | "gpc", ConsentAnswer>> = { ...a };
  for (const purpose of REMEMBERED) {
    const [mine, other] = [a[purpose], b[purpose]];
    if (other === undefined) continue;
    if (mine === undefined || isLater(other, mine)) merged[purpose] = other;
    else if (mine.value === other.value && mine.at === other.at) {
      merged[purpose] = { ...mine, ...exceptFor(mine.except, other.except) };
    }
  }
  return merged;
}

function saysMore(known: ConsentAnswers, next: ConsentAnswers): boolean {
  return REMEMBERED.some((purpose) => {
    const [before, after] = [known[purpose], next[purpose]];
    if (after === undefined) return false;
    if (before?.value !== after.value || String(before.except) !== String(after.except)) return true;
    return after.at - before.at >= REPEATED_MS[after.value];
  });
}

/** Companies of all the lists, as an answer holds them: absent when there are none. */
function exceptFor(...lists: (readonly number[] | undefined)[]): Pick<ConsentAnswer, "except"> {
  const vendors = [...new Set(lists.flatMap((list) => list ?? []))].sort((a, b) => a - b);
  return vendors.length === 0 ? {} : { except: vendors };
}

function isLater(a: ConsentAnswer, b: ConsentAnswer): boolean {
  return a.at > b.at || (a.at === b.at && a.value === "denied");
}
