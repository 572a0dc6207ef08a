import fc from "fast-check";
import { dashedGuid, isUuid } from "../../src/core/guid.ts";

test.each([
  "dd4afcccb1c94a4cad9544dd7e5006ab",
  "DD4AFCCCB1C94A4CAD9544DD7E5006AB",
  "DD4AFCCC-B1C9-4A4C-AD95-44DD7E5006AB",
  "dd4afcccb1c94a4cad9544dd7e5006ab-0",
  "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab-1",
])("%s is written one way", (text) => {
  expect(dashedGuid(text)).toBe("dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab");
});

test.each(["", "dd4afccc", "dd4afcccb1c94a4cad9544dd7e5006ab-2", "zd4afcccb1c94a4cad9544dd7e5006ab", " dd4a"])(
  "'%s' is no GUID",
  (text) => {
    expect(dashedGuid(text)).toBeUndefined();
  },
);

test("writing it again changes nothing", () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(dashedGuid(dashedGuid(uuid.replaceAll("-", "").toUpperCase()) ?? "")).toBe(uuid);
    }),
  );
});

test.each([
  ["dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab", true],
  ["DD4AFCCC-B1C9-4A4C-AD95-44DD7E5006AB", false],
  ["dd4afcccb1c94a4cad9544dd7e5006ab", false],
  ["dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab\n", false],
])("whether %j is a UUID as it is written: %p", (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});
