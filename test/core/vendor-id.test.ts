import { vendorId } from "../../src/core/vendor-id.ts";

const ID = "a1b2c3d4-0000-4111-8222-333344445555";

test.each([
  ["ios", ` ${ID.toUpperCase()} `, ID.toUpperCase()],
  ["ios", "00000000-0000-0000-0000-000000000000", undefined],
  ["ios", "+4915112345678", undefined],
  ["ios", undefined, undefined],
  ["android", ID, undefined],
] as const)("%s device with %p has the vendor id %p", (platform, given, id) => {
  const device = given === undefined ? {} : { vendor_id: given };
  expect(vendorId({ app: { platform }, device })).toBe(id);
  expect(vendorId({ device })).toBeUndefined();
});
