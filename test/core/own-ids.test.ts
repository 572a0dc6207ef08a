import type { SeenClickId } from "../../src/core/event.ts";
import { opaqueClickId, ownBrowserId, ownClickId } from "../../src/core/own-ids.ts";
import { hashedEvent } from "../support/events.ts";

const AT = hashedEvent().event_time;
const seen = (value: string, daysAgo: number): SeenClickId => ({ value, seen_at: AT - daysAgo * 86_400_000 });

function event(own: SeenClickId | undefined, remembered: SeenClickId | undefined) {
  return {
    ...hashedEvent(own === undefined ? {} : { click_ids: { ttclid: own } }),
    known: { person_id: "p", ...(remembered === undefined ? {} : { click_ids: { ttclid: remembered } }) },
  };
}

test.each([
  ["its own", seen("own", 0), seen("other", 3), seen("own", 0)],
  ["its own however old the sender says it is", seen("own", 400), undefined, seen("own", 400)],
  ["its own, as of when it was first seen", seen("own", 0), seen("own", 3), seen("own", 3)],
  ["its own, not as of a time past its life", seen("own", 0), seen("own", 29), seen("own", 0)],
  ["the remembered one", undefined, seen("other", 28), seen("other", 28)],
  ["none: the remembered one is too old", undefined, seen("other", 28.1), undefined],
  ["none: the remembered click came later", undefined, seen("other", -1), undefined],
  ["none", undefined, undefined, undefined],
])("an event's click is %s", (_, own, remembered, expected) => {
  expect(ownClickId(event(own, remembered), "ttclid")).toEqual(expected);
  expect(ownClickId(event(own, remembered), "gclid")).toBeUndefined();
});

test("an event's browser id is its own, else the remembered one", () => {
  const known = { person_id: "p", browser_ids: { ttp: "remembered-ttp", scid: "remembered-scid" } };
  const both = { ...hashedEvent({ browser_ids: { ttp: "own-ttp-12345" } }), known };
  expect([ownBrowserId(both, "ttp"), ownBrowserId(both, "scid"), ownBrowserId(both, "uetvid")]).toEqual([
    "own-ttp-12345",
    "remembered-scid",
    undefined,
  ]);
});

test.each([
  ["GiDxLZcEVjwEqkGfKQMQndUYMIeZXFHmZ0DrHIJhGS6kKiDzkGUos9GzkpqG-YHQATCwxlQ", true],
  ["v4-AbC123dEf456~1.0=/+", true],
  ["{click_id}", false],
  ["{{ob_click_id}}", false],
  ["jane@example.com", false],
  ["+4915112345678", false],
  ["two words", false],
  ["a".repeat(1001), false],
])("%s goes as a click id: %s", (value, goes) => {
  expect(opaqueClickId(event(seen(value, 0), undefined), "ttclid")).toBe(goes ? value : undefined);
});

test("a macro that nobody filled in leaves the remembered click in its place, while that counts", () => {
  const macro = seen("{click_id}", 0);
  expect(opaqueClickId(event(macro, seen("remembered", 3)), "ttclid")).toBe("remembered");
  expect(opaqueClickId(event(macro, seen("remembered", 29)), "ttclid")).toBeUndefined();
});
