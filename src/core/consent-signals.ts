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
import { type GppString, readGpp } from "./gpp-string.ts";
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

/** What the strings of one event say. */
interface Signals {
  readonly answers: Readonly<Record<ConsentString, Answers>>;
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
 * The consent with what its strings answer as plain answers. Where the sender's own word and a string differ, or two
 * strings do, the refusal counts. No opt-out of American law is no grant: such a string refuses or says nothing. The
 * strings stay for platforms that take them, but for those that say nothing: a platform would read such a one in place of
 * our own words. Reading it again changes nothing.
 */
export function readSignals(consent: ConsentState): { consent: ConsentState; problems: readonly ConsentProblem[] } {
  if (CONSENT_STRINGS.every((name) => consent[name] === undefined)) return { consent, problems: [] };
  const { answers, gpc, meaningless, problems, tcf } = signalsOf(consent);
  const { answered_by: before, refused_to: _, ...state } = withoutConsentStrings(consent, meaningless);
  const answeredBy: Partial<Record<ConsentPurpose, ConsentString>> = {};
  for (const purpose of CONSENT_PURPOSES) {
    const said = before?.[purpose] === undefined ? consent[purpose] : undefined;
    const found = strictest(purpose, answers);
    delete state[purpose];
    if (found !== undefined && (said === undefined || (said === "granted" && found.value === "denied"))) {
      state[purpose] = found.value;
      answeredBy[purpose] = found.by;
    } else if (said !== undefined) state[purpose] = said;
  }
  const added = withoutEmpty({ answered_by: answeredBy, refused_to: vendorRefusals(tcf) });
  return { consent: { ...state, ...(gpc ? { gpc } : {}), ...added }, problems };
}

/** The event with its consent read, for everything that comes after. */
export function withSignals<Event extends { consent?: ConsentState }>(
  event: Event,
): { event: Event; problems: readonly ConsentProblem[] } {
  if (event.consent === undefined) return { event, problems: [] };
  const { consent, problems } = readSignals(event.consent);
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

function strictest(
  purpose: ConsentPurpose,
  answers: Signals["answers"],
): { value: ConsentValue; by: ConsentString } | undefined {
  for (const value of ["denied", "granted"] as const) {
    const by = CONSENT_STRINGS.find((name) => answers[name][purpose] === value);
    if (by !== undefined) return { value, by };
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
  return {
    answers: { tcf: european?.answers ?? {}, gpp: gppAnswers(global), us_privacy: american === true ? OPTED_OUT : {} },
    gpc: global?.gpc === true,
    tcf: [european, global?.tcf].filter((it) => it !== undefined),
    problems,
    meaningless,
  };
}

function gppAnswers(gpp: GppString | undefined): Answers {
  return { ...gpp?.tcf?.answers, ...(gpp?.optedOut === true ? OPTED_OUT : {}) };
}
