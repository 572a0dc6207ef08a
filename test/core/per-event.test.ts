import type { CanonicalEvent } from "../../src/core/event.ts";
import { perEvent } from "../../src/core/per-event.ts";
import { hashedEvent } from "../support/events.ts";

test("each event is worked out once, also when nothing comes of it", () => {
  const seen: CanonicalEvent[] = [];
  const orderOf = perEvent((event) => {
    seen.push(event);
    return event.search_term;
  });
  const [first, second] = [hashedEvent({ search_term: "1" }), hashedEvent()];
  expect([first, second, first, second].map(orderOf)).toEqual(["1", undefined, "1", undefined]);
  expect(seen).toEqual([first, second]);
});
