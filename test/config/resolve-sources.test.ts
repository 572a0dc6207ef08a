import { problemsWith } from "../support/smallest-config.ts";

test("browser sources have origins, and servers none", () => {
  const sources = { web: { kind: "browser" }, app: { kind: "server", origins: ["https://a.example"] } };
  expect(problemsWith({ sources })).toEqual([
    "sources.web.origins: must list at least one origin for a browser source (got [])",
    'sources.app.origins: must be absent: only browsers have origins (got ["https://a.example"])',
  ]);
  expect(problemsWith({ sources: {} })).toEqual(["sources: must hold at least one source (got none)"]);
});

test("copies of one event are never two people's", () => {
  const source = { kind: "server", dedupScope: "shop" };
  expect(problemsWith({ sources: { a: { ...source, identityScope: "red" }, b: source } })).toEqual([
    'sources.b.identityScope: must be "red" as of sources.a: both have the dedupScope "shop" (got nothing)',
  ]);
  expect(problemsWith({ sources: { a: { ...source, identityScope: "shop" }, b: source } })).toEqual([]);
});

describe("origins", () => {
  test.each([
    "https://shop.example.com",
    "https://shop.example.com:8443",
    "http://localhost:8080",
    "http://localhost",
    "http://127.0.0.1:3000",
    "https://xn--mnchen-3ya.example",
  ])("%s is exact", (origin) => {
    expect(problemsWith({ sources: { web: { kind: "browser", origins: [origin] } } })).toEqual([]);
  });

  test.each([
    "http://shop.example.com",
    "https://shop.example.com/",
    "https://shop.example.com/path",
    "https://shop.example.com:443",
    "https://Shop.example.com",
    "https://*.example.com",
    "*",
    "null",
    "shop.example.com",
    "https://user@shop.example.com",
    "https://shop.example.com?x",
    "http://localhost.example.com",
    "ftp://localhost",
    "https://münchen.example",
    "https://shop.example.com ",
  ])("%s is not", (origin) => {
    expect(problemsWith({ sources: { web: { kind: "browser", origins: [origin] } } })).toHaveLength(1);
  });
});
