import fc from "fast-check";
import { base64Url, gppString, number, tcString } from "../support/consent-strings.ts";

/** In whatever of a request must not come back, and must not be logged or counted. No field name looks like it. */
export const CANARY = "cnry7e2d";

const NASTY = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udc00x",
  "\uffff\ufffe",
  "\u202eabc",
  "__proto__",
  "constructor",
  "[object Object]",
  "undefined",
  "{{ order.id }}",
  "'; DROP TABLE events; --",
  "<script>alert(1)</script>",
  "../../../../etc/passwd",
  "$" + "{jndi:ldap://x}",
  "%00%ff%2e%2e",
  "\r\nset-cookie: a=b",
  "1e999",
  "-0",
  "9".repeat(400),
  "0x7f",
  "NaN",
  "Infinity",
  "2026-02-30T25:61:61Z",
  "+".repeat(300),
  "a@".repeat(200),
  "https://user:pass@[::1]:99999/%zz",
  "😀".repeat(100),
  "e\u0301".repeat(100),
  tcString({ purposes: [1, 7], vendors: { ranges: [[1, 65_535]] } }).slice(0, -3),
  gppString({ 2: "CPX", 5: "!", 8: "BAAA", 4000: "1YYY" }),
  `${base64Url(`${number(3, 6)}${number(1, 6)}${number(4095, 12)}1${"0".repeat(60)}11`)}~1YYN`,
];

const texts = fc.oneof(
  { arbitrary: fc.constantFrom(...NASTY), weight: 4 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 2 },
  { arbitrary: fc.string({ maxLength: 20 }).map((text) => `${CANARY}${text}`), weight: 2 },
  { arbitrary: fc.nat(9_000).map((length) => "x".repeat(length)), weight: 1 },
);

const numbers = fc.oneof(
  fc.constantFrom(0, -0, -1, 1e308, 5e-324, 2 ** 53, 1e21, 0.1 + 0.2, 253402300800000, -62135596800000),
  fc.double(),
  fc.integer(),
);

const FIELDS = [
  ..."event_name event_id event_time sent_at events batch type event messageId userId anonymousId timestamp".split(" "),
  ..."context properties traits integrations user items value currency order_id lead_id page app device".split(" "),
  ..."browser_ids click_ids cookies consent destinations test action_source email phone country ip url".split(" "),
  ..."products price quantity revenue library campaign consentManagement deniedConsentIds categoryPreferences".split(
    " ",
  ),
  ..."tcf gpp gpp_sid us_privacy IABTCF_TCString IABGPP_HDR_GppString IABGPP_GppSID".split(" "),
  ..."__proto__ constructor prototype toString hasOwnProperty length then toJSON writeKey".split(" "),
];

const keys = fc.oneof({ arbitrary: fc.constantFrom(...FIELDS), weight: 6 }, { arbitrary: texts, weight: 1 });

/** Any JSON value, leaning to what parsers and copies get wrong: own `__proto__` keys, depth, broken text, odd numbers. */
export const hostileJson = fc.letrec<{ value: unknown; leaf: unknown; list: unknown; object: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie("leaf"), tie("object"), tie("list")),
  leaf: fc.oneof(texts, numbers, fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({})),
  list: fc.array(tie("value"), { maxLength: 5 }),
  object: fc.array(fc.tuple(keys, tie("value")), { maxLength: 7 }).map(ownProperties),
})).value;

/** As `JSON.parse` makes it: `__proto__` is a key like any other, and the last of two equal ones counts. */
function ownProperties(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** JSON text with an edit that a serialiser never makes: cut, doubled, nested deeper, with raw bytes or huge numbers. */
export function broken(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.oneof(
    fc.tuple(text, at).map(([json, share]) => json.slice(0, Math.floor(json.length * share))),
    fc.tuple(text, at, texts).map(([json, share, put]) => {
      const place = Math.floor(json.length * share);
      return json.slice(0, place) + put + json.slice(place);
    }),
    text.map((json) => json.replace(/"[a-z_]+":/i, (key) => `${key}{"a":1},${key}`)),
    text.map((json) => json.replace(/:(-?\d|true|false|null)/, ":1e999999")),
    text.map((json) => json.replace(/:"/, ':"\\ud83d\\u0000')),
    fc
      .tuple(text, fc.integer({ min: 20, max: 3_000 }))
      .map(([json, depth]) =>
        json.replace(/:("|\d)/, (match) => `:${"[".repeat(depth)}${"]".repeat(depth)},"x"${match}`),
      ),
    text.map((json) => `\ufeff${json}`),
    text.map((json) => `${json}${json}`),
  );
}
