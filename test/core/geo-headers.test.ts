import { CLOUDFRONT_HEADERS, readGeoHeaders } from "../../src/core/geo-headers.ts";

const fromCloudfront = (country?: string, region?: string, address?: string) =>
  readGeoHeaders(
    {
      "cloudfront-viewer-country": country,
      "cloudfront-viewer-country-region": region,
      "cloudfront-viewer-address": address,
    },
    CLOUDFRONT_HEADERS,
  );

test.each([
  ["DE", "BE", { country: "DE", region: "BE" }],
  ["us", "ca", { country: "US", region: "CA" }],
  [" FR ", undefined, { country: "FR" }],
  ["DE", "not a region", { country: "DE" }],
  ["DE", "", { country: "DE" }],
  ["XX", "CA", undefined],
  ["T1", undefined, undefined],
  ["Germany", undefined, undefined],
  ["DEU", undefined, undefined],
  ["", "CA", undefined],
  [undefined, "CA", undefined],
])("country %j, region %j", (country, region, location) => {
  expect(fromCloudfront(country, region)).toEqual(location === undefined ? {} : { location });
});

test.each([
  ["198.51.100.10:46532", "198.51.100.10"],
  ["2001:db8::10:46532", "2001:db8::10"],
  ["[2001:db8::10]:46532", "2001:db8::10"],
  ["10.0.0.1:46532", undefined],
  ["somewhere", undefined],
])("CloudFront's address %s, which has a port, is %s", (given, ip) => {
  expect(fromCloudfront(undefined, undefined, given)).toEqual(ip === undefined ? {} : { ip });
});

test("a proxy of one's own has headers of its own, and an address without a port", () => {
  const names = { country: "cf-ipcountry", address: "cf-connecting-ip" };
  const headers = { "cf-ipcountry": "DE", "cf-connecting-ip": "2001:db8::10", "cloudfront-viewer-country": "US" };
  expect(readGeoHeaders(headers, names)).toEqual({ location: { country: "DE" }, ip: "2001:db8::10" });
});

test("what is not named is not read", () => {
  expect(
    readGeoHeaders({ "x-region": "CA", "x-country": "US", "x-address": "198.51.100.10" }, { country: "x-country" }),
  ).toEqual({ location: { country: "US" } });
});
