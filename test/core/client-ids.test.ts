import fc from "fast-check";
import { BROWSER_ID_NAMES, BROWSER_IDS } from "../../src/core/browser-ids.ts";
import { CLICK_ID_NAMES, CLICK_IDS } from "../../src/core/click-ids.ts";
import {
  clickIdsFromUrl,
  idsFromCookies,
  parseCookies,
  platformCookies,
  readBrowserId,
} from "../../src/core/client-ids.ts";

const SEEN = 1_790_000_000_000;
const UUID = "0b6f4d6e-5f2c-4d0f-9c55-3f6a1d2b7e90";

const clicksIn = (cookies: Record<string, string>) =>
  Object.fromEntries(Object.entries(idsFromCookies(cookies, SEEN).clickIds).map(([name, { value }]) => [name, value]));

test("each platform's cookies give its ids", () => {
  const { browserIds, clickIds } = idsFromCookies(
    {
      _fbp: "fb.1.1700000000000.123456",
      _fbc: "fb.1.1700000000000.IwAR_aB",
      _ga: "GA1.1.111.222",
      _ga_ABC123: "GS1.1.1700000001.5.1.1700000100.0.0.0",
      _ga_XYZ789: "GS2.1.s1700000002$o5$g1$t1700000100$j60$l0$h0",
      _gcl_aw: "GCL.1700000000.Cj0_K-x.further.fields",
      _uetmsclkid: "_uetabc",
      _epik: "dj0y",
      li_fat_id: "li-1",
      _twclid: "%7B%22pixelVersion%22%3A%22x%22%2C%22twclid%22%3A%22tw-1%22%7D",
      session: "private",
    },
    SEEN,
  );
  expect(browserIds).toEqual({
    fbp: "fb.1.1700000000000.123456",
    fbc: "fb.1.1700000000000.IwAR_aB",
    ga_client_id: "111.222",
    ga_sessions: { ABC123: "1700000001", XYZ789: "1700000002" },
  });
  expect(clickIds).toEqual({
    gclid: { value: "Cj0_K-x", seen_at: 1_700_000_000_000 },
    msclkid: { value: "abc", seen_at: SEEN },
    epik: { value: "dj0y", seen_at: SEEN },
    li_fat_id: { value: "li-1", seen_at: SEEN },
    twclid: { value: "tw-1", seen_at: SEEN },
  });
});

test("a client id behind a deep domain is still the last two fields", () => {
  expect(idsFromCookies({ _ga: "GA1.2-3.1.111.222" }, SEEN).browserIds.ga_client_id).toBe("111.222");
});

test("cookies that are not what their name says give nothing", () => {
  const odd = { _fbp: "x", _fbc: "fb.1.", _ga: "GA1.1.x", _ga_ABC123: "GS9.1.1", _gcl_aw: "GCL.x.y", _twclid: "{}" };
  expect(idsFromCookies(odd, SEEN)).toEqual({ browserIds: {}, clickIds: {} });
});

test("click ids are read from a URL by exact name, case kept", () => {
  const ids = clickIdsFromUrl(
    "https://x.example/?fbclid=AbC&GCLID=no&ScCid=S&sccid=no&ttclid=&utm_source=a#gclid=no",
    SEEN,
  );
  expect(ids).toEqual({ fbclid: { value: "AbC", seen_at: SEEN }, ScCid: { value: "S", seen_at: SEEN } });
  expect([clickIdsFromUrl(undefined, SEEN), clickIdsFromUrl("/relative?gclid=x", SEEN)]).toEqual([{}, {}]);
  expect(clickIdsFromUrl(`https://x.example/?gclid=${"x".repeat(1001)}`, SEEN)).toEqual({});
});

test.each<[Record<string, string>, Record<string, string>]>([
  [{ _scclid: "sc-1" }, { ScCid: "sc-1" }],
  [{ twclid: "tw-1" }, { twclid: "tw-1" }],
  [{ _twclid: "%7B%22twclid%22%3A%22tw-2%22%7D", twclid: "tw-1" }, { twclid: "tw-2" }],
  [{ _uetmsclkid: "_uetdd4afcccb1c94a4cad9544dd7e5006ab" }, { msclkid: "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab" }],
  [{ _uetmsclkid: "_uetdd4afcccb1c94a4cad9544dd7e5006ab-1" }, { msclkid: "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab" }],
  [{ uet_msclkid: "DD4AFCCC-B1C9-4A4C-AD95-44DD7E5006AB-0" }, { msclkid: "dd4afccc-b1c9-4a4c-ad95-44dd7e5006ab" }],
  [{ quora_qclid: "q-1" }, { qclid: "q-1" }],
  [{ awc: "1001_1700000000_abc,1001_1700000001_def" }, { awc: "1001_1700000000_abc,1001_1700000001_def" }],
  [{ _kx: "k.ABC" }, { _kx: "k.ABC" }],
  [{ __oppref: "a%2Bb%20c==" }, { oppref: "a%2Bb%20c==" }],
  [{ __oppref: " a\u0000b" }, {}],
  [{ amznAref: "tok.1.1700000000|tok.2.1760000000000|broken" }, { aref: "tok.2" }],
  [{ amznAref: "tok" }, {}],
])("%j holds %j", (cookies, clicks) => {
  expect(clicksIn(cookies)).toEqual(clicks);
});

test("a cookie's own record of when the click was is taken, but not one from the future", () => {
  const at = (cookies: Record<string, string>) => idsFromCookies(cookies, SEEN).clickIds;
  expect(at({ amznAref: "t.1760000000" }).aref?.seen_at).toBe(1_760_000_000_000);
  expect(at({ amznAref: "t.1990000000" }).aref?.seen_at).toBe(SEEN);
  expect(at({ _gcl_gb: "GCL.1990000000.x" }).gbraid?.seen_at).toBe(SEEN);
});

test.each<[string, string, string | undefined]>([
  ["ttp", "2LyPzYvMVsaS9IJnxNdfAbCdEfg", "2LyPzYvMVsaS9IJnxNdfAbCdEfg"],
  ["ttp", "x", undefined],
  ["scid", UUID, UUID],
  ["scid", "a b", undefined],
  ["rdt_uuid", `1700000000000.${UUID}`, UUID],
  ["rdt_uuid", UUID, UUID],
  ["rdt_uuid", "1700000000000.", undefined],
  ["uetvid", "8f14e45fceea467fa9d28b1d0c1c2f3a", "8f14e45fceea467fa9d28b1d0c1c2f3a"],
  ["uetvid", "8f14", undefined],
  ["hubspotutk", "8f14e45fceea467fa9d28b1d0c1c2f3a", "8f14e45fceea467fa9d28b1d0c1c2f3a"],
  ["hubspotutk", "undefined", undefined],
  ["obref", "v1.%2Bab%3D=", "v1.%2Bab%3D="],
  ["obref", "", undefined],
])("%s of %j is %j", (name, raw, id) => {
  const known = BROWSER_ID_NAMES.find((each) => each === name) ?? "fbp";
  expect(readBrowserId(known, raw)).toBe(id);
  expect(idsFromCookies({ [BROWSER_IDS[known].cookie]: raw }, SEEN).browserIds).toEqual(
    id === undefined ? {} : { [name]: id },
  );
});

test("of several Reddit cookies the oldest counts, of others the last", () => {
  const other = UUID.replace("0b", "1c");
  for (const ids of [
    [`1700000000000.${UUID}`, `1700000000001.${other}`],
    [`1700000000001.${other}`, `1700000000000.${UUID}`],
  ]) {
    const cookies = parseCookies([ids.map((id) => `_rdt_uuid=${id}; a=${id}`).join("; ")]);
    expect(idsFromCookies(cookies, SEEN).browserIds.rdt_uuid).toBe(UUID);
    expect(cookies.a).toBe(ids[1]);
  }
});

test("every click id is read from each of its URL parameters, as the page wrote it", () => {
  for (const name of CLICK_ID_NAMES) {
    for (const parameter of CLICK_IDS[name].parameters) {
      expect(clickIdsFromUrl(`https://x.example/?${parameter}=Ab-1_c`, SEEN)).toEqual({
        [name]: { value: "Ab-1_c", seen_at: SEEN },
      });
    }
  }
  expect(clickIdsFromUrl("https://x.example/?dicbo=second&ob_click_id=first", SEEN).ob_click_id?.value).toBe("first");
});

test("no cookie and no parameter is claimed by two ids", () => {
  const sources = Object.values(CLICK_IDS);
  const cookies = [
    ...sources.flatMap((source) => Object.keys(source.cookies)),
    ...Object.values(BROWSER_IDS).map(({ cookie }) => cookie),
  ];
  const parameters = sources.flatMap((source) => source.parameters);
  expect([new Set(cookies).size, new Set(parameters).size]).toEqual([cookies.length, parameters.length]);
});

test("cookie headers are split, and a hostile name stays a name", () => {
  expect(parseCookies(["a=1; b=x=y", "c=3", "nonsense"])).toEqual({ a: "1", b: "x=y", c: "3" });
  parseCookies(["__proto__=1"]);
  expect({}).not.toHaveProperty("1");
});

test("any cookie and any URL is answered, not thrown", () => {
  const names = fc.constantFrom(
    ...Object.values(BROWSER_IDS).map(({ cookie }) => cookie),
    ...Object.values(CLICK_IDS).flatMap((source) => Object.keys(source.cookies)),
    "_ga_ABC123",
    "__proto__",
  );
  const values = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^GCL\.\d{9,12}\..*$/), fc.uuid());
  fc.assert(
    fc.property(fc.dictionary(names, values), fc.string(), (cookies, url) => {
      const { browserIds, clickIds } = idsFromCookies(cookies, SEEN);
      for (const { value, seen_at } of Object.values(clickIds)) {
        expect(value.trim()).not.toBe("");
        expect(seen_at).toBeLessThanOrEqual(SEEN);
      }
      for (const name of BROWSER_ID_NAMES) {
        const id = browserIds[name];
        // What was read once reads the same when a sender gives it bare; Google's is told apart from its cookie.
        if (id !== undefined && name !== "ga_client_id") expect(readBrowserId(name, id)).toBe(id);
      }
      clickIdsFromUrl(url, SEEN);
      clickIdsFromUrl(`https://x.example/?${url}`, SEEN);
    }),
  );
});

test("the platforms' cookies are all that ids are read from, and no other is kept", () => {
  const names = [
    ...BROWSER_ID_NAMES.map((name) => BROWSER_IDS[name].cookie),
    ...CLICK_ID_NAMES.flatMap((name) => Object.keys(CLICK_IDS[name].cookies)),
    "_ga_ABCD1234",
    "session",
    "PHPSESSID",
    "_ga_lower",
  ];
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom("fb.1.1700000000000.12345", UUID, "GA1.1.123.456", "GS1.1.1700000000.1", "GCL.1700000000.abc"),
    fc.constant("x".repeat(5_000)),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (cookies) => {
      const kept = platformCookies(cookies);
      expect(idsFromCookies(kept, SEEN)).toEqual(idsFromCookies(cookies, SEEN));
      expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(["session"]));
      expect(JSON.stringify(kept)).not.toContain("PHPSESSID");
      expect(Object.values(kept).every((text) => text.length <= 4_096)).toBe(true);
    }),
  );
});
