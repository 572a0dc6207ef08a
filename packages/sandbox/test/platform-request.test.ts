import { basicCredentials, bearerToken, hasContentType, parameters, platformRequest } from "../src/platform-request.ts";

const request = (headers: Record<string, string>, url = "https://API.example.com/v1/events?a=1&b=%20") =>
  platformRequest({ method: "POST", url, headers, body: "" });

test("is what the platform sees of a URL", () => {
  const { host, path, query } = request({});
  expect([host, path, [...query]]).toEqual([
    "api.example.com",
    "/v1/events",
    [
      ["a", "1"],
      ["b", " "],
    ],
  ]);
});

test("reads header names in any case", () => {
  expect(request({ "X-Api-Key": "k" }).headers).toEqual({ "x-api-key": "k" });
});

test.each([
  ["application/json", true],
  ["Application/JSON; charset=utf-8", true],
  ["application/jsonp", false],
  ["text/plain", false],
])("%s is JSON: %s", (type, expected) => {
  expect(hasContentType(request({ "Content-Type": type }), "application/json")).toBe(expected);
});

test("reads both kinds of Authorization", () => {
  const basic = (text: string) => request({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  expect(
    ["Bearer t0k", "bearer t0k", "Bearer", "Basic t0k", "Bearer a b"].map((authorization) =>
      bearerToken(request({ authorization })),
    ),
  ).toEqual(["t0k", "t0k", undefined, undefined, undefined]);
  expect(basicCredentials(basic("site:key:with:colons"))).toEqual({ user: "site", password: "key:with:colons" });
  expect([request({}), request({ authorization: "Basic ?" })].map(basicCredentials)).toEqual([undefined, undefined]);
});

test("names parameters that come twice", () => {
  expect(parameters(new URLSearchParams("a=1&b=2&a=3"))).toEqual({ fields: { a: "3", b: "2" }, repeated: ["a"] });
});
