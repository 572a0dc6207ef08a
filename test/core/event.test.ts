import { displayName } from "../../src/core/event.ts";

test("a custom event is known by the source's own name", () => {
  expect(displayName({ event_name: "custom", custom_name: "Quiz Finished" })).toBe("Quiz Finished");
  expect(displayName({ event_name: "purchase" })).toBe("purchase");
});
