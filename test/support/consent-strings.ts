const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Vendors as a TC string holds them: a bit for each up to the last, or ranges. */
export type VendorField =
  | { readonly ids: readonly number[] }
  | { readonly ranges: readonly (readonly [number, number])[] };

/** What a TC string says; everything else in it is as a consent manager on a German site would write it. */
export interface TcParts {
  readonly purposes: readonly number[];
  readonly vendors?: VendorField;
  readonly restrictions?: readonly { purpose: number; type: number; ranges: readonly (readonly [number, number])[] }[];
  readonly purposeOneTreatment?: boolean;
  readonly version?: number;
  /** Epoch ms; a moment of 2017 when it is left out. */
  readonly updatedAt?: number;
}

/** A TC string, written bit by bit after the IAB's specification and not by any decoder's code. */
export function tcString({ purposes, vendors = { ids: [] }, restrictions = [], ...more }: TcParts): string {
  const deciseconds = Math.floor((more.updatedAt ?? 1_500_000_000_000) / 100);
  const core = [
    number(more.version ?? 2, 6),
    number(deciseconds, 36),
    number(deciseconds, 36),
    number(300, 12),
    number(2, 12),
    number(1, 6),
    letters("DE"),
    number(48, 12),
    number(4, 6),
    "10",
    number(0, 12),
    flags(purposes, 24),
    flags([2, 7, 8, 9, 10], 24),
    more.purposeOneTreatment === true ? "1" : "0",
    letters("DE"),
    vendorField(vendors),
    vendorField({ ids: [10, 20] }),
    number(restrictions.length, 12),
    ...restrictions.map(({ purpose, type, ranges }) => number(purpose, 6) + number(type, 2) + rangeField(ranges)),
  ];
  return base64Url(core.join(""));
}

/** What a section of TCF Canada says; vendors are what this pipeline does not look at. */
export interface CanadianParts {
  readonly express: readonly number[];
  readonly implied: readonly number[];
  readonly version?: number;
  /** Epoch ms. */
  readonly updatedAt?: number;
}

/** A section of TCF Canada, written bit by bit after its specification. */
export function canadianString({
  express,
  implied,
  updatedAt = 1_500_000_000_000,
  version = 1,
}: CanadianParts): string {
  const deciseconds = Math.floor(updatedAt / 100);
  const core = [
    number(version, 6),
    number(deciseconds, 36),
    number(deciseconds, 36),
    number(300, 12),
    number(2, 12),
    number(1, 6),
    letters("FR"),
    number(48, 12),
    number(4, 6),
    "0",
    number(0, 12),
    flags(express, 24),
    flags(implied, 24),
    vendorField({ ids: [10, 20] }),
    vendorField({ ids: [] }),
    number(0, 12),
  ];
  return base64Url(core.join(""));
}

/** A GPP string with these sections, given by their ids. */
export function gppString(sections: Readonly<Record<number, string>>): string {
  const ids = Object.keys(sections).map(Number);
  let last = 0;
  const entries = ids.map((id) => {
    const entry = `0${fibonacci(id - last)}`;
    last = id;
    return entry;
  });
  const header = base64Url(number(3, 6) + number(1, 6) + number(ids.length, 12) + entries.join(""));
  return [header, ...ids.map((id) => sections[id])].join("~");
}

/** Bits as base64url text, filled up with zeros. */
export function base64Url(bits: string): string {
  return (bits.match(/.{1,6}/g) ?? []).map((six) => ALPHABET[Number.parseInt(six.padEnd(6, "0"), 2)]).join("");
}

/** A number in so many bits. */
export function number(value: number, width: number): string {
  return value.toString(2).padStart(width, "0");
}

/** A number in Fibonacci coding. */
export function fibonacci(value: number): string {
  const numbers = [1, 2];
  while ((numbers.at(-1) ?? 0) <= value) numbers.push((numbers.at(-1) ?? 0) + (numbers.at(-2) ?? 0));
  let rest = value;
  const bits = numbers.toReversed().map((one) => {
    if (one > rest) return "0";
    rest -= one;
    return "1";
  });
  return `${bits.join("").replace(/^0+/, "").split("").toReversed().join("")}1`;
}

function letters(text: string): string {
  return [...text].map((letter) => number(letter.charCodeAt(0) - "A".charCodeAt(0), 6)).join("");
}

function flags(ids: readonly number[], count: number): string {
  return Array.from({ length: count }, (_, index) => (ids.includes(index + 1) ? "1" : "0")).join("");
}

function vendorField(field: VendorField): string {
  if ("ids" in field) {
    const last = Math.max(0, ...field.ids);
    return `${number(last, 16)}0${flags(field.ids, last)}`;
  }
  return `${number(Math.max(0, ...field.ranges.map(([, to]) => to)), 16)}1${rangeField(field.ranges)}`;
}

function rangeField(ranges: readonly (readonly [number, number])[]): string {
  const entries = ranges.map(([from, to]) =>
    from === to ? `0${number(from, 16)}` : `1${number(from, 16)}${number(to, 16)}`,
  );
  return number(ranges.length, 12) + entries.join("");
}
