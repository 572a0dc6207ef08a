import { BitReader, isBase64Url } from "./bit-reader.ts";
import type { ConsentPurpose, ConsentValue } from "./consent.ts";

/** The purposes that a TC string answers: never `analytics_storage`, which the framework has no word for. */
export type TcfAnswers = Readonly<Partial<Record<ConsentPurpose, ConsentValue>>>;

/** What a TC string says, as far as somebody has to know it who passes conversions on. */
export interface TcfString {
  /** What the person granted to the site. */
  readonly answers: TcfAnswers;
  /** When the consent manager last wrote it, epoch ms: most give the day only. 0 when it does not say. */
  readonly updatedAt: number;
  /**
   * What of it holds for this vendor of the Global Vendor List: nothing is granted to one without consent of its own, nor
   * for a purpose that the publisher has restricted for it.
   */
  answersFor(vendorId: number): TcfAnswers;
}

/** Longest text that is looked at: far beyond what a consent manager writes for every vendor there is. */
export const LONGEST_CONSENT_STRING = 20_000;

/** Of the core's fixed part, bits. Source: IAB Tech Lab, "Consent string and vendor list formats v2". */
const VERSION_BITS = 6;
const CREATED_BITS = 36;
const BEFORE_PURPOSES_BITS = 152;
const PURPOSE_COUNT = 24;
const COUNTRY_BITS = 12;

/** Of publisher restrictions: the vendor may not use the purpose, or not on the ground of consent. */
const NOT_BY_CONSENT: ReadonlySet<number> = new Set([0, 2]);

type VendorSet = (vendorId: number) => boolean;

/**
 * Reads a TC string of TCF 2. Undefined for anything else, and for one that ends too soon: half an answer is none.
 * Only consent counts, never a legitimate interest. Vendors are looked up where they stand: a short string can name
 * ranges of tens of thousands of vendors thousands of times, and whoever writes them all out runs out of memory.
 */
export function readTcf(text: string): TcfString | undefined {
  const segments = text.split(".");
  const [core] = segments;
  if (core === undefined || text.length > LONGEST_CONSENT_STRING || !segments.every(isBase64Url)) return undefined;
  const bits = new BitReader(core);
  if (bits.take(VERSION_BITS) !== 2) return undefined;
  bits.skip(CREATED_BITS);
  const updatedAt = bits.takeTime();
  bits.skip(BEFORE_PURPOSES_BITS - bits.at);
  const purposes = bits.at;
  const isGranted = (id: number) => bits.bit(purposes + id - 1) === 1;
  bits.skip(2 * PURPOSE_COUNT);
  const nobodyWasAskedAboutStorage = bits.take(1) === 1;
  bits.skip(COUNTRY_BITS);
  const consented = vendorsAt(bits);
  // Of legitimate interests, read only to get past them.
  vendorsAt(bits);
  const restricted = restrictionsAt(bits);
  if (bits.isSpent) return undefined;
  return {
    answers: answersOf(isGranted, nobodyWasAskedAboutStorage),
    updatedAt,
    answersFor(vendor) {
      const isConsented = consented(vendor);
      const isFree = (purpose: number) => !restricted.some((it) => it.purpose === purpose && it.vendors(vendor));
      return answersOf((purpose) => isConsented && isGranted(purpose) && isFree(purpose), nobodyWasAskedAboutStorage);
    },
  };
}

/**
 * Google's mapping: purpose 1 is `ad_storage`, 1 and 7 are `ad_user_data`, 3 and 4 are `ad_personalization`. Where the
 * publisher's country asks nobody about purpose 1, that purpose grants and denies nothing.
 * Source: https://developers.google.com/tag-platform/security/guides/implement-TCF-strings
 */
function answersOf(isGranted: (purpose: number) => boolean, nobodyWasAskedAboutStorage: boolean): TcfAnswers {
  const all = (...ids: number[]): ConsentValue => (ids.every(isGranted) ? "granted" : "denied");
  const personalization = { ad_personalization: all(3, 4) };
  if (!nobodyWasAskedAboutStorage) return { ad_storage: all(1), ad_user_data: all(1, 7), ...personalization };
  return isGranted(7) ? personalization : { ad_user_data: "denied", ...personalization };
}

/** A list of vendors: a bit for each, or ranges. */
function vendorsAt(bits: BitReader): VendorSet {
  const last = bits.take(16);
  if (bits.take(1) === 1) return rangesAt(bits);
  const first = bits.at;
  bits.skip(last);
  return (id) => id >= 1 && id <= last && bits.bit(first + id - 1) === 1;
}

function rangesAt(bits: BitReader): VendorSet {
  const ranges: [from: number, to: number][] = [];
  // Each turn reads on, so that what ends too soon ends the loop: the count alone may be far beyond the text.
  for (let left = bits.take(12); left > 0 && !bits.isSpent; left -= 1) {
    const isRange = bits.take(1) === 1;
    const from = bits.take(16);
    ranges.push([from, isRange ? bits.take(16) : from]);
  }
  return (id) => ranges.some(([from, to]) => id >= from && id <= to);
}

/** What the publisher has taken from vendors that rely on consent. */
function restrictionsAt(bits: BitReader): { purpose: number; vendors: VendorSet }[] {
  const restricted: ReturnType<typeof restrictionsAt> = [];
  for (let left = bits.take(12); left > 0 && !bits.isSpent; left -= 1) {
    const purpose = bits.take(6);
    const type = bits.take(2);
    const vendors = rangesAt(bits);
    if (NOT_BY_CONSENT.has(type)) restricted.push({ purpose, vendors });
  }
  return restricted;
}
