import { GppModel } from "@iabgpp/cmpapi";
import fc from "fast-check";
import { readGpp } from "../../src/core/gpp-string.ts";
import { readTcfCanada } from "../../src/core/tcf-canada.ts";
import { canadianString } from "../support/consent-strings.ts";

const purposes = fc.uniqueArray(fc.integer({ min: 1, max: 24 }));
const vendors = fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { maxLength: 20 });
const deciseconds = fc.integer({ min: 0, max: 2 ** 36 - 1 });
const flags = (ids: readonly number[]) => Array.from({ length: 24 }, (_, index) => ids.includes(index + 1));

test.each([
  ["express consent", [3, 4, 7], [], {}],
  ["implied consent", [], [3, 4, 7], {}],
  ["one of each", [3], [4, 7], {}],
  ["an objection to what is measured", [], [3, 4], { ad_user_data: "denied" }],
  ["an objection to a profile", [4, 7], [], { ad_personalization: "denied" }],
  ["nothing yet", [], [], { ad_user_data: "denied", ad_personalization: "denied" }],
  ["storage alone, which is not asked about there", [1], [1], { ad_user_data: "denied", ad_personalization: "denied" }],
])("%s", (_, express, implied, answers) => {
  const updatedAt = Date.UTC(2026, 4, 1);
  expect(readTcfCanada(canadianString({ express, implied, updatedAt }))).toEqual({ answers, updatedAt });
});

test("any purposes and vendors read as the IAB's library reads them", () => {
  fc.assert(
    fc.property(purposes, purposes, vendors, vendors, deciseconds, (express, implied, listed, silent, updated) => {
      const model = new GppModel();
      model.setFieldValue("tcfcav1", "PurposesExpressConsent", flags(express));
      model.setFieldValue("tcfcav1", "PurposesImpliedConsent", flags(implied));
      model.setFieldValue("tcfcav1", "VendorExpressConsent", listed);
      model.setFieldValue("tcfcav1", "VendorImpliedConsent", silent);
      model.setFieldValue("tcfcav1", "LastUpdated", new Date(updated * 100));
      const read = readGpp(model.encode());
      const isAllowed = (...ids: number[]) => ids.every((id) => express.includes(id) || implied.includes(id));
      expect(read?.unread).toEqual([]);
      expect(read?.canada?.answers).toEqual({
        ...(isAllowed(7) ? {} : { ad_user_data: "denied" }),
        ...(isAllowed(3, 4) ? {} : { ad_personalization: "denied" }),
      });
      expect(read?.canada?.updatedAt).toBe(updated * 100);
    }),
  );
});

test("what is written here is what the library reads", () => {
  const text = canadianString({ express: [2, 7], implied: [3, 10] });
  const model = new GppModel();
  model.setFieldValue("tcfcav1", "CmpId", 1);
  const [header] = model.encode().split("~");
  const read = new GppModel(`${header}~${text}`);
  expect(read.getFieldValue("tcfcav1", "PurposesExpressConsent")).toEqual(flags([2, 7]));
  expect(read.getFieldValue("tcfcav1", "PurposesImpliedConsent")).toEqual(flags([3, 10]));
  expect(read.getFieldValue("tcfcav1", "VendorExpressConsent")).toEqual([10, 20]);
});

test("a section that was cut off within its purposes, of another version or in another alphabet is no answer", () => {
  const whole = canadianString({ express: [3], implied: [] });
  for (let length = 0; length < 40; length += 1) expect(readTcfCanada(whole.slice(0, length))).toBeUndefined();
  expect(readTcfCanada(canadianString({ express: [3], implied: [], version: 2 }))).toBeUndefined();
  expect(readTcfCanada(`${whole}!`)).toBeUndefined();
  expect(readTcfCanada(`${whole}.`)).toBeUndefined();
});

test("any text is an answer or none, and is never thrown at", () => {
  const inAlphabet = fc.stringMatching(/^[A-Za-z0-9_.-]*$/, { maxLength: 400 });
  fc.assert(
    fc.property(fc.oneof(fc.string(), inAlphabet), fc.constantFrom("", "B"), (text, start) => {
      for (const said of Object.values(readTcfCanada(start + text)?.answers ?? {})) expect(said).toBe("denied");
    }),
  );
});
