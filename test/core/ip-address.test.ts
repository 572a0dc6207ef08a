import fc from "fast-check";
import { isPublicIp, publicIp } from "../../src/core/ip-address.ts";

test.each([
  "8.8.8.8",
  "203.0.113.7",
  "198.51.100.23",
  "192.0.2.1",
  "172.32.0.1",
  "2001:db8::7",
  "2a00:1450:4001::200e",
])("%s is public", (ip) => expect(isPublicIp(ip)).toBe(true));

test.each([
  "10.1.2.3",
  "127.0.0.1",
  "100.64.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:0a00:0001",
  "fe80::1",
  "fd00:ec2::254",
  "ff02::1",
  "2001:0::1",
])("%s is nobody's", (ip) => expect(isPublicIp(ip)).toBe(false));

test("an IPv4 address inside an IPv6 one is judged as itself", () => {
  expect(isPublicIp("::ffff:8.8.8.8")).toBe(true);
  expect(isPublicIp("::ffff:808:808")).toBe(true);
});

test.each([
  "",
  "localhost",
  "1.2.3",
  "1.2.3.256",
  "1.2.3.4.5",
  " 8.8.8.8",
  "2001:db8::7%eth0",
  "2001::db8::7",
  "2001:db8",
  "12345::1",
  ":::",
  "2001:1:2:3:4:5:6:7:8",
  "2001:db8:1:2:3:4:5::6:7",
])("%j is no address", (ip) => expect(isPublicIp(ip)).toBe(false));

test("every generated address is judged without throwing", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (ip) => typeof isPublicIp(ip) === "boolean"));
});

test("a public address is itself, any other none", () => {
  expect(["203.0.113.7", "2001:db8::7", "10.0.0.7", "", undefined].map(publicIp)).toEqual([
    "203.0.113.7",
    "2001:db8::7",
    undefined,
    undefined,
    undefined,
  ]);
});
