import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { APP_KEY, BROWSER_KEY, ORIGIN, SERVER_KEY } from "../support/ingest-world.ts";
import { CORPUS } from "./corpus.ts";
import { broken, CANARY, hostileJson } from "./hostile-values.ts";

/** One request at the door, and what has to come of it beyond an answer. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Uint8Array;
  /** Id of a good event in it, which must be taken whatever stands beside it. */
  readonly good?: string;
  /** The queue takes nothing while this one is there: then, and only then, 503 is right. */
  readonly queueDown?: true;
}

const BASIC = `Basic ${Buffer.from(`${SERVER_KEY}:`).toString("base64")}`;
const BROWSER = { authorization: `Bearer ${BROWSER_KEY}`, origin: ORIGIN, "user-agent": "Mozilla/5.0" };

const headerText = fc.oneof(
  fc.string({ maxLength: 60 }).map((text) => `${CANARY}${text}`),
  fc.constantFrom(
    "",
    "null",
    "https://evil.example",
    `${ORIGIN}.evil.example`,
    "Basic ====",
    "Bearer  ",
    "x".repeat(4_000),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const HEADER_NAMES =
  "authorization origin referer user-agent x-tracklayer-key content-type content-encoding content-length sec-gpc x-forwarded-for host anonymousid sentat";
const headers = fc.oneof(
  fc.constantFrom<Record<string, string>>(
    { authorization: `Bearer ${SERVER_KEY}` },
    { authorization: BASIC },
    BROWSER,
    { ...BROWSER, authorization: `Basic ${Buffer.from(`${BROWSER_KEY}:`).toString("base64")}` },
    { authorization: `Bearer ${APP_KEY}` },
    {},
  ),
  fc.dictionary(fc.constantFrom(...HEADER_NAMES.split(" ")), headerText, { maxKeys: 5 }),
);

const PATHS = [
  ..."/v1/events /v1/batch /v1/b /v1/import /beacon/v1/batch /v1/m /rsaMetrics /v1/health /sourceConfig".split(" "),
  ..."/v1/track /v1/identify /v1/page /v1/screen /v1/group /v1/alias /v1/t /v1/i /v1/p /v1/s /v1/g /v1/a".split(" "),
  ..."/pixel/v1/track /pixel/v1/page /v1/projects/browser-key/settings /v1/projects/%ff/settings".split(" "),
  ..."//v1//events/ /a/b/v1/events /v1/events/.. /V1/EVENTS /v1/events%00 /__proto__ /constructor / /v1".split(" "),
];
const paths = fc.oneof(
  { arbitrary: fc.constantFrom(...PATHS), weight: 8 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 60 }).map((text) => `/${CANARY}/${text}`), weight: 1 },
  { arbitrary: fc.nat(9_000).map((length) => `/v1/${"a/".repeat(length / 2)}events`), weight: 1 },
);

const queryPair: fc.Arbitrary<[string, string]> = fc.tuple(
  fc.constantFrom(
    "key",
    "writeKey",
    "event",
    "properties.value",
    "context.page.url",
    "__proto__.x",
    "a.b.c.d.e.f.g.h.i.j",
    "messageId",
    "..",
    "constructor.prototype.y",
  ),
  fc.oneof(headerText, fc.constantFrom(SERVER_KEY, BROWSER_KEY, "1")),
);
const queries = fc.oneof(
  fc.constant(""),
  fc.array(queryPair, { maxLength: 6 }).map((pairs) => new URLSearchParams(pairs).toString()),
  fc.constantFrom("%", "%zz=%ff", "&&&===", "?a=b", `${CANARY}=${CANARY}`, "a=1&a=2&a=3"),
);

const envelopes = fc.oneof(
  hostileJson,
  hostileJson.map((event) => ({ events: [event] })),
  fc.array(hostileJson, { maxLength: 4 }).map((events) => ({ events, sent_at: "2026-11-20T12:00:00Z" })),
  fc.tuple(fc.array(hostileJson, { maxLength: 4 }), hostileJson).map(([batch, context]) => ({ batch, context })),
);
const json = envelopes.map((value) => JSON.stringify(withoutCanaryInIds(value)) ?? "");

const bodies = fc.oneof(
  { arbitrary: json.map(bytes), weight: 4 },
  { arbitrary: broken(json).map(bytes), weight: 4 },
  { arbitrary: json.map((text) => new Uint8Array(gzipSync(text))), weight: 1 },
  {
    arbitrary: fc.tuple(json, fc.nat(60)).map(([text, cut]) => new Uint8Array(gzipSync(text)).subarray(0, cut)),
    weight: 1,
  },
  { arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 },
  {
    arbitrary: fc
      .tuple(json, fc.uint8Array({ maxLength: 8 }))
      .map(([text, tail]) => Uint8Array.of(...tail, ...bytes(text))),
    weight: 1,
  },
);

const anything: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant("POST"), weight: 6 },
    { arbitrary: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "", "__proto__"), weight: 2 },
  ),
  path: paths,
  query: queries,
  headers,
  cookies: fc.array(fc.oneof(headerText, fc.constantFrom("_fbp=", "=x", "_ga=GA1.1.1.1", "__proto__=1", "a=b;c")), {
    maxLength: 3,
  }),
  body: bodies,
});

/** A good event among hostile ones, in a request that is well formed as a whole. */
const goodAmongHostile: fc.Arbitrary<HostileRequest> = fc
  .record({
    before: fc.array(hostileJson, { maxLength: 4 }),
    after: fc.array(hostileJson, { maxLength: 3 }),
    id: fc.nat(),
    sdk: fc.boolean(),
    zipped: fc.boolean(),
    queueDown: fc.integer({ min: 0, max: 19 }).map((roll) => roll === 0),
  })
  .map(({ before, after, id, sdk, zipped, queueDown }) => {
    const good = `good-${id}`;
    // An event that names another key than the header does has its whole batch refused: nobody may guess whose it is.
    for (const event of before)
      if (sdk && typeof event === "object" && event !== null) Reflect.deleteProperty(event, "writeKey");
    const events = withoutCanaryInIds([...before, sdk ? goodSdkEvent(good) : goodEvent(good), ...after]);
    const text = JSON.stringify(sdk ? { batch: events } : { events });
    return {
      method: "POST",
      path: sdk ? "/v1/batch" : "/v1/events",
      query: "",
      headers: { authorization: BASIC },
      cookies: [],
      body: zipped ? new Uint8Array(gzipSync(text)) : bytes(text),
      ...(queueDown ? { queueDown: true as const } : { good }),
    };
  });

/** Requests at every route, of which a third carries a good event; the corpus comes again and again among them. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  { arbitrary: anything, weight: 60 },
  { arbitrary: goodAmongHostile, weight: 38 },
  { arbitrary: fc.constantFrom(...CORPUS), weight: 2 },
);

/** A purchase as a shop's server sends it. */
export function goodEvent(id: string): object {
  return {
    event_name: "purchase",
    event_id: id,
    order_id: "1001",
    value: "49.90",
    currency: "EUR",
    user: { email: "ana@example.com", country: "US" },
    items: [{ id: "I-1", name: "Zoë 👩‍👧", price: "49.90", quantity: 1 }],
  };
}

/** The same by way of an SDK. */
export function goodSdkEvent(id: string): object {
  return {
    type: "track",
    event: "Order Completed",
    messageId: id,
    userId: "u-1",
    timestamp: "2026-11-20T11:59:00Z",
    properties: { order_id: "1001", revenue: "49.90", currency: "EUR" },
  };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** An answer names events by their ids: there the canary may come back. */
function withoutCanaryInIds(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const [key, inner] of Object.entries(value)) {
    if (/^(event_id|messageId|order_id)$/.test(key)) {
      if (JSON.stringify(inner)?.includes(CANARY)) Reflect.set(value, key, "an-id");
    } else withoutCanaryInIds(inner);
  }
  return value;
}
