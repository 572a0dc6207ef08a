import { cleanJson } from "../../src/core/safe-json.ts";
import { readSdkRequest } from "../../src/sources/sdk-envelope.ts";

const track = (id: number) => ({ type: "track", event: "Lead", messageId: `m-${id}` });

test("a batch's context and integrations go under those of each event", () => {
  const read = readSdkRequest(
    {
      context: { library: { name: "a" }, page: { url: "https://shop.example.com/" } },
      integrations: { All: false },
      batch: [{ ...track(1), context: { library: { name: "b" } } }, track(2)],
    },
    "batch",
  );
  expect(read).toMatchObject({
    events: [
      { context: { library: { name: "b" }, page: { url: "https://shop.example.com/" } }, integrations: { All: false } },
      { context: { library: { name: "a" } }, integrations: { All: false } },
    ],
  });
});

test("what a batch shares counts once for each of its events", () => {
  const shared = (bytes: number) => ({ context: { app: Array(Math.ceil(bytes / 8_000)).fill("x".repeat(7_997)) } });
  const batch = Array.from({ length: 2_500 }, (_, id) => track(id));
  expect(readSdkRequest({ ...shared(16_000), batch }, "batch")).toBe("too_large");
  expect(readSdkRequest({ ...shared(16_000), batch: batch.slice(0, 500) }, "batch")).toMatchObject({ writeKeys: [] });
  expect(readSdkRequest({ integrations: { All: "x".repeat(8_000) }, batch }, "batch")).toBe("too_large");
});

test.each([
  ["too deep", JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`)],
  ["too wide", Object.fromEntries(Array.from({ length: 600 }, (_, key) => [`k${key}`, 1]))],
])("a shared part that is %s makes each event unusable, and stays small in each", (_, part) => {
  const read = readSdkRequest({ context: { part, consent: {} }, batch: [track(1), track(2)] }, "batch");
  if (typeof read === "string") throw new Error(read);
  for (const event of read.events) {
    const { notes, value } = cleanJson(event);
    expect(notes).toMatchObject([{ fatal: true }]);
    expect(value).toMatchObject({ type: "track", event: "Lead" });
    expect(JSON.stringify(value).length).toBeLessThan(300);
  }
});

test.each([[{}], [{ batch: {} }], [{ batch: [] }], [[]], [null], ["x"], [{ batch: Array(2_501).fill({}) }]])(
  "body %# is no batch",
  (body) => {
    expect(readSdkRequest(body, "batch")).toBe("invalid");
  },
);
