import type { Identifier } from "../../core/destination.ts";
import { DAY_MS, HOUR_MS } from "../../core/durations.ts";
import type { Basis, Fall } from "./fall.ts";

/** One identifier that fell, and what that takes from the mean score, in points. */
export interface FallenIdentifier extends Fall {
  readonly identifier: Identifier;
  /** Absent where no event tells what the identifier gives. */
  readonly cost?: number;
}

/** What a finding's sentence is made of; the identifiers are in the order of what they cost. */
export interface FallStory {
  readonly source: string;
  readonly event: string;
  readonly lane: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly fallen: readonly [FallenIdentifier, ...FallenIdentifier[]];
  /** Mean score of the window. */
  readonly score: number;
  readonly basis: Basis;
  /** Windows of the past. */
  readonly compared: number;
}

const FORM = "the form, the checkout or the data layer still passes it";

/** Where to look, by what fell. */
const LOOK: Readonly<Record<Identifier, string>> = {
  email: FORM,
  phone: FORM,
  name: FORM,
  address: FORM,
  date_of_birth: FORM,
  gender: FORM,
  external_id: "people are still identified with their id after they log in",
  click_id: "landing pages and their redirects still keep the click id in the address",
  browser_id: "the platform's tag still sets its cookie and the page passes it on",
  ip_and_user_agent: "the server still passes on the visitor's address and browser, and not its own",
};

/** The finding in words: what fell from what to what, where, what it costs and where to look. */
export function sentenceOf(story: FallStory): string {
  const { basis, compared, event, fallen, lane, score, source, window } = story;
  const [worst] = fallen;
  const past = `the same hours of ${compared} past ${basis}`;
  const events = `${worst.now.events} ${event} events from ${source} to ${lane}`;
  const cost = fallen.reduce((sum, it) => sum + (it.cost ?? 0), 0);
  const before = Math.min(10, score + cost);
  const scores = cost > 0 ? `; the mean score is ${points(score)} and would be ${points(before)}` : "";
  return `${events} in ${hoursIn(window)}, against ${past}: ${fallen.map(change).join(", ")}${scores}. ${advice(story)}`;
}

function change(fallen: FallenIdentifier): string {
  const { cost, identifier, now, usual } = fallen;
  const what = isUnsound(fallen)
    ? `${identifier} is as frequent as ever, but counts like one on ${percent(now.worth / now.events)} where it was ${percent(usual.worth)}`
    : `${identifier} on ${percent(now.had / now.events)} where it was ${percent(usual.had)}`;
  return cost === undefined ? what : `${what} (-${points(cost)})`;
}

function advice({ event, fallen: [worst], source }: FallStory): string {
  if (isUnsound(worst)) {
    return `Trace one of them: its doubts say what the ${worst.identifier} that ${source} sends is taken for`;
  }
  // Events of names of their own are counted together: a new kind without the identifier looks like a fall of all.
  const mix = event === "custom" ? "whether one kind of them became more frequent, " : "";
  return `Look ${mix}whether in ${source} ${LOOK[worst.identifier]}, and whether the consent banner changed`;
}

/** It is sent as often as before, and is worth less. */
function isUnsound({ now, usual }: FallenIdentifier): boolean {
  const [had, worth] = [usual.had - now.had / now.events, usual.worth - now.worth / now.events];
  return had < worth / 2;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

function points(score: number): string {
  return score.toFixed(1);
}

function hoursIn({ end, start }: FallStory["window"]): string {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  if (end - start < DAY_MS) return `${clock(start)}-${clock(end)} UTC`;
  return `the ${(end - start) / HOUR_MS} hours to ${clock(end)} UTC`;
}
