import { archiveObject, archivePrefix, objectKey, prefixesBetween } from "../../src/adapters/archive-objects.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";

const AT = Date.UTC(2026, 0, 1, 0, 5, 6);
const BUFFER_MS = 5 * MINUTE_MS;

test("prefixes are hours of UTC, and cover the buffer and the slack on both sides", () => {
  expect(archivePrefix(AT)).toBe("events/2026/01/01/00/");
  expect(prefixesBetween(AT, AT + 1, BUFFER_MS)).toEqual(["events/2025/12/31/23/", "events/2026/01/01/00/"]);
  expect(prefixesBetween(AT, AT + 5 * 3_600_000, BUFFER_MS)).toHaveLength(7);
  expect(prefixesBetween(AT, AT - 9 * 3_600_000, BUFFER_MS)).toEqual([]);
});

test("a range of many hours is listed by days", () => {
  expect(prefixesBetween(AT, AT + 48 * 3_600_000, BUFFER_MS)).toEqual([
    "events/2025/12/31/",
    "events/2026/01/01/",
    "events/2026/01/02/",
    "events/2026/01/03/",
  ]);
});

test("an object's times are its name's, give or take the buffer and the slack", () => {
  const object = archiveObject(objectKey(archivePrefix(AT), AT, "1f-2-3"), 7, BUFFER_MS);
  expect(object).toMatchObject({ bytes: 7, from: AT - 20 * MINUTE_MS, to: AT + 20 * MINUTE_MS });
});

test("a name as Firehose gives it, with dashes in stream and random part, is read by its time", () => {
  const random = "5f9c1f0a-2026-11-20-aaaa-0123456789ab";
  const key = `events/2026/01/01/00/tracklayer-production-events-3-2026-01-01-00-05-06-${random}.gz`;
  const { from, to } = archiveObject(key, 1, BUFFER_MS);
  expect([from, to]).toEqual([AT - 20 * MINUTE_MS, AT + 20 * MINUTE_MS]);
});

test("an object with another name may hold anything of its hour, and one outside of the hours anything at all", () => {
  const { from, to } = archiveObject("events/2026/01/01/00/by-hand.gz", 1, 0);
  expect(from).toBe(Date.UTC(2025, 11, 31, 23, 45));
  expect(to).toBe(Date.UTC(2026, 0, 1, 1, 15));
  expect(archiveObject("events/notes.txt", 1, 0)).toMatchObject({ from: 0, to: Number.MAX_SAFE_INTEGER });
});
