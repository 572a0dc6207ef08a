import { DELIVERY_STATES } from "../../src/core/outcome.ts";
import { createPaint, DELIVERY_TONES, type Tone } from "../../src/pipeline/tone.ts";

test("every state has a tone, and every tone a colour of its own that ends with it", () => {
  expect(Object.keys(DELIVERY_TONES).sort()).toEqual([...DELIVERY_STATES].sort());
  const tones: Tone[] = ["good", "bad", "wait", "dim", "strong"];
  const painted = tones.map((tone) => createPaint({ colours: true })(tone, "word"));
  expect(new Set(painted).size).toBe(tones.length);
  for (const text of painted) {
    expect(text.replace("\u001b", "").replace(/^\[\d+m/, "")).toBe("word\u001b[0m");
  }
});

test("where nobody watches, a text stays as it is", () => {
  expect(createPaint({ colours: false })("bad", "word")).toBe("word");
});
