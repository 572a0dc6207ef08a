import { AddressRefused, guardedLookup, isAllowedHost, isPublicAddress } from "../../src/adapters/address-guard.ts";

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "169.254.170.2",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:8.8.8.8",
  "::7f00:1",
  "64:ff9b::a00:1",
  "64:ff9b:1::a00:1",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001:db8::1",
  "2002:7f00:1::",
  "2002:808:808::",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "2606:4700::1%eth0",
  "ff02::1",
  "not an address",
  "",
])("%s is refused", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "223.255.255.255",
  "2001:4860:4860::8888",
  "2001:200::1",
  "2606:4700::6810:84e5",
  "2a03:2880:f003:c07:face:b00c:0:2",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ["hooks.example.com", true],
  ["8.8.8.8", true],
  ["127.0.0.1", false],
  ["[::1]", false],
  ["[2606:4700::6810:84e5]", true],
])("host %s → %s", (host, allowed) => {
  expect(isAllowedHost(host)).toBe(allowed);
});

test.each([
  "http://2130706433/",
  "http://0x7f.1/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://[::ffff:127.0.0.1]/",
])("%s is loopback in disguise", (url) => {
  expect(isAllowedHost(new URL(url).hostname)).toBe(false);
});

/** A name server with one answer. */
function look(addresses: string[], options: object): Promise<unknown> {
  const lookup = guardedLookup(isPublicAddress, (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    ),
  );
  return new Promise((resolve, reject) => {
    lookup("hooks.example.com", options, (error, ...answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

test("a name is looked up as node:net asks: one address, or all of them", async () => {
  expect(await look(["8.8.8.8", "2606:4700::1"], {})).toEqual(["8.8.8.8", 4]);
  expect(await look(["8.8.8.8", "2606:4700::1"], { all: true })).toEqual([
    [
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700::1", family: 6 },
    ],
  ]);
});

test("one refused address among public ones refuses the name, and so does none", async () => {
  for (const options of [{}, { all: true }]) {
    await expect(look(["8.8.8.8", "169.254.169.254"], options)).rejects.toEqual(
      new AddressRefused("hooks.example.com"),
    );
    await expect(look([], options)).rejects.toBeInstanceOf(AddressRefused);
  }
});

test("a name server's own error is passed on", async () => {
  const error = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  const lookup = guardedLookup(isPublicAddress, (_, __, callback) => callback(error, []));
  const got = await new Promise((resolve) => lookup("gone.example.com", {}, (problem) => resolve(problem)));
  expect(got).toBe(error);
});
