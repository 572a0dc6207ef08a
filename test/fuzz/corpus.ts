import { gzipSync } from "node:zlib";
import { base64Url, fibonacci, number, tcString } from "../support/consent-strings.ts";
import { BROWSER_KEY, SERVER_KEY } from "../support/ingest-world.ts";
import type { HostileRequest } from "./hostile-requests.ts";

/** Requests that take a form no generator finds, each by what it is after. Large ones are made here, not stored. */
const BY_NAME: Readonly<Record<string, Partial<HostileRequest> & { text?: string }>> = {
  "half a million brackets": { text: `${"[".repeat(500_000)}${"]".repeat(500_000)}` },
  "brackets inside one event": { text: `{"event_name":"lead","properties":{"a":${nested("[", "]", 200_000)}}}` },
  "objects inside one event": { text: `{"event_name":"lead","properties":${nested('{"a":', "}", 50_000, "1")}}` },
  "ninety thousand keys": { text: `{"event_name":"lead","properties":{${list(90_000, (n) => `"k${n}":1`)}}}` },
  "one key eighty thousand times": { text: `{"event_name":"lead","properties":{${list(80_000, () => '"a":1')}}}` },
  "a quarter of a million places that are too deep": {
    path: "/v1/batch",
    text: `{"batch":[{"type":"track","event":"x","properties":{"a":${wideAndDeep()}}}]}`,
  },
  "a context that each of 2,500 events would copy": {
    path: "/v1/batch",
    text: JSON.stringify({ context: { x: Array(500).fill("y".repeat(8_000)) }, batch: Array(2_500).fill({ a: 1 }) }),
  },
  "a context too deep to be written": {
    path: "/v1/batch",
    text: `{"context":${nested("[", "]", 100_000)},"batch":[{"type":"track","event":"x"}]}`,
  },
  "an answer as long as it can be made": { text: JSON.stringify({ events: Array(500).fill(everythingWrong()) }) },
  "a bomb": { body: bomb(100_000_000, 1) },
  "a bomb in many members": { body: bomb(4_000_000, 60), path: "/v1/batch" },
  "gzip that ends early": { body: new Uint8Array(gzipSync('{"event_name":"lead"}')).subarray(0, 20) },
  "gzip with a tail": { body: Uint8Array.of(...gzipSync('{"event_name":"lead"}'), 1, 2, 3) },
  "a number of a million digits": { text: `{"event_name":"purchase","value":${"9".repeat(1_000_000)}}` },
  "an amount of a million digits": { text: `{"event_name":"purchase","value":"${"9".repeat(1_000_000)}"}` },
  "lone surrogates": { text: `{"event_name":"lead","properties":{"a":"${"\\ud800".repeat(150_000)}"}}` },
  "an address made to backtrack": {
    text: JSON.stringify({
      event_name: "lead",
      user: { email: `a@${"a.".repeat(4_000)}`, phone: "+".repeat(8_000) },
      page: { url: `https://a/?${"a&".repeat(4_000)}` },
      cookies: { _ga: `GA1.${"1.".repeat(2_000)}`, _gcl_aw: `GCL.${"1".repeat(4_000)}`, _uetvid: " ".repeat(4_000) },
    }),
  },
  "prototype keys by every road": {
    text: '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"event_name":"lead","properties":{"__proto__":{"x":1}},"user":{"__proto__":{"email":"a@b.example"}}}',
  },
  "prototype keys in an SDK's batch": {
    path: "/v1/batch",
    text: '{"context":{"__proto__":{"x":1}},"integrations":{"__proto__":{"all":true}},"batch":[{"type":"track","event":"__proto__","properties":{"constructor":{"prototype":{"x":1}}}}]}',
  },
  "prototype keys in a pixel": {
    method: "GET",
    path: "/pixel/v1/track",
    query: `writeKey=${BROWSER_KEY}&__proto__.x=1&constructor.prototype.x=1&properties.__proto__.x=1&event=a`,
  },
  "a pixel with ten thousand parameters": {
    method: "GET",
    path: "/pixel/v1/track",
    query: list(10_000, (n) => `properties.k${n}=1`).replaceAll(",", "&"),
  },
  "a path of a hundred thousand slashes": { path: "/".repeat(100_000) },
  "a header of a megabyte": { headers: { authorization: `Basic ${" ".repeat(500_000)}${"A".repeat(500_000)}` } },
  "a cookie of a megabyte": { cookies: ["_ga=".repeat(250_000), ";".repeat(500_000)] },
  "a key that is not text": { path: "/v1/t", headers: {}, text: '{"writeKey":{"toString":"x"},"event":"a"}' },
  "a key of four megabytes": {
    path: "/v1/t",
    headers: {},
    text: `{"writeKey":"${"k".repeat(4_000_000)}","event":"a"}`,
  },
  "every vendor there can be, a thousand times, in a hundred events": {
    text: JSON.stringify({ events: Array(100).fill({ event_name: "lead", consent: { tcf: everyVendor(1_400) } }) }),
  },
  "a section of privacy strings that is a range of millions": {
    text: JSON.stringify({
      event_name: "lead",
      consent: { gpp: `${rangeOfMillions()}~1YYN`, gpp_sid: Array(512).fill(6) },
    }),
  },
  "one byte over the limit": { text: `{"event_name":"lead","pad":"${"x".repeat(1024 * 1024)}"}` },
  nothing: { body: new Uint8Array() },
};

/** The corpus as requests. */
export const CORPUS: readonly HostileRequest[] = Object.values(BY_NAME).map(({ text, ...request }) => ({
  method: "POST",
  path: "/v1/events",
  query: "",
  headers: { authorization: `Basic ${Buffer.from(`${SERVER_KEY}:`).toString("base64")}` },
  cookies: [],
  body: new TextEncoder().encode(text ?? "{}"),
  ...request,
}));

function everyVendor(times: number): string {
  return tcString({ purposes: [1, 7], vendors: { ranges: Array(times).fill([1, 65_535]) } });
}

function rangeOfMillions(): string {
  return base64Url(`${number(3, 6)}${number(1, 6)}${number(1, 12)}1${fibonacci(1)}${fibonacci(200_000_000)}`);
}

function nested(open: string, close: string, depth: number, core = ""): string {
  return `${open.repeat(depth)}${core}${close.repeat(depth)}`;
}

function list(count: number, entry: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => entry(n)).join(",");
}

function wideAndDeep(): string {
  const row = `[${list(512, () => "[]")}]`;
  return nested(
    "[",
    "]",
    28,
    list(500, () => row),
  );
}

function bomb(bytes: number, members: number): Uint8Array {
  const member = gzipSync(Buffer.alloc(bytes, 0x20));
  return new Uint8Array(Buffer.concat(Array(members).fill(member)));
}

function everythingWrong(): object {
  const fields =
    "event_id event_time value currency tax shipping discount order_id lead_id coupon user page app device";
  const unknown = Array.from(
    { length: 60 },
    (_, n) => `a_field_that_is_unknown_${String.fromCharCode(97 + (n % 26))}_${n > 25 ? "x" : "y"}`,
  );
  return Object.fromEntries(
    [...`${fields} consent items properties cookies test`.split(" "), ...unknown].map((name) => [name, []]),
  );
}
