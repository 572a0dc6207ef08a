import fc from "fast-check";
import { formatTime, hasExpressions, objectName, readPrefix } from "../src/object-name.ts";

const AT_MS = Date.parse("2026-03-01T04:05:06.789Z");

test.each([
  ["events/!{timestamp:yyyy/MM/dd/HH}/", "events/2026/03/01/04/"],
  ["dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/", "dt=2026-03-01/hour=04/"],
  ["!{timestamp:yy'y'M'm'd H:m:s ''''}", "26y3m1 4:5:6 '"],
  // Without expressions the hour comes by itself.
  ["", "2026/03/01/04/"],
  ["events/", "events/2026/03/01/04/"],
])("the prefix %j becomes %j", (prefix, expected) => {
  expect(readPrefix(prefix, "prefix")(AT_MS)).toBe(expected);
});

test("a random string differs from object to object", () => {
  const prefixAt = readPrefix("!{firehose:random-string}/", "prefix");
  expect(prefixAt(AT_MS)).toMatch(/^[0-9a-f]{11}\/$/);
  expect(prefixAt(AT_MS)).not.toBe(prefixAt(AT_MS));
});

test.each([
  ["!{timestamp:YYYY}", "YYYY"],
  ["!{timestamp:hh a}", "hh"],
  ["!{partitionKeyFromQuery:lane}", "partitionKeyFromQuery:lane"],
  ["!{firehose:error-output-type}", "firehose:error-output-type"],
])("the prefix %j is refused by name", (prefix, named) => {
  expect(() => readPrefix(prefix, "prefix")).toThrow(named);
});

test("only an error prefix holds the error's type, and gets no hour of its own", () => {
  expect(readPrefix("errors/!{firehose:error-output-type}/", "error prefix")(AT_MS)).toBe("errors/processing-failed/");
  expect(readPrefix("errors/", "error prefix")(AT_MS)).toBe("errors/");
  expect([hasExpressions("errors/"), hasExpressions("a!{timestamp:HH}")]).toEqual([false, true]);
});

test("a name says stream, version and second, and ends in its extension", () => {
  expect(objectName("archive", AT_MS, ".gz")).toMatch(/^archive-1-2026-03-01-04-05-06-[0-9a-f-]{36}\.gz$/);
});

test("hours sort as time does, whatever the time", () => {
  const instants = fc.integer({ min: 0, max: Date.parse("2099-12-31T23:59:59Z") });
  fc.assert(
    fc.property(instants, instants, (left, right) => {
      const [a, b] = [left, right].map((atMs) => formatTime("yyyy/MM/dd/HH/mm/ss", atMs));
      expect(Math.sign(String(a).localeCompare(String(b)))).toBe(
        Math.sign(Math.floor(left / 1000) - Math.floor(right / 1000)),
      );
    }),
  );
});
