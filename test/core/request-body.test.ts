import { gzipSync } from "node:zlib";
import { readBody } from "../../src/core/request-body.ts";

test("plain and compressed text, a byte order mark and broken UTF-8", () => {
  expect(readBody(Buffer.from("Zoë"), 100)).toEqual({ ok: true, text: "Zoë" });
  expect(readBody(gzipSync("Zoë"), 100)).toEqual({ ok: true, text: "Zoë" });
  expect(readBody(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), 100)).toEqual({ ok: true, text: "{}" });
  expect(readBody(Buffer.from([0x61, 0xff]), 100)).toEqual({ ok: true, text: "a\ufffd" });
  expect(readBody(new Uint8Array(), 100)).toEqual({ ok: true, text: "" });
});

test("the cap holds before and after inflating, to the byte", () => {
  expect(readBody(Buffer.alloc(100, "x"), 100).ok).toBe(true);
  expect(readBody(Buffer.alloc(101, "x"), 100)).toEqual({ ok: false, problem: "too_large" });
  expect(readBody(gzipSync(Buffer.alloc(100)), 100).ok).toBe(true);
  expect(readBody(gzipSync(Buffer.alloc(101)), 100)).toEqual({ ok: false, problem: "too_large" });
});

test("cut or broken gzip is told", () => {
  const whole = gzipSync("text that is long enough to be cut");
  expect(readBody(whole.subarray(0, 20), 100)).toEqual({ ok: false, problem: "not_readable" });
});
