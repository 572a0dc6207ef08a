import fc from "fast-check";
import { clickIdsFromUrl, idsFromCookies, parseCookies } from "../../src/core/client-ids.ts";

const SEEN = 1_790_000_000_000;

test("each platform's cookies give its ids", () => {
  const { browserIds, clickIds } = idsFromCookies(
    {
      _fbp: "fb.1.1700000000000.123456",
      _fbc: "fb.1.1700000000000.IwAR_aB",
      _ga: "GA1.1.111.222",
      _ga_ABC123: "GS1.1.1700000001.5.1.1700000100.0.0.0",
      _ga_XYZ789: "GS2.1.s1700000002$o5$g1$t1700000100$j60$l0$h0",
      _gcl_aw: "GCL.1700000000.Cj0.K-x",
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
    gclid: { value: "Cj0.K-x", seen_at: 1_700_000_000_000 },
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

test("cookie headers are split, and a hostile name stays a name", () => {
  expect(parseCookies(["a=1; b=x=y", "c=3", "nonsense"])).toEqual({ a: "1", b: "x=y", c: "3" });
  parseCookies(["__proto__=1"]);
  expect({}).not.toHaveProperty("1");
});

test("any cookie and any URL is answered, not thrown", () => {
  const names = fc.constantFrom("_ga", "_fbp", "_fbc", "_gcl_aw", "_twclid", "_ga_ABC123", "ttclid", "__proto__");
  fc.assert(
    fc.property(fc.dictionary(names, fc.string()), fc.string(), (cookies, url) => {
      idsFromCookies(cookies, SEEN);
      clickIdsFromUrl(url, SEEN);
      clickIdsFromUrl(`https://x.example/?${url}`, SEEN);
    }),
  );
});
