import {
  CONSENT_PURPOSES,
  CONSENT_STRINGS,
  type ConsentPurpose,
  type ConsentState,
  type ConsentString,
  type ConsentValue,
  type VendorRefusals,
  withoutConsentStrings,
} from "./consent.ts";
import { givenAt } from "./consent-given-at.ts";
import { readGpp } from "./gpp-string.ts";
import { withoutEmpty } from "./present.ts";
import { readTcf, type TcfString } from "./tcf-string.ts";
import { TCF_VENDORS } from "./tcf-vendors.ts";
import { optsOutOfSale } from "./us-privacy.ts";

/** A consent string that says nothing, and why. */
export interface ConsentProblem {
  readonly field: `consent.${ConsentString}`;
  readonly problem: string;
}

type Answers = Readonly<Partial<Record<ConsentPurpose, ConsentValue>>>;

/** What one string, or one section of it, answers. */
interface SignalAnswers {
  readonly by: ConsentString;
  readonly answers: Answers;
  /** The date in it, epoch ms; absent where there is no place for one: then it is as of the event. */
  readonly updatedAt?: number;
}

/** What the strings of one event say. */
interface Signals {
  /** In the order of `CONSENT_STRINGS`. */
  readonly answers: readonly SignalAnswers[];
  readonly gpc: boolean;
  /** The TC strings, by themselves and within GPP. */
  readonly tcf: readonly TcfString[];
  readonly problems: readonly ConsentProblem[];
  /** Strings that are none. */
  readonly meaningless: readonly ConsentString[];
}

/** As Global Privacy Control does: of a sale there is no purpose, and it is what these two would make of the data. */
const OPTED_OUT: Answers = { ad_user_data: "denied", ad_personalization: "denied" };

/**
 * The consent with what its strings answer as plain answers, and when they did where that was before the event. Where the
 * sender's own word and a string differ, or two strings do, the refusal counts. No opt-out of American law is no grant:
 * such a string refuses or says nothing. The strings stay for platforms that take them, but for those that say nothing: a
 * platform would read such a one in place of our own words. Reading it again changes nothing.
 */
export function readSignals(
  consent: ConsentState,
  eventTime: number,
): { consent: ConsentState; problems: readonly ConsentProblem[] } {
  if (CONSENT_STRINGS.every((name) => consent[name] === undefined)) return { consent, problems: [] };
  const { answers, gpc, meaningless, problems, tcf } = signalsOf(consent);
  const {
    answered_at: _at,
    answered_by: before,
    refused_to: _to,
    ...state
  } = withoutConsentStrings(consent, meaningless);
  const answeredBy: NonNullable<ConsentState["answered_by"]> = {};
  const answeredAt: NonNullable<ConsentState["answered_at"]> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const said = before?.[purpose] === undefined ? consent[purpose] : undefined;
    const found = strictest(purpose, answers, eventTime);
    delete state[purpose];
    if (found !== undefined && (said === undefined || (said === "granted" && found.value === "denied"))) {
      state[purpose] = found.value;
      answeredBy[purpose] = found.by;
      if (found.at < eventTime) answeredAt[purpose] = found.at;
    } else if (said !== undefined) state[purpose] = said;
  }
  const refused = vendorRefusals(tcf);
  const added = withoutEmpty({ answered_by: answeredBy, answered_at: answeredAt, refused_to: refused });
  return { consent: { ...state, ...(gpc ? { gpc } : {}), ...added }, problems };
}

/** The strings that say nothing, and why. */
export function signalProblems(consent: ConsentState): readonly ConsentProblem[] {
  return signalsOf(consent).problems;
}

/** The event with its consent read, for everything that comes after. */
export function withSignals<Event extends { consent?: ConsentState; event_time: number }>(
  event: Event,
): { event: Event; problems: readonly ConsentProblem[] } {
  if (event.consent === undefined) return { event, problems: [] };
  const { consent, problems } = readSignals(event.consent, event.event_time);
  return { event: consent === event.consent ? event : { ...event, consent }, problems };
}

/**
 * Of each purpose that a TC string does not refuse to everybody, the companies that it refuses. Where nobody is asked about
 * purpose 1, the site's answer may be silence, and a company that is not listed is refused all the same.
 */
function vendorRefusals(strings: readonly TcfString[]): VendorRefusals {
  const refused: VendorRefusals = {};
  for (const { answers, answersFor } of strings) {
    for (const vendor of Object.values(TCF_VENDORS)) {
      const own = answersFor(vendor);
      for (const purpose of CONSENT_PURPOSES) {
        if (answers[purpose] === "denied" || own[purpose] !== "denied") continue;
        refused[purpose] = [...new Set([...(refused[purpose] ?? []), vendor])];
      }
    }
  }
  return refused;
}

/** Of two strings that say the same the newer one tells since when. */
function strictest(
  purpose: ConsentPurpose,
  all: Signals["answers"],
  eventTime: number,
): { value: ConsentValue; by: ConsentString; at: number } | undefined {
  for (const value of ["denied", "granted"] as const) {
    const saying = all.filter(({ answers }) => answers[purpose] === value);
    const [first] = saying;
    if (first === undefined) continue;
    const at = saying.map(({ updatedAt = eventTime }) => givenAt(value, updatedAt, eventTime));
    return { value, by: first.by, at: Math.max(...at) };
  }
  return undefined;
}

function signalsOf({ gpp, gpp_sid: applicable, tcf, us_privacy: usPrivacy }: ConsentState): Signals {
  const european = tcf === undefined ? undefined : readTcf(tcf);
  const global = gpp === undefined ? undefined : readGpp(gpp, applicable);
  const american = usPrivacy === undefined ? undefined : optsOutOfSale(usPrivacy);
  const problems: ConsentProblem[] = [];
  const meaningless: ConsentString[] = [];
  const refuse = (name: ConsentString, problem: string) => {
    meaningless.push(name);
    problems.push({ field: `consent.${name}`, problem });
  };
  if (tcf !== undefined && european === undefined) refuse("tcf", "is no whole TC string of TCF 2");
  if (gpp !== undefined && global === undefined) refuse("gpp", "is no whole GPP string");
  if (global !== undefined && global.unread.length > 0) {
    problems.push({ field: "consent.gpp", problem: `has sections that are not read: ${global.unread.join(", ")}` });
  }
  if (usPrivacy !== undefined && american === undefined) refuse("us_privacy", "is no US Privacy string of version 1");
  const answers: SignalAnswers[] = [];
  const add = (by: ConsentString, said: Omit<SignalAnswers, "by"> | undefined) => {
    if (said !== undefined) answers.push({ ...said, by });
  };
  add("tcf", european);
  add("gpp", global?.tcf);
  add("gpp", global?.canada);
  if (global?.optedOut === true) add("gpp", { answers: OPTED_OUT });
  if (american === true) add("us_privacy", { answers: OPTED_OUT });
  const gpc = global?.gpc === true;
  return { answers, gpc, tcf: [european, global?.tcf].filter((it) => it !== undefined), problems, meaningless };
}
