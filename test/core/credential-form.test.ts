import { isVisibleAscii, signInFieldsProblem, tokenProblem } from "../../src/core/credential-form.ts";

const WRONG = "accessToken is empty or holds characters no token has";

test.each([
  ["EAAB-_.~+/=:%", undefined],
  ["", WRONG],
  [" ", WRONG],
  ["two words", WRONG],
  ["token\n", WRONG],
  ["token\r\nx-evil: 1", WRONG],
  ["\ttoken", WRONG],
  ["token\u0000", WRONG],
  ["token\u007f", WRONG],
  ["tökén", WRONG],
  ["token\u2028", WRONG],
])("the token %j", (accessToken, problem) => {
  expect(tokenProblem("accessToken")({ accessToken })).toBe(problem);
  expect(isVisibleAscii(accessToken)).toBe(problem === undefined);
});

test("a token that is not there", () => {
  expect(tokenProblem("accessToken")({ apiKey: "key" })).toBe(WRONG);
});

test("names every field of a sign-in that cannot be right", () => {
  expect(signInFieldsProblem({ clientId: "id", clientSecret: "secret" }, "Google")).toBeUndefined();
  expect(signInFieldsProblem({ clientId: "", clientSecret: "secret", refreshToken: "a b" }, "Google")).toBe(
    "clientId, refreshToken empty, or with characters that Google's ids and tokens do not have",
  );
});
