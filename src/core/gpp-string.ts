import { BitReader, isBase64Url } from "./bit-reader.ts";
import { LONGEST_CONSENT_STRING, readTcf, type TcfString } from "./tcf-string.ts";
import { optsOutOfSale } from "./us-privacy.ts";

/** What a GPP string says, as far as it is read. */
export interface GppString {
  /** The person opted out of sale, of sharing or of targeted advertising, in a section that applies. */
  readonly optedOut: boolean;
  /** A section says that the browser sent Global Privacy Control. */
  readonly gpc: boolean;
  /** The European section. */
  readonly tcf?: TcfString;
  /** Sections that apply and could not be read: unknown ones, and those that do not decode. */
  readonly unread: readonly number[];
}

/** The header's type: "D" as its first letter, which no TC string begins with. */
const GPP_TYPE = 3;
const GPP_VERSION = 1;
/** Sections that one text may have: there are 27, and the numbers of those that are not read are written down. */
const MOST_SECTIONS = 60;
/** Longest number that is read of the header, in bits with its end: no section has a number of five digits. */
const LONGEST_FIBONACCI = 24;

const TCF_EU = 2;
const US_PRIVACY = 6;

/**
 * Where the sections of the United States keep the opt-outs of sale, of sharing and of targeted advertising: bits from the
 * start of the core segment. Each takes two bits, and 1 is "opted out". What a section says of sensitive data, of children
 * and of data that is used for more than was said is not read. Indiana, Kentucky, Maryland and Rhode Island (24 to 27) are
 * left out: the text of their drafts and the IAB's own library differ in the layout.
 * Source: https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform/tree/main/Sections
 */
const OPT_OUTS: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  // The whole country.
  [7, [18, 20, 22]],
  // California, which has no word for targeted advertising.
  [8, [12, 14]],
  // Utah and Iowa.
  [11, [14, 16]],
  [18, [14, 16]],
  // Virginia, Colorado, Connecticut, Florida, Montana, Oregon, Texas, Delaware, Nebraska, New Hampshire, New Jersey,
  // Tennessee and Minnesota.
  ...listed("9 10 12 13 14 15 16 17 19 20 21 22 23", [12, 14]),
]);
/** The newest version whose opt-outs stand there; where it is not the first, it only added behind them. */
const NEWEST: ReadonlyMap<number, number> = new Map([[7, 2]]);

const VERSION_BITS = 6;
const OPTED_OUT = 1;
/** Of a segment behind the core. */
const GPC_SEGMENT = 1;

/**
 * Reads a GPP string. `applicable` are the sections that apply to this visit (`gpp_sid`): the others are not looked at.
 * Without it, or with one that says "not known yet" (0), all of them do. Undefined for what is no GPP string.
 */
export function readGpp(text: string, applicable: readonly number[] = []): GppString | undefined {
  if (text.length > LONGEST_CONSENT_STRING) return undefined;
  const [header = "", ...sections] = text.split("~");
  const ids = sectionIds(header, sections.length);
  if (ids === undefined) return undefined;
  const appliesAll = applicable.length === 0 || applicable.includes(0);
  const read: { -readonly [Field in keyof GppString]: GppString[Field] } & { unread: number[] } = {
    optedOut: false,
    gpc: false,
    unread: [],
  };
  ids.forEach((id, index) => {
    if (!appliesAll && !applicable.includes(id)) return;
    const found = readSection(id, sections[index] ?? "");
    if (found === undefined) read.unread.push(id);
    else {
      read.optedOut ||= found.optedOut === true;
      read.gpc ||= found.gpc === true;
      if (found.tcf !== undefined) read.tcf = found.tcf;
    }
  });
  return read;
}

function readSection(id: number, text: string): Partial<Omit<GppString, "unread">> | undefined {
  if (id === TCF_EU) {
    const tcf = readTcf(text);
    return tcf === undefined ? undefined : { tcf };
  }
  if (id === US_PRIVACY) {
    const optedOut = optsOutOfSale(text);
    return optedOut === undefined ? undefined : { optedOut };
  }
  const places = OPT_OUTS.get(id);
  return places === undefined ? undefined : readStates(text, places, NEWEST.get(id) ?? 1);
}

function readStates(text: string, places: readonly number[], newest: number): Partial<GppString> | undefined {
  const segments = text.split(".");
  const [core, ...more] = segments;
  if (core === undefined || !segments.every(isBase64Url)) return undefined;
  const bits = new BitReader(core);
  const version = bits.take(VERSION_BITS);
  if (version < 1 || version > newest) return undefined;
  const answers = places.map((at) => {
    bits.skip(at - bits.at);
    return bits.take(2);
  });
  if (bits.isSpent) return undefined;
  return { optedOut: answers.includes(OPTED_OUT), gpc: more.some(saysGpc) };
}

function saysGpc(segment: string): boolean {
  const bits = new BitReader(segment);
  return bits.take(2) === GPC_SEGMENT && bits.take(1) === 1;
}

/** The sections in their order, as many as there are texts; undefined when the header is none or names others. */
function sectionIds(header: string, count: number): number[] | undefined {
  if (count > MOST_SECTIONS || !isBase64Url(header)) return undefined;
  const bits = new BitReader(header);
  if (bits.take(6) !== GPP_TYPE || bits.take(6) !== GPP_VERSION) return undefined;
  const ids: number[] = [];
  let last = 0;
  for (let groups = bits.take(12); groups > 0; groups -= 1) {
    const isRange = bits.take(1) === 1;
    const first = last + fibonacci(bits);
    last = isRange ? first + fibonacci(bits) : first;
    // Checked before they are written out: a range of millions takes four letters.
    const isPlausible = first >= 1 && ids.length + last - first < count;
    if (bits.isSpent || !isPlausible) return undefined;
    for (let id = first; id <= last; id += 1) ids.push(id);
  }
  return ids.length === count && count > 0 ? ids : undefined;
}

/**
 * A number in Fibonacci coding: a bit for each Fibonacci number from 1 and 2 upwards, ended by a second 1 in a row. NaN
 * when it does not end.
 */
function fibonacci(bits: BitReader): number {
  let [value, current, next, before] = [0, 1, 2, 0];
  for (let index = 0; index < LONGEST_FIBONACCI; index += 1) {
    const bit = bits.take(1);
    if (bit === 1 && before === 1) return value;
    value += bit * current;
    [current, next, before] = [next, current + next, bit];
  }
  return Number.NaN;
}

function listed(ids: string, places: readonly number[]): [number, readonly number[]][] {
  return ids.split(" ").map((id) => [Number(id), places]);
}
