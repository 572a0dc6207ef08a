import { BitReader, isBase64Url } from "./bit-reader.ts";
import { readTcfCanada } from "./tcf-canada.ts";
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
  /** What the Canadian section refuses. */
  readonly canada?: ReturnType<typeof readTcfCanada>;
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
const TCF_CANADA = 5;
const US_PRIVACY = 6;

/** A layout of sections of the United States. */
interface StateLayout {
  /** Where the opt-outs of sale, of sharing and of targeted advertising are: bits from the start of the core segment. */
  readonly optOuts: readonly number[];
  /** The newest version whose opt-outs stand there; where it is not the first, it only added behind them. */
  readonly newest: number;
  /** What follows the core may be the browser's signal, and not consents for sensitive data, which look like it. */
  readonly hasGpc: boolean;
}

/**
 * Opt-outs take two bits, and 1 is "opted out". What a section says of sensitive data, of children and of data that is used
 * for more than was said is not read. Maryland, Indiana, Kentucky and Rhode Island are read as the IAB's library writes
 * them. Their drafts for public comment put a header before that, which begins with the number of the section in place of a
 * version: such a section is not read, since it is not said how header and core are parted.
 * Source: https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform/tree/main/Sections
 */
const STATES: ReadonlyMap<number, StateLayout> = new Map<number, StateLayout>([
  // The whole country.
  ...laidOut("7", { optOuts: [18, 20, 22], newest: 2 }),
  // California, which has no word for targeted advertising. Virginia, Colorado, Connecticut, Florida, Montana, Oregon,
  // Texas, Delaware, Nebraska, New Hampshire, New Jersey, Tennessee and Minnesota, which have none for sharing.
  ...laidOut("8 9 10 12 13 14 15 16 17 19 20 21 22 23", { optOuts: [12, 14] }),
  // Utah and Iowa.
  ...laidOut("11 18", { optOuts: [14, 16] }),
  // Maryland.
  ...laidOut("24", { optOuts: [16, 18] }),
  // Indiana, Kentucky and Rhode Island.
  ...laidOut("25 26 27", { optOuts: [16, 18], hasGpc: false }),
]);

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
      if (found.canada !== undefined) read.canada = found.canada;
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
  if (id === TCF_CANADA) {
    const canada = readTcfCanada(text);
    return canada === undefined ? undefined : { canada };
  }
  const layout = STATES.get(id);
  return layout === undefined ? undefined : readState(text, layout);
}

function readState(text: string, { hasGpc, newest, optOuts }: StateLayout): Partial<GppString> | undefined {
  const segments = text.split(".");
  const [core, ...more] = segments;
  if (core === undefined || !segments.every(isBase64Url)) return undefined;
  const bits = new BitReader(core);
  const version = bits.take(VERSION_BITS);
  if (version < 1 || version > newest) return undefined;
  const answers = optOuts.map((at) => {
    bits.skip(at - bits.at);
    return bits.take(2);
  });
  if (bits.isSpent) return undefined;
  return { optedOut: answers.includes(OPTED_OUT), gpc: hasGpc && more.some(saysGpc) };
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

function laidOut(ids: string, layout: Partial<StateLayout> & Pick<StateLayout, "optOuts">): [number, StateLayout][] {
  return ids.split(" ").map((id) => [Number(id), { newest: 1, hasGpc: true, ...layout }]);
}
