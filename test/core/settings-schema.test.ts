import {
  byDefault,
  flag,
  listOf,
  oneOf,
  recordOf,
  SettingsError,
  settingsFrom,
  text,
} from "../../src/core/settings-schema.ts";

interface Example {
  id: string;
  mode: "a" | "b";
  on: boolean;
  list: string[];
  headers: Record<string, string>;
  code?: string | undefined;
}

const digits = text("must be digits", (given) => /^\d+$/.test(given));
const settings = settingsFrom<Example>({
  id: digits,
  mode: byDefault(oneOf(["a", "b"]), "a"),
  on: byDefault(flag, true),
  list: byDefault(listOf(digits), []),
  headers: byDefault(
    recordOf(
      text("must be short", ({ length }) => length < 5),
      text("must be text"),
    ),
    {},
  ),
  code: byDefault(digits, undefined),
});

function issuesOf(input: unknown): unknown {
  try {
    return settings.parse(input);
  } catch (error) {
    return error instanceof SettingsError ? error.issues : error;
  }
}

test("defaults fill what is not given, and what has none stays away", () => {
  expect(settings.parse({ id: "7" })).toStrictEqual({ id: "7", mode: "a", on: true, list: [], headers: {} });
});

test("what is given is taken", () => {
  const given = { id: "7", mode: "b", on: false, list: ["1"], headers: { x: "y" }, code: "8" } as const;
  expect(settings.parse(given)).toStrictEqual(given);
});

test("every wrong setting is named with its rule and what was given", () => {
  const wrong = { id: 7, mode: "c", on: "yes", list: ["1", "x"], headers: { toolong: 1 }, code: null };
  expect(issuesOf(wrong)).toEqual([
    { field: "id", rule: "must be digits", got: "7" },
    { field: "mode", rule: "must be one of a, b", got: '"c"' },
    { field: "on", rule: "must be true or false", got: '"yes"' },
    { field: "list.1", rule: "must be digits", got: '"x"' },
    { field: "headers.toolong", rule: "must be short", got: '"toolong"' },
    { field: "headers.toolong", rule: "must be text", got: "1" },
    { field: "code", rule: "must be digits", got: "null" },
  ]);
  expect(() => settings.parse({ id: "x" })).toThrow('id: must be digits (got "x")');
});

test("missing and unknown settings are named, and nothing is taken for one by accident", () => {
  const missing = { field: "id", rule: "must be digits", got: "nothing" };
  expect(issuesOf({})).toEqual([missing]);
  expect(issuesOf(undefined)).toEqual([missing]);
  expect(issuesOf({ id: "7", constructor: 1 })).toEqual([{ field: "constructor", rule: "is no setting", got: "1" }]);
  expect(issuesOf({ id: "7", colour: "red" })).toEqual([{ field: "colour", rule: "is no setting", got: '"red"' }]);
});

test.each([null, [], "x", 7])("%j is no settings object", (input) => {
  expect(issuesOf(input)).toEqual([{ field: "settings", rule: "must be an object", got: JSON.stringify(input) }]);
});

test("lists and objects must be that", () => {
  expect(issuesOf({ id: "7", list: "1", headers: [] })).toEqual([
    { field: "list", rule: "must be a list", got: '"1"' },
    { field: "headers", rule: "must be an object", got: "[]" },
  ]);
});
