import { constants, deflateRawSync, gzipSync } from "node:zlib";
import type { Platform } from "../../packages/sandbox/src/model.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;
/** Of every answer in this file. */
const statuses: number[] = [];
/** Sent right after each bad request: all of them must arrive. */
const followers: string[] = [];

beforeAll(async () => {
  app = await startApp({ config: "test/support/instant.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(() => app?.stop());

interface Problem {
  field: string;
  rule: string;
  got: string;
}

interface Answer {
  status: number;
  body: {
    error?: string;
    message?: string;
    accepted?: number;
    rejected?: number;
    results?: { event_id: string; status: string; errors?: Problem[]; warnings?: Problem[] }[];
  };
}

type Body = string | Uint8Array<ArrayBuffer>;

async function send(path: string, body: Body, headers: Record<string, string> = {}): Promise<Answer> {
  // Without this header a gateway takes a JSON body for text, and bytes that are no text are lost on the way.
  const encoding = body[0] === 0x1f ? { "content-encoding": "gzip" } : {};
  const response = await fetch(`${app.apiUrl}${path}`, { method: "POST", headers: { ...headers, ...encoding }, body });
  statuses.push(response.status);
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Answer["body"] };
}

function asServer(): Record<string, string> {
  return { authorization: `Bearer ${app.keys["shop-server"]}`, "content-type": "application/json" };
}

function post(body: unknown): Promise<Answer> {
  const sendable = typeof body === "string" || body instanceof Uint8Array;
  return send("/v1/events", sendable ? (body as Body) : JSON.stringify(body), asServer());
}

/** The JSON of a purchase with this text in place of one value, for what no object can hold. */
function purchaseText(id: string, field: string, json: string): string {
  return JSON.stringify({ ...purchaseInput(id), [field]: "PLACEHOLDER" }).replace('"PLACEHOLDER"', () => json);
}

async function goodEventPasses(): Promise<void> {
  const id = `follower-${followers.length}`;
  followers.push(id);
  expect((await post(purchaseInput(id))).body).toMatchObject({ accepted: 1, rejected: 0 });
}

/** One gzip member of so many megabytes of zeros: a full flush ends on a byte, so that one piece can be repeated. */
function gzipBomb(megabytes: number): Uint8Array<ArrayBuffer> {
  const tenMegabytes = deflateRawSync(new Uint8Array(10 * 1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
  const head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
  const pieces = Array.from({ length: megabytes / 10 }, () => tenMegabytes);
  return Uint8Array.from(Buffer.concat([Buffer.from(head), ...pieces, Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0])]));
}

const brackets = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("a request that cannot be read is refused as a whole, in words", () => {
  const big = (bytes: number) => JSON.stringify(purchaseInput("big", { properties: { note: "x".repeat(bytes) } }));
  const rows: [string, () => Body, number, string, RegExp][] = [
    ["broken JSON", () => "{not json", 400, "invalid_json", /not JSON/],
    ["a NaN that only JavaScript knows", () => purchaseText("nan", "value", "NaN"), 400, "invalid_json", /not JSON/],
    ["nothing", () => "", 400, "invalid_json", /not JSON/],
    ["a form", () => "event_name=purchase&value=1", 400, "invalid_json", /not JSON/],
    ["a number", () => "42", 400, "not_an_object", /one event object/],
    ["null", () => "null", 400, "not_an_object", /one event object/],
    ["a bare list", () => JSON.stringify([purchaseInput("bare")]), 400, "not_an_object", /one event object/],
    ["100,000 lists in each other", () => brackets(100_000), 400, "not_an_object", /one event object/],
    ["events that are no list", () => '{"events":{"0":{}}}', 400, "events_not_a_list", /array/],
    ["no events", () => '{"events":[]}', 400, "no_events", /empty/],
    ["501 events", () => JSON.stringify({ events: Array(501).fill({}) }), 413, "too_many_events", /at most 500/],
    ["a time of sending that is none", () => '{"events":[{}],"sent_at":"noon"}', 400, "sent_at", /ISO 8601/],
    ["2 MB", () => big(2 * 1024 * 1024), 413, "too_large", /over the limit/],
    ["2 MB in 2 kB of gzip", () => Uint8Array.from(gzipSync(big(2 * 1024 * 1024))), 413, "too_large", /over the limit/],
    ["gzip that is none", () => Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3), 400, "not_readable", /not valid gzip/],
    ["gzip cut off", () => Uint8Array.from(gzipSync(big(100))).slice(0, 60), 400, "not_readable", /not valid gzip/],
  ];

  test.each(rows)("%s", async (_, body, status, error, message) => {
    const answer = await post(body());
    expect(answer).toMatchObject({ status, body: { success: false, error } });
    expect(answer.body.message).toMatch(message);
    await goodEventPasses();
  });

  test("a gzip bomb of 1 MB that holds 1 GB costs no memory", async () => {
    const bomb = gzipBomb(1000);
    expect(bomb.length).toBeGreaterThan(900_000);
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const before = await app.memoryMb();
    for (const path of ["/v1/events", "/v1/batch"]) {
      expect(await send(path, bomb, asServer())).toMatchObject({ status: 413, body: { error: "too_large" } });
    }
    expect((await app.memoryMb()) - before).toBeLessThan(300);
    await goodEventPasses();
  });
});

describe("a request that may not speak is refused", () => {
  const shop = "https://shop.example.com";
  const rows: [string, () => [string, Record<string, string>], number, string][] = [
    ["no key", () => ["", {}], 401, "key_missing"],
    ["a wrong key", () => ["", { authorization: "Bearer nonsense" }], 401, "key_unknown"],
    ["a key of 8 kB", () => ["", { "x-tracklayer-key": "k".repeat(8_000) }], 401, "key_unknown"],
    ["authentication of another kind", () => ["", { authorization: "Digest a=b" }], 401, "key_missing"],
    ["a server key in a URL", () => [`?key=${app.keys["shop-server"]}`, {}], 401, "secret_key_in_url"],
    ["a server key in a page", () => ["", { ...asServer(), origin: shop }], 401, "secret_key_in_browser"],
    ["a browser key of nowhere", () => [`?key=${app.keys["shop-web"]}`, {}], 403, "origin_not_allowed"],
    [
      "a browser key elsewhere",
      () => [`?key=${app.keys["shop-web"]}`, { origin: "https://evil.example" }],
      403,
      "origin_not_allowed",
    ],
    [
      "an origin that only begins like ours",
      () => [`?key=${app.keys["shop-web"]}`, { origin: `${shop}.evil.example` }],
      403,
      "origin_not_allowed",
    ],
  ];

  test.each(rows)("%s", async (_, request, status, error) => {
    const [query, headers] = request();
    const answer = await send(`/v1/events${query}`, JSON.stringify(purchaseInput("intruder")), headers);
    expect(answer).toMatchObject({ status, body: { success: false, error } });
    expect(answer.body.message).toMatch(/\w/);
    await goodEventPasses();
  });

  test("unknown paths and methods", async () => {
    expect(await send("/v1/nothing", "{}", asServer())).toMatchObject({ status: 404, body: { error: "not_found" } });
    const put = await fetch(`${app.apiUrl}/v1/events`, { method: "PUT", headers: asServer(), body: "{}" });
    expect(put.status).toBe(405);
  });
});

test("a source over its limit is told when to come again, nothing of its request is taken, and no other source notices", async () => {
  let requests = 0;
  const report = async () => {
    requests += 1;
    const ids = Array.from({ length: 10 }, (_, n) => `partner-${requests}-${n}`);
    const response = await fetch(`${app.apiUrl}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${app.keys.partner}`, "content-type": "application/json" },
      body: JSON.stringify({ events: ids.map((id) => purchaseInput(id)) }),
    });
    statuses.push(response.status);
    return { ids, response };
  };
  // A container that has not heard yet takes one more request, and so does a window that begins meanwhile.
  const refused = await eventually("a refusal", async () => {
    const { ids, response } = await report();
    return response.status === 429 && { ids, headers: response.headers, body: await response.json() };
  });
  expect(refused.body).toMatchObject({ success: false, error: "rate_limited" });
  const seconds = Number(refused.headers.get("retry-after"));
  expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 10).toBe(true);
  expect(refused.headers.get("x-ratelimit-reset")).toBe(String(seconds));
  await goodEventPasses();

  const taken = await eventually("the next window", async () => {
    const { ids, response } = await report();
    return response.status === 202 && ids;
  });
  await Promise.all(taken.map((id) => sandbox.arrived("webhook", id)));
  for (const event_id of refused.ids) expect(await sandbox.received({ event_id })).toEqual([]);
});

describe("a bad event is refused by name and kept; the request is answered 202", () => {
  const rows: [string, () => unknown, string, RegExp][] = [
    ["no name", () => ({ value: 1 }), "event_name", /required/],
    ["a name that is a number", () => purchaseInput("r", { event_name: 5 }), "event_name", /string/],
    ["a user that is text", () => purchaseInput("r", { user: "ana" }), "user", /object/],
    ["a user id that is a list", () => purchaseInput("r", { user: { user_id: ["u"] } }), "user.user_id", /string/],
    ["items that are an object", () => purchaseInput("r", { items: { id: 1 } }), "items", /array/],
    [
      "a product id that is a list",
      () => purchaseInput("r", { items: [{ id: "a" }, { id: [7] }] }),
      "items[1].id",
      /string/,
    ],
    ["a value that is true", () => purchaseInput("r", { value: true }), "value", /decimal|number/],
    ["NaN as text", () => purchaseInput("r", { value: "NaN" }), "value", /decimal number/],
    ["an amount beyond numbers", () => purchaseText("r", "value", "1e400"), "value", /decimal number|number/],
    ["a decimal comma", () => purchaseInput("r", { value: "49,90" }), "value", /with a point/],
    ["a currency sign", () => purchaseInput("r", { value: "€49.90" }), "value", /with a point/],
    ["a negative purchase", () => purchaseInput("r", { value: -5 }), "value", /zero or more/],
    ["a currency that is a word", () => purchaseInput("r", { currency: "euros" }), "currency", /ISO 4217/],
    ["a time that is none", () => purchaseInput("r", { event_time: "yesterday" }), "event_time", /ISO 8601/],
    [
      "a time in a year",
      () => purchaseInput("r", { event_time: Date.now() + 365 * 86_400_000 }),
      "event_time",
      /7 days/,
    ],
    ["an id of 300 characters", () => purchaseInput("x".repeat(300)), "event_id", /200 characters/],
    ["an event of 100 kB", () => purchaseInput("r", { properties: filled(100_000) }), "", /at most 65536 bytes/],
    [
      "100,000 levels",
      () => purchaseText("deep", "properties", `{"a":${brackets(100_000)}}`),
      "properties",
      /too_deep/,
    ],
    ["100,000 objects", () => purchaseText("deep", "user", nestedObjects(100_000)), "user", /too_deep/],
    ["10,000 keys", () => purchaseInput("r", { properties: manyKeys(10_000) }), "properties", /too_many_entries|bytes/],
  ];

  function filled(bytes: number): Record<string, string> {
    return Object.fromEntries(Array.from({ length: bytes / 1000 }, (_, n) => [`k${n}`, "x".repeat(1000)]));
  }
  function manyKeys(count: number): Record<string, number> {
    return Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
  }
  function nestedObjects(depth: number): string {
    return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  }

  test.each(rows)("%s", async (_, event, field, rule) => {
    const answer = await post(event());
    expect(answer).toMatchObject({ status: 202, body: { accepted: 0, rejected: 1 } });
    const [result] = answer.body.results ?? [];
    expect(result?.status).toBe("rejected");
    expect(result?.errors?.[0]?.field.startsWith(field)).toBe(true);
    expect(result?.errors?.[0]?.rule).toMatch(rule);
    await goodEventPasses();
  });

  test("what was refused can be looked up", async () => {
    await post(purchaseInput("kept-1", { value: "NaN" }));
    const story = await eventually("kept-1 in quarantine", async () => {
      const traced = JSON.stringify(await app.trace("kept-1"));
      return traced.includes("quarantined") && traced;
    });
    expect(story).toMatch(/"field":"value","rule":"a decimal number/);
  });
});

describe("an odd event is taken, with a word about what is odd", () => {
  test("unknown keys are ignored", async () => {
    const answer = await post(
      purchaseInput("unknown-keys", { colour: "blue", user: { shoe_size: 44, country: "US" } }),
    );
    const [result] = answer.body.results ?? [];
    expect(result?.status).toBe("accepted");
    expect(result?.warnings?.map(({ field }) => field)).toEqual(["colour", "user.shoe_size"]);
    expect(result?.warnings?.[0]?.rule).toMatch(/unknown, ignored/);
    expect(JSON.stringify((await sandbox.arrived("webhook", "unknown-keys")).event)).not.toMatch(/colour|shoe_size/);
  });

  test("keys that reach for a prototype are dropped", async () => {
    const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"kept":"yes"}';
    const text = purchaseText("proto", "properties", evil).replace("{", '{"__proto__":{"event_name":"refund"},');
    const [result] = (await post(text)).body.results ?? [];
    expect(result?.status).toBe("accepted");
    expect(result?.warnings?.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
      "__proto__ dangerous_key",
      "properties.__proto__ dangerous_key",
      "properties.constructor dangerous_key",
    ]);
    const { event } = await sandbox.arrived("webhook", "proto");
    expect(event).toMatchObject({ type: "order.completed", data: { properties: { kept: "yes" } } });
    expect(JSON.stringify(event)).not.toContain("polluted");
  });

  test("money as text, as a float and as an integer comes out as the same amount", async () => {
    const given = { text: "0.30", float: 0.1 + 0.2, padded: " 0.300000 ", tiny: "00000.3" };
    for (const [name, value] of Object.entries(given)) await post(purchaseInput(`money-${name}`, { value }));
    for (const name of Object.keys(given)) {
      expect((await sandbox.arrived("webhook", `money-${name}`)).event).toMatchObject({ data: { value: "0.3" } });
      expect((await sandbox.arrived("meta", `money-${name}`)).event).toMatchObject({ custom_data: { value: 0.3 } });
      expect((await sandbox.arrived("ga4", `money-${name}`)).event).toMatchObject({ params: { value: 0.3 } });
    }
  });

  test("emoji, right-to-left and combined letters arrive as they were sent", async () => {
    const name = "חולצה 👩‍👩‍👧‍👦 قميص Zoë ẅ 𝔘";
    const user = { email: "שרה@example.com", first_name: "שרה", last_name: "محمد", country: "US" };
    await post(
      purchaseInput("unicode-1", {
        items: [{ id: "I-1", name, price: "1", quantity: 1 }],
        user: { ...user, ip: "198.51.100.7", user_agent: "Mozilla/5.0" },
      }),
    );
    expect((await sandbox.arrived("webhook", "unicode-1")).event).toMatchObject({ data: { items: [{ name }] } });
    expect((await sandbox.arrived("meta", "unicode-1")).event).toMatchObject({
      user_data: { fn: [sha256Hex("שרה")], ln: [sha256Hex("محمد")] },
    });
    expect((await sandbox.arrived("ga4", "unicode-1")).event).toMatchObject({
      params: { items: [{ item_name: name }] },
    });
  });

  test("NUL, lone surrogates, non-characters and broken UTF-8 go, the rest of the text stays", async () => {
    const json = JSON.stringify(purchaseInput("dirty-1", { items: [{ id: "I-1", name: "NAME" }], coupon: "COUPON" }));
    const [before = "", after = ""] = json.replace("NAME", "a\\u0000b\\ud800c\\udc00d\\uffffe").split("COUPON");
    const bytes = Buffer.concat([Buffer.from(`${before}x`), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(`y${after}`)]);
    expect((await post(Uint8Array.from(bytes))).body).toMatchObject({ accepted: 1 });
    const { event, problems } = await sandbox.arrived("webhook", "dirty-1");
    expect(problems).toEqual([]);
    expect(event).toMatchObject({ data: { items: [{ name: "abcde" }], coupon: "x\ufffd(\ufffdy" } });
  });

  test("an event id with control characters arrives under the id that the answer names", async () => {
    const answer = await post(purchaseText("", "event_id", '"con\\u0000trol\\u0007-1"'));
    expect(answer.body.results?.[0]).toMatchObject({ status: "accepted", event_id: "control-1" });
    await sandbox.arrived("meta", "control-1");
  });

  test("an id used twice in one request is one event", async () => {
    const twice = [purchaseInput("twice-1"), purchaseInput("twice-2"), purchaseInput("twice-1", { value: "1.00" })];
    const { results = [] } = (await post({ events: twice })).body;
    expect(results.map(({ status }) => status)).toEqual(["accepted", "accepted", "accepted"]);
    expect(results[2]?.warnings?.[0]).toMatchObject({ field: "event_id", rule: "duplicate_in_request" });
    await sandbox.arrived("meta", "twice-2");
    expect((await sandbox.arrived("meta", "twice-1")).event).toMatchObject({ custom_data: { value: 49.9 } });
    await sandbox.arrived("ga4", "twice-1");
    expect(await sandbox.received({ event_id: "twice-1", platform: "meta" })).toHaveLength(1);
    expect(await sandbox.received({ event_id: "twice-1", platform: "ga4" })).toHaveLength(1);
  });
});

describe("time", () => {
  test("an event from the future is taken as of now: no platform gets a later time", async () => {
    const ahead = Date.now() + 3_600_000;
    const [result] = (await post(purchaseInput("future-1", { event_time: ahead }))).body.results ?? [];
    expect(result).toMatchObject({ status: "accepted", warnings: [{ field: "event_time", rule: /future/ }] });
    const meta = await sandbox.arrived("meta", "future-1");
    const ga4 = await sandbox.arrived("ga4", "future-1");
    const webhook = await sandbox.arrived("webhook", "future-1");
    const times = [
      [meta.at, (meta.event as { event_time: number }).event_time * 1000],
      [webhook.at, Date.parse((webhook.event as { timestamp: string }).timestamp)],
    ];
    for (const [at = 0, time = Number.NaN] of times) {
      expect(time).toBeLessThanOrEqual(at);
      expect(time).toBeGreaterThan(at - 60_000);
    }
    expect(ga4.problems).toEqual([]);
  });

  test("a browser whose clock is a day ahead is corrected by its own time of sending", async () => {
    const day = 86_400_000;
    const headers = {
      origin: "https://shop.example.com",
      "user-agent": "Mozilla/5.0",
      "x-forwarded-for": "198.51.100.20",
    };
    const body = {
      events: [purchaseInput("skewed-1", { event_time: Date.now() + day - 600_000 })],
      sent_at: Date.now() + day,
    };
    const answer = await send(`/v1/events?key=${app.keys["shop-web"]}`, JSON.stringify(body), headers);
    expect(answer.body).toMatchObject({ accepted: 1 });
    const { at, event } = await sandbox.arrived("meta", "skewed-1");
    const ageMs = at - (event as { event_time: number }).event_time * 1000;
    expect(ageMs).toBeGreaterThan(590_000);
    expect(ageMs).toBeLessThan(660_000);
  });

  test("an event from last year is kept from the platforms that have a limit, and trace names it", async () => {
    const event_time = new Date(Date.now() - 365 * 86_400_000).toISOString();
    expect((await post(purchaseInput("old-1", { event_time }))).body).toMatchObject({ accepted: 1 });
    expect((await sandbox.arrived("webhook", "old-1")).event).toMatchObject({ timestamp: event_time });
    const skips = await eventually("both decisions", async () => {
      const { deliveries = [] } = (await app.story("old-1")) ?? {};
      const skipped = deliveries.filter(({ state }) => state === "skipped");
      return skipped.length === 2 && Object.fromEntries(skipped.map(({ lane, skip }) => [lane, skip]));
    });
    expect(skips).toEqual({
      meta: { code: "too_old", detail: "the event is 8760 h old, Meta takes it up to 168 h" },
      ga4: { code: "too_old", detail: "the event is 8760 h old, Google Analytics 4 takes it up to 72 h" },
    });
    expect(await sandbox.received({ platform: "meta", event_id: "old-1" })).toEqual([]);
    expect(await sandbox.received({ platform: "ga4", event_id: "old-1" })).toEqual([]);
  });
});

test("of 500 events in one request the bad ones are named by their place, and all the others arrive", async () => {
  const isBad = (n: number) => n % 10 === 3;
  // To one platform only: the other two would take a request each for every event.
  const destinations = { all: false, meta: true };
  const events = Array.from({ length: 500 }, (_, n) =>
    purchaseInput(`many-${n}`, { destinations, ...(isBad(n) ? { currency: "?" } : {}) }),
  );
  const answer = await post({ events });
  expect(answer).toMatchObject({ status: 202, body: { accepted: 450, rejected: 50 } });
  expect(answer.body.results?.map(({ event_id, status }) => `${event_id} ${status}`)).toEqual(
    events.map((_, n) => `many-${n} ${isBad(n) ? "rejected" : "accepted"}`),
  );
  const good = events.map((_, n) => `many-${n}`).filter((_, n) => !isBad(n));
  await arriveOnce(good, "many-", ["meta"]);
});

describe("the SDKs' routes keep the vendors' habits", () => {
  const basic = () => ({ authorization: `Basic ${btoa(`${app.keys["shop-server"]}:`)}` });
  const track = (id: string, more: object = {}) => ({
    type: "track",
    event: "Order Completed",
    userId: "u",
    messageId: id,
    ...more,
  });

  const rows: [string, () => Body, number, string][] = [
    ["broken JSON", () => "{", 400, "invalid_json"],
    ["a batch that is no list", () => '{"batch":{}}', 400, "invalid_batch"],
    ["an empty batch", () => '{"batch":[]}', 400, "invalid_batch"],
    ["5 MB", () => JSON.stringify({ batch: [{ x: "x".repeat(5 * 1024 * 1024) }] }), 413, "too_large"],
  ];
  test.each(rows)("%s", async (_, body, status, error) => {
    expect(await send("/v1/batch", body(), basic())).toMatchObject({ status, body: { error } });
    await goodEventPasses();
  });

  test("bad events in a batch are kept, the others arrive, and the SDK hears 200", async () => {
    const properties = { order_id: "sdk-good", revenue: "39.95", currency: "EUR" };
    const batch = [
      null,
      7,
      "x",
      [],
      {},
      { type: "track" },
      track("sdk-bad", { properties: JSON.parse(brackets(100)) }),
      track("sdk-good", { properties }),
    ];
    expect(await send("/v1/batch", JSON.stringify({ batch }), basic())).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect((await sandbox.arrived("webhook", "sdk-good")).event).toMatchObject({ data: { value: "39.95" } });
    await eventually("sdk-bad in quarantine", async () =>
      JSON.stringify(await app.trace("sdk-bad")).includes("too_deep"),
    );
  });
});

test("every good event that followed a bad one arrives, and nothing was answered with 5xx", async () => {
  expect(followers.length).toBeGreaterThan(40);
  await arriveOnce(followers, "follower-", ["meta", "ga4", "webhook"]);
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
});

async function arriveOnce(ids: readonly string[], prefix: string, platforms: readonly Platform[]): Promise<void> {
  for (const platform of platforms) {
    const counted = await eventually(`${ids.length} events at ${platform}`, async (tell) => {
      const deliveries = await sandbox.deliveries(platform);
      const ours = deliveries.filter(({ event_id }) => event_id.startsWith(prefix));
      tell(ours.length);
      return ours.length >= ids.length && ours;
    });
    expect(counted.map(({ event_id, counted: times }) => `${event_id} ${times}`).sort()).toEqual(
      ids.map((id) => `${id} 1`).sort(),
    );
  }
}
