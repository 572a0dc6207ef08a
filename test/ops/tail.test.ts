import { type LogPage, type TailPorts, tail } from "../../src/ops/tail.ts";
import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

const line = (at: number, fields: object) => ({ at, text: JSON.stringify(fields) });

async function world(read: TailPorts["functionLogs"]["read"]) {
  const clock = { now: () => OPS_NOW };
  return createOpsWorld([tail], { functionLogs: { read }, clock });
}

function reading(lines: LogPage["lines"]) {
  return async (from: number, to: number): Promise<LogPage> => ({
    lines: lines.filter(({ at }) => at >= from && at < to),
  });
}

test("lines are shown with the fields that may be, and neither metrics nor anything else", async () => {
  const { ask } = await world(
    reading([
      line(OPS_NOW - 9_000, { _aws: {}, message: "metrics", service: "enrich" }),
      line(OPS_NOW - 8_000, {
        level: "INFO",
        message: "step",
        service: "deliver-meta",
        step: "delivered",
        lane: "meta",
        email: "ana@example.com",
        error_message: "for ana@example.com",
        nested: { a: 1 },
        events: 3,
      }),
      { at: OPS_NOW - 7_000, text: "START RequestId: 1" },
    ]),
  );
  expect((await ask({ path: "/tail" })).body).toEqual({
    items: [
      {
        at: OPS_NOW - 8_000,
        service: "deliver-meta",
        level: "info",
        message: "step",
        fields: { step: "delivered", lane: "meta", events: 3 },
      },
    ],
    next: String(OPS_NOW - 3_000),
  });
});

test("following misses nothing and shows nothing twice, also what arrived late", async () => {
  const written: LogPage["lines"][number][] = [];
  let now = OPS_NOW;
  const functionLogs = { read: async (from: number, to: number) => reading(written)(from, to) };
  const { ask } = await createOpsWorld([tail], { functionLogs, clock: { now: () => now } });
  const seen: number[] = [];
  let after = String(now);
  for (let second = 1; second <= 12; second += 1) {
    now += 1_000;
    // Of another function: two seconds old when it arrives.
    if (second < 9)
      written.push(line(now - 2_000, { message: "late", service: "a" }), line(now, { message: "m", service: "b" }));
    const { body } = await ask({ path: "/tail", query: `after=${encodeURIComponent(after)}` });
    seen.push(...body.items.map(({ at }: { at: number }) => at));
    after = body.next;
  }
  const expected = written.map(({ at }) => at).filter((at) => at >= OPS_NOW);
  expect(seen.sort()).toEqual(expected.sort());
});

test("lane and level choose", async () => {
  const { ask } = await world(
    reading(
      ["INFO", "WARN", "ERROR"].flatMap((level) =>
        ["meta", "ga4"].map((lane) => line(OPS_NOW - 5_000, { level, message: level, service: "x", lane })),
      ),
    ),
  );
  const shown = async (query: string) =>
    (await ask({ path: "/tail", query })).body.items.map(({ message }: { message: string }) => message);
  expect(await shown("lane=meta")).toEqual(["INFO", "WARN", "ERROR"]);
  expect(await shown("lane=ga4&level=warn")).toEqual(["WARN", "ERROR"]);
  expect((await ask({ path: "/tail", query: "level=loud" })).body.message).toBe(
    "level must be one of info, warn, error",
  );
});

test("a log of many pages is read on from where the answer stopped", async () => {
  const asked: unknown[] = [];
  const { ask } = await world(async (from, to, token) => {
    asked.push([from, to, token]);
    const page = Number(token ?? 0);
    const lines = [line(from + page, { message: String(page), service: "x" })];
    return page < 6 ? { lines, token: String(page + 1) } : { lines };
  });
  const first = (await ask({ path: "/tail" })).body;
  const second = (await ask({ path: "/tail", query: `after=${encodeURIComponent(first.next)}` })).body;
  const messages = [...first.items, ...second.items].map(({ message }: { message: string }) => message);
  expect(messages).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  expect(new Set(asked.map((it) => JSON.stringify((it as unknown[]).slice(0, 2)))).size).toBe(1);
  expect(second.next).toBe(String(OPS_NOW - 3_000));
});

test.each(["yesterday", "{}", '{"from":1}', "[1]"])("after=%s is refused", async (after) => {
  const { ask } = await world(reading([]));
  expect((await ask({ path: "/tail", query: `after=${encodeURIComponent(after)}` })).body.error).toBe("invalid_field");
});

test.each(["0", "5", String(OPS_NOW - 400 * 86_400_000)])("from %s on it reads the last day", async (after) => {
  const asked: number[] = [];
  const { ask } = await world(async (from) => {
    asked.push(from);
    return { lines: [] };
  });
  expect((await ask({ path: "/tail", query: `after=${after}` })).status).toBe(200);
  expect(asked).toEqual([OPS_NOW - 86_400_000]);
});

test.each([
  { from: 0, to: OPS_NOW, token: "t" },
  { from: OPS_NOW - 1_000, to: 9e15, token: "t" },
  { from: -1.5, to: OPS_NOW, token: "t" },
  { from: OPS_NOW - 1_000, to: OPS_NOW - 500, token: "t", logGroup: "other" },
])("a place that was made up, %j, reads nothing", async (place) => {
  const { ask } = await world(async () => {
    throw new Error("read");
  });
  const query = new URLSearchParams({ after: JSON.stringify(place) }).toString();
  expect(await ask({ path: "/tail", query })).toMatchObject({ status: 400, body: { error: "invalid_field" } });
});

test("what a function has let into its log is masked here", async () => {
  const { ask } = await world(
    reading([line(OPS_NOW - 8_000, { message: "for ana@example.com", service: "enrich", reason: "+4915112345678" })]),
  );
  expect((await ask({ path: "/tail" })).body.items).toMatchObject([
    { message: "for a***@e***.com", fields: { reason: "***78" } },
  ]);
});
