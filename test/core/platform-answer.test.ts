import {
  blamedRows,
  failureOutcome,
  isAddressRefusal,
  isSuccess,
  isTransientStatus,
  jsonObject,
  statusOutcome,
  wordOf,
} from "../../src/core/platform-answer.ts";

test("only a JSON object is read", () => {
  expect(jsonObject('{"a":1}')).toEqual({ a: 1 });
  for (const body of ["", "[]", "null", "1", '"x"', '{"a":', "<html>"]) expect(jsonObject(body)).toBeUndefined();
});

test("which statuses mean later", () => {
  expect([408, 425, 429, 500, 503, 599].every(isTransientStatus)).toBe(true);
  expect([200, 301, 400, 404, 413].some(isTransientStatus)).toBe(false);
});

test("which statuses speak of the address", () => {
  const statuses = [200, 400, 401, 404, 405, 406, 410, 411, 500];
  expect(statuses.filter((status) => isAddressRefusal({ status }))).toEqual([404, 405, 410]);
});

test.each([
  [400, "rejected"],
  [404, "unauthorized"],
  [410, "unauthorized"],
  [422, "rejected"],
  [401, "unauthorized"],
  [403, "unauthorized"],
  [423, "retry"],
  [429, "retry"],
  [503, "retry"],
  [302, "retry"],
  [200, "retry"],
])("HTTP %i by itself means %s", (status, kind) => {
  expect(statusOutcome({ status, headers: {}, body: "" })).toMatchObject({ kind, reason: `HTTP ${status}` });
});

test("a wait that the platform names is kept, and so are its words", () => {
  const response = { status: 429, headers: { "retry-after": "7" }, body: "" };
  expect(statusOutcome(response, "slow down")).toEqual({ kind: "retry", reason: "HTTP 429: slow down", afterMs: 7000 });
});

test("blamed rows are rejected and the others go again at once", () => {
  expect(blamedRows(3, new Map([[1, "bad time"]]))).toMatchObject([
    { kind: "retry", afterMs: 0 },
    { kind: "rejected", reason: "bad time" },
    { kind: "retry", afterMs: 0 },
  ]);
});

test("an answer that names none of our rows blames nobody", () => {
  expect(blamedRows(2, new Map())).toBeUndefined();
  expect(blamedRows(2, new Map([[7, "bad"]]))).toBeUndefined();
});

test.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
])("HTTP %i is a success: %p", (status, expected) => {
  expect(isSuccess({ status })).toBe(expected);
});

test.each([
  [400, false, false, "rejected"],
  [400, true, false, "unauthorized"],
  [400, true, true, "unauthorized"],
  [400, false, true, "retry"],
  [413, false, true, "rejected"],
  [404, false, false, "unauthorized"],
  [410, false, true, "unauthorized"],
  [401, false, true, "unauthorized"],
  [429, true, false, "retry"],
  [503, true, true, "retry"],
  [302, true, false, "retry"],
])("HTTP %i, about the lane: %p, of an edge: %p, means %s", (status, isOfLane, isOfEdge, kind) => {
  const outcome = failureOutcome({ status, headers: {}, body: "" }, "words", { isOfLane, isOfEdge });
  expect(outcome).toMatchObject({ kind, reason: `HTTP ${status}: words` });
});

test.each<[unknown, string]>([
  ["text", "text"],
  [12, "12"],
  [false, "false"],
  [undefined, ""],
  [null, ""],
  [{ toString: [] }, ""],
])("a word %# of a platform's JSON is %j or nothing", (value, word) => {
  expect(wordOf(value)).toBe(word);
});

test("a list within lists without end is no word", () => {
  expect(wordOf(JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`))).toBe("");
});
