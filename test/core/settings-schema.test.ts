import * as z from "zod/mini";
import { SettingsError, settingsFrom } from "../../src/core/settings-schema.ts";

const settings = settingsFrom<{ id: string; count: number }>(
  z.strictObject({
    id: z.string("must be text").check(z.regex(/^\d+$/, "must be digits")),
    count: z._default(z.number("must be a number"), 1),
  }),
);

function issuesOf(input: unknown) {
  try {
    settings.parse(input);
  } catch (error) {
    return error instanceof SettingsError ? error.issues : error;
  }
  return [];
}

test("defaults fill what is not given", () => {
  expect(settings.parse({ id: "7" })).toEqual({ id: "7", count: 1 });
});

test("a wrong setting is named with its rule and what was given", () => {
  expect(issuesOf({ id: "x", count: "2" })).toEqual([
    { field: "id", rule: "must be digits", got: '"x"' },
    { field: "count", rule: "must be a number", got: '"2"' },
  ]);
  expect(() => settings.parse({ id: "x" })).toThrow('id: must be digits (got "x")');
});

test("a missing and an unknown setting are named", () => {
  expect(issuesOf({})).toEqual([{ field: "id", rule: "must be text", got: "nothing" }]);
  expect(issuesOf(undefined)).toEqual([{ field: "id", rule: "must be text", got: "nothing" }]);
  expect(issuesOf({ id: "7", colour: "red" })).toEqual([
    expect.objectContaining({ field: "settings", rule: "unknown: colour" }),
  ]);
});
