import { TCString } from "@iabtcf/core";
import fc from "fast-check";
import { readTcf } from "../../src/core/tcf-string.ts";
import { base64Url, number, tcString, type VendorField } from "../support/consent-strings.ts";

const GOOGLE = 755;

const purposes = fc.uniqueArray(fc.integer({ min: 1, max: 24 }));
const vendorId = fc.integer({ min: 1, max: 1500 });
// In ascending order and apart, as consent managers write them.
const ranges = fc
  .uniqueArray(fc.integer({ min: 1, max: 60_000 }), { maxLength: 24 })
  .map((ids) => ids.toSorted((a, b) => a - b))
  .map((ids) => ids.flatMap((id, index) => (index % 2 === 0 ? [[id, ids[index + 1] ?? id] as const] : [])));
const vendors: fc.Arbitrary<VendorField> = fc.oneof(
  fc.record({ ids: fc.uniqueArray(vendorId, { maxLength: 40 }) }),
  fc.record({ ranges }),
);

test.each([
  [[1, 2, 3, 4, 7, 9], "granted", "granted", "granted"],
  [[], "denied", "denied", "denied"],
  [[1, 7], "granted", "granted", "denied"],
  [[1, 3], "granted", "denied", "denied"],
  [[1, 4], "granted", "denied", "denied"],
  [[3, 4, 7], "denied", "denied", "granted"],
])("purposes %j", (granted, ad_storage, ad_user_data, ad_personalization) => {
  expect(readTcf(tcString({ purposes: granted }))?.answers).toEqual({ ad_storage, ad_user_data, ad_personalization });
});

test("a string of the specification's own example is read as the IAB's library reads it", () => {
  const text =
    "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw";
  const { purposeConsents, vendorConsents } = TCString.decode(text);
  expect([...purposeConsents].filter(([, is]) => is).map(([id]) => id)).toEqual([1, 2, 3]);
  expect([...vendorConsents].filter(([, is]) => is).map(([id]) => id)).toEqual([2, 6, 8]);
  expect(readTcf(text)?.answers).toEqual({
    ad_storage: "granted",
    ad_user_data: "denied",
    ad_personalization: "denied",
  });
  expect(readTcf(text)?.answersFor(2).ad_storage).toBe("granted");
  expect(readTcf(text)?.answersFor(7).ad_storage).toBe("denied");
});

test("any purposes and vendors read as the IAB's library reads them", () => {
  fc.assert(
    fc.property(purposes, vendors, fc.array(vendorId), (granted, field, asked) => {
      const text = tcString({ purposes: granted, vendors: field });
      const { purposeConsents, vendorConsents } = TCString.decode(text);
      const all = (...ids: number[]) => (ids.every((id) => purposeConsents.has(id)) ? "granted" : "denied");
      const answers = { ad_storage: all(1), ad_user_data: all(1, 7), ad_personalization: all(3, 4) };
      const nothing = { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied" };
      const read = readTcf(text);
      expect(read?.answers).toEqual(answers);
      const listed = "ids" in field ? field.ids : field.ranges.flat();
      for (const id of [...asked, ...listed, ...listed.map((one) => one + 1)]) {
        expect(read?.answersFor(id)).toEqual(vendorConsents.has(id) ? answers : nothing);
      }
    }),
  );
});

test("when it was written last is read as the IAB's library reads it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 36 - 1 }), (deciseconds) => {
      const text = tcString({ purposes: [1], updatedAt: deciseconds * 100 });
      expect(readTcf(text)?.updatedAt).toBe(TCString.decode(text).lastUpdated.getTime());
    }),
  );
});

describe("what a publisher restricts", () => {
  const everything = [1, 2, 3, 4, 7];
  const restricted = (purpose: number, type: number) =>
    readTcf(
      tcString({
        purposes: everything,
        vendors: { ids: [32, GOOGLE] },
        restrictions: [
          { purpose: 9, type: 0, ranges: [[1, 900]] },
          { purpose, type, ranges: [[700, 800]] },
        ],
      }),
    );

  test.each([
    [1, 0, { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "granted" }],
    [4, 0, { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "denied" }],
    [7, 2, { ad_storage: "granted", ad_user_data: "denied", ad_personalization: "granted" }],
    [7, 1, { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" }],
    [2, 0, { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" }],
  ])("of purpose %i by type %i is taken from the vendors named, and from nobody else", (purpose, type, answers) => {
    const read = restricted(purpose, type);
    expect(read?.answersFor(GOOGLE)).toEqual(answers);
    expect(read?.answersFor(32)).toEqual(read?.answers);
    expect(new Set(Object.values(read?.answers ?? {}))).toEqual(new Set(["granted"]));
  });
});

test("where nobody was asked about purpose 1 it grants nothing and denies nothing", () => {
  const treated = (granted: number[]) => readTcf(tcString({ purposes: granted, purposeOneTreatment: true }))?.answers;
  expect(treated([3, 4, 7])).toEqual({ ad_personalization: "granted" });
  expect(treated([3, 4])).toEqual({ ad_user_data: "denied", ad_personalization: "granted" });
});

test("segments after the core change nothing", () => {
  const text = tcString({ purposes: [1, 7] });
  expect(readTcf(`${text}.YAAAAAAAAAAA`)?.answers).toEqual(readTcf(text)?.answers);
});

test.each([
  ["nothing", ""],
  ["a string of TCF 1", tcString({ purposes: [1], version: 1 })],
  ["a version that is not there yet", tcString({ purposes: [1], version: 3 })],
  ["another alphabet", `${tcString({ purposes: [1] })}!`],
  ["an empty segment", `${tcString({ purposes: [1] })}.`],
  ["a GPP string", "DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"],
  ["more than any consent manager writes", `${tcString({ purposes: [1] })}.${"A".repeat(20_000)}`],
])("%s is no answer", (_, text) => {
  expect(readTcf(text)).toBeUndefined();
});

test("a string that was cut off is no answer, wherever it was cut", () => {
  const whole = tcString({
    purposes: [1, 2, 3, 4, 7],
    vendors: { ranges: [[1, GOOGLE]] },
    restrictions: [{ purpose: 2, type: 0, ranges: [[5, 9]] }],
  });
  expect(readTcf(whole)).toBeDefined();
  for (let length = 0; length < whole.length; length += 1) expect(readTcf(whole.slice(0, length))).toBeUndefined();
});

describe("hostile text", () => {
  const inAlphabet = fc.stringMatching(/^[A-Za-z0-9_-]*$/, { maxLength: 400 });

  test("of any kind is an answer or none, and is never thrown at", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), inAlphabet), fc.constantFrom("", "C", "COvFyGBOvFyGB"), (text, start) => {
        const read = readTcf(start + text);
        if (read !== undefined) expect(Object.values(read.answersFor(GOOGLE))).not.toContain(undefined);
      }),
      { numRuns: 500 },
    );
  });

  /** Every vendor there can be, as often as the text has room for: written out it would be 236 million entries. */
  const everyVendorAgain = () => {
    const head = tcString({ purposes: [1, 3, 4, 7] });
    const beforeVendors = 213;
    const bits = [...head]
      .map((letter) => number(base64UrlValue(letter), 6))
      .join("")
      .slice(0, beforeVendors);
    const entries = Array.from({ length: 3600 }, () => `1${number(1, 16)}${number(65_535, 16)}`).join("");
    return base64Url(`${bits}${number(65_535, 16)}1${number(3600, 12)}${entries}${number(0, 17)}${number(0, 12)}`);
  };

  test("that names every vendor thousands of times is read without writing them out", () => {
    const text = everyVendorAgain();
    expect(text.length).toBeGreaterThan(19_000);
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(readTcf(text)?.answersFor(GOOGLE)).toEqual(readTcf(text)?.answers);
  });

  test("that promises more restrictions than it has ends with the text", () => {
    const [head] = tcString({ purposes: [1] }).match(/^.*(?=AA$)/) ?? [];
    expect(readTcf(`${head}${"_".repeat(19_000)}`)).toBeUndefined();
  });
});

function base64UrlValue(letter: string): number {
  return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(letter);
}
