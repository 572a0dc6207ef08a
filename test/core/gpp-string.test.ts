import { GppModel, HeaderV1 } from "@iabgpp/cmpapi";
import fc from "fast-check";
import { readGpp } from "../../src/core/gpp-string.ts";
import { base64Url, fibonacci, gppString, number, tcString } from "../support/consent-strings.ts";

/** Sections that are read, by the library's names for them; the fields of each are the library's, too. */
const STATES = [
  ..."usnat usca usva usco usut usct usfl usmt usor ustx usde usia usne usnh usnj ustn usmn usmd usin usky usri".split(
    " ",
  ),
] as const;
const OPT_OUTS = ["SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"];

const choice = fc.constantFrom(0, 1, 2);
const section = fc.record({
  name: fc.constantFrom(...STATES),
  choices: fc.tuple(choice, choice, choice),
  others: fc.array(choice, { minLength: 4, maxLength: 4 }),
  gpc: fc.option(fc.boolean(), { nil: undefined }),
});
const sections = fc.uniqueArray(section, { selector: ({ name }) => name, minLength: 1, maxLength: 6 });
type Section = typeof section extends fc.Arbitrary<infer Value> ? Value : never;

/** The string as the IAB's library writes it. */
function written(given: readonly Section[]): { text: string; model: GppModel } {
  const model = new GppModel();
  for (const { name, choices, others, gpc } of given) {
    model.setFieldValue(name, "SaleOptOutNotice", others[0]);
    OPT_OUTS.forEach((field, index) => {
      if (hasField(model, name, field)) model.setFieldValue(name, field, choices[index]);
    });
    if (gpc !== undefined && hasField(model, name, "Gpc")) {
      model.setFieldValue(name, "GpcSegmentIncluded", true);
      model.setFieldValue(name, "Gpc", gpc);
    } else if (hasField(model, name, "GpcSegmentIncluded")) {
      model.setFieldValue(name, "GpcSegmentIncluded", false);
    }
  }
  return { text: model.encode(), model: new GppModel(model.encode()) };
}

function hasField(model: GppModel, name: string, field: string): boolean {
  return model.hasField(name, field);
}

test("any sections of the United States read as the IAB's library reads them", () => {
  fc.assert(
    fc.property(sections, (given) => {
      const { text, model } = written(given);
      const said = given.map(({ name }) => ({
        optedOut: OPT_OUTS.some((field) => hasField(model, name, field) && model.getFieldValue(name, field) === 1),
        gpc:
          hasField(model, name, "Gpc") &&
          model.encodeSection(name).includes(".") &&
          model.getFieldValue(name, "Gpc") === true,
      }));
      expect(readGpp(text)).toEqual({
        optedOut: said.some(({ optedOut }) => optedOut),
        gpc: said.some(({ gpc }) => gpc),
        unread: [],
      });
    }),
  );
});

test("each section is read by itself: an opt-out in any one of them is found", () => {
  for (const name of STATES) {
    for (const field of OPT_OUTS) {
      const model = new GppModel();
      model.setFieldValue(name, "SaleOptOut", 2);
      if (!hasField(model, name, field)) continue;
      expect({ name, ...readGpp(model.encode()) }).toMatchObject({ name, optedOut: false, unread: [] });
      model.setFieldValue(name, field, 1);
      expect({ name, field, ...readGpp(model.encode()) }).toMatchObject({ name, field, optedOut: true });
    }
  }
});

test("the first version of the whole country's section, which was shorter, is read as well", () => {
  const model = new GppModel();
  model.setFieldValue("usnat", "Version", 1);
  model.setFieldValue("usnat", "TargetedAdvertisingOptOut", 1);
  expect(readGpp(model.encode())).toMatchObject({ optedOut: true, unread: [] });
});

describe("the sections of other kinds", () => {
  const tcf = tcString({ purposes: [1, 7], vendors: { ids: [755] } });

  test("Europe's is a TC string", () => {
    const read = readGpp(gppString({ 2: tcf }));
    expect(read?.tcf?.answers).toEqual({
      ad_storage: "granted",
      ad_user_data: "granted",
      ad_personalization: "denied",
    });
    expect(read?.unread).toEqual([]);
  });

  test.each([
    ["1YYN", true],
    ["1YNN", false],
    ["1---", false],
  ])("US Privacy's %s opts out: %s", (text, optedOut) => {
    expect(readGpp(gppString({ 6: text }))).toEqual({ optedOut, gpc: false, unread: [] });
  });

  test("what is not read is named: unknown numbers, and what does not decode", () => {
    const read = readGpp(gppString({ 2: "CPX", 5: "BPX", 6: "2YNN", 7: "!", 8: "BV", 24: "B", 40: "BAAAA" }));
    expect(read).toEqual({ optedOut: false, gpc: false, unread: [2, 5, 6, 7, 8, 24, 40] });
  });

  test.each([24, 25, 26, 27])("section %i with the header of its draft is not read, and not misread", (id) => {
    const header = [number(id, 6), number(1, 6), number(1, 12), "0", fibonacci(1)].join("");
    const core = number(1, 6) + number(0, 10) + number(0b0101, 4) + number(0, 10);
    for (const text of [base64Url(header + core), `${base64Url(header)}.${base64Url(core)}`]) {
      expect(readGpp(gppString({ [id]: text }))).toEqual({ optedOut: false, gpc: false, unread: [id] });
    }
  });

  test.each(["usin", "usky", "usri"])("%s: consents for sensitive data are no signal of the browser", (name) => {
    const model = new GppModel();
    model.setFieldValue(name, "SensitiveDataConsentSegmentIncluded", true);
    model.setFieldValue(name, "SensitiveDataProcessing", [1, 2, 2, 2, 2, 2, 2, 2]);
    expect(model.encodeSection(name)).toContain(".");
    expect(readGpp(model.encode())).toEqual({ optedOut: false, gpc: false, unread: [] });
  });

  test("a section that cannot be read takes nothing from the others", () => {
    expect(readGpp(gppString({ 5: "BPX", 6: "1YYN" }))).toEqual({ optedOut: true, gpc: false, unread: [5] });
  });

  test("a newer version of a section may have moved its fields", () => {
    const optedOut = base64Url(number(1, 6) + number(0, 6) + number(1, 2) + number(0, 32));
    expect(readGpp(gppString({ 8: optedOut }))).toMatchObject({ optedOut: true, unread: [] });
    const newer = base64Url(number(2, 6) + number(0, 6) + number(1, 2) + number(0, 32));
    expect(readGpp(gppString({ 8: newer }))).toMatchObject({ optedOut: false, unread: [8] });
  });
});

describe("the sections that apply", () => {
  const text = gppString({ 6: "1YYN", 16: base64Url(number(1, 6) + number(0, 36)) });

  test.each<[number[] | undefined, boolean]>([
    [undefined, true],
    [[], true],
    [[0], true],
    [[6], true],
    [[6, 16], true],
    [[16], false],
    [[-1], false],
  ])("%j", (applicable, optedOut) => {
    expect(readGpp(text, applicable)?.optedOut).toBe(optedOut);
  });

  test("what is not read and does not apply is nobody's problem", () => {
    expect(readGpp(gppString({ 5: "BPX", 6: "1YNN" }), [6])?.unread).toEqual([]);
  });
});

describe("the header", () => {
  const header = (entries: string, count: number) =>
    base64Url(number(3, 6) + number(1, 6) + number(count, 12) + entries);

  test("may name sections as a range", () => {
    const range = `1${fibonacci(6)}${fibonacci(2)}`;
    const notOptedOut = base64Url(number(1, 6) + number(0, 40));
    expect(readGpp(`${header(range, 1)}~1YYN~${notOptedOut}~${notOptedOut}`)).toEqual({
      optedOut: true,
      gpc: false,
      unread: [],
    });
  });

  test("of any sections is read as the IAB's library reads it", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(ids, (given) => {
        const sorted = given.toSorted((a, b) => a - b);
        const text = gppString(Object.fromEntries(sorted.map((id) => [id, "!"])));
        expect(new HeaderV1(text.split("~")[0]).getFieldValue("SectionIds")).toEqual(sorted);
        expect(readGpp(text)?.unread).toEqual(sorted);
      }),
    );
  });

  test.each([
    ["nothing", ""],
    ["a header that was cut off", "DBA"],
    ["a header without sections", gppString({})],
    ["a TC string", tcString({ purposes: [1] })],
    ["more sections than there are", gppString({ 6: "1YYN" }).split("~")[0] ?? ""],
    ["fewer sections than there are", `${gppString({ 6: "1YYN" })}~1YYN`],
    ["a section number that does not end", `${header("0".repeat(60), 1)}~1YYN`],
    ["a range of millions", `${header(`1${fibonacci(1)}${"0".repeat(30)}11`, 1)}~1YYN`],
    ["more sections than there can be", `${header(`1${fibonacci(1)}${fibonacci(99)}`, 1)}${"~1YYN".repeat(100)}`],
    ["more groups than fit", `${header(`0${fibonacci(6)}`, 4095)}~1YYN`],
    ["another version", `${base64Url(number(3, 6) + number(2, 6) + number(0, 12))}`],
    ["another alphabet", "DB?BMA~1YYN"],
  ])("with %s is no answer", (_, text) => {
    expect(readGpp(text)).toBeUndefined();
  });

  test("any text is an answer or none, and is never thrown at", () => {
    const inAlphabet = fc.stringMatching(/^[A-Za-z0-9_.~-]*$/, { maxLength: 400 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), inAlphabet), fc.constantFrom("", "DB", "DBABMA~"), (text, start) => {
        const read = readGpp(start + text);
        if (read !== undefined) expect(typeof read.optedOut).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});
