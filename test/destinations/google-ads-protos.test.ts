import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { googleAds as googleAdsSandbox } from "../../packages/sandbox/src/platforms/google-ads.ts";
import { arbitraryEvents, EVENT_TIME } from "../support/arbitrary-events.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { sampledLane } from "../support/sampled-lanes.ts";

// Google's published protos as the judge: what they cannot hold is lost on the way through them, so that a name, a type
// or a word of ours that is not Google's does not come back.

interface MessageType {
  fromObject(object: Body): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: Record<string, unknown>): Body;
}
interface Library {
  protos: { google: { ads: { datamanager: { v1: Record<string, MessageType> } } } };
}
interface Descriptor {
  nested: { google: { nested: { ads: { nested: { datamanager: { nested: { v1: { nested: Types } } } } } } } };
}
type Types = Readonly<Record<string, { fields?: Readonly<Record<string, unknown>> }>>;
type Body = { readonly [key: string]: unknown };

const require = createRequire(import.meta.url);
const { protos } = require("@google-ads/datamanager") as Library;
const descriptor = require("@google-ads/datamanager/build/protos/protos.json") as Descriptor;
const types = descriptor.nested.google.nested.ads.nested.datamanager.nested.v1.nested;

const folder = join(import.meta.dirname, "google-ads");
const goldens = readdirSync(folder).flatMap((file): [string, Body][] => {
  const { request } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { request?: { body: Body } };
  return request === undefined ? [] : [[file.replace(/\.json$/, ""), request.body]];
});

const TIMES = ["eventTimestamp", "lastUpdatedTimestamp"];

/** Times are text in JSON and numbers in a message. */
function withTimes(body: Body, convert: (time: unknown) => unknown): Body {
  const events = (body.events as readonly Body[]).map((event) =>
    Object.fromEntries(Object.entries(event).map(([key, it]) => [key, TIMES.includes(key) ? convert(it) : it])),
  );
  return { ...body, events };
}

function toTimestamp(time: unknown): { seconds: number; nanos: number } {
  const ms = Date.parse(String(time));
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}

function fromTimestamp(time: unknown): string {
  const { seconds = 0, nanos = 0 } = time as { seconds?: number; nanos?: number };
  return new Date(seconds * 1000 + nanos / 1_000_000).toISOString();
}

/** The request as Google's servers read it: through its message, on the wire, and back. */
function asGoogleReads(body: Body): Body {
  const type = protos.google.ads.datamanager.v1.IngestEventsRequest;
  if (type === undefined) throw new Error("the library has no IngestEventsRequest");
  const bytes = type.encode(type.fromObject(withTimes(body, toTimestamp))).finish();
  const read = type.toObject(type.decode(bytes), { longs: Number, enums: String });
  return withTimes(JSON.parse(JSON.stringify(read)) as Body, fromTimestamp);
}

test("the way through the protos shows what they do not know", () => {
  const [, body = {}] = goldens.find(([name]) => name === "purchase-full") ?? [];
  const [event] = body.events as readonly Body[];
  const changed = (change: Body) => ({ ...body, events: [{ ...event, ...change }] });
  expect(asGoogleReads(changed({ order_id: "1" }))).not.toEqual(changed({ order_id: "1" }));
  expect(asGoogleReads(changed({ eventSource: "WEBSITE" }))).not.toEqual(changed({ eventSource: "WEBSITE" }));
  expect(asGoogleReads(changed({ conversionValue: "1" }))).not.toEqual(changed({ conversionValue: "1" }));
});

test.each(goldens)("Google reads all of %s", (_, body) => {
  expect(asGoogleReads(body)).toEqual(body);
});

test.each(SAMPLES["google-ads"]?.settings ?? [])("Google reads all of whatever a lane sends with %j", (settings) => {
  const lane = sampledLane("google-ads", EVENT_TIME + 60_000, settings);
  const { destination } = lane;
  fc.assert(
    fc.property(arbitraryEvents, (event) => {
      if (destination.skipReason(event, lane) !== undefined) return;
      const body = JSON.parse(destination.buildRequest([event], lane).body) as Body;
      expect(asGoogleReads(body)).toEqual(body);
    }),
  );
});

/** Where each message stands in a request, and a request with this one field there. */
const PLACES: Readonly<Record<string, [path: string, place: (inner: Body) => Body]>> = {
  IngestEventsRequest: ["", (inner) => ({ ...inner })],
  Destination: ["destinations[0].", (inner) => ({ destinations: [inner] })],
  ProductAccount: ["destinations[0].operatingAccount.", (inner) => ({ destinations: [{ operatingAccount: inner }] })],
  Event: ["", (inner) => withEvent(inner)],
  AdIdentifiers: ["adIdentifiers.", (inner) => withEvent({ adIdentifiers: inner })],
  DeviceInfo: ["eventDeviceInfo.", (inner) => withEvent({ eventDeviceInfo: inner })],
  Consent: ["consent.", (inner) => withEvent({ consent: inner })],
  UserData: ["userData.", (inner) => withEvent({ userData: inner })],
  UserIdentifier: ["userData.userIdentifiers[0].", (inner) => withEvent({ userData: { userIdentifiers: [inner] } })],
  AddressInfo: [
    "userData.userIdentifiers[0].address.",
    (inner) => withEvent({ userData: { userIdentifiers: [{ address: inner }] } }),
  ],
  CartData: ["cartData.", (inner) => withEvent({ cartData: inner })],
  Item: ["cartData.items[0].", (inner) => withEvent({ cartData: { items: [inner] } })],
};

function withEvent(event: Body): Body {
  const account = { accountType: "GOOGLE_ADS", accountId: "1234567890" };
  const destinations = [{ reference: "ads", operatingAccount: account, productDestinationId: "1" }];
  return { destinations, encoding: "HEX", events: [event] };
}

function sandboxKnows(path: string, body: Body): boolean {
  const request = platformRequest({
    method: "POST",
    url: "https://datamanager.googleapis.com/v1/events:ingest",
    headers: { "content-type": "application/json", authorization: "Bearer token" },
    body: JSON.stringify(body),
  });
  const { events } = googleAdsSandbox.judge(request, EVENT_TIME, judgeOptions());
  return !JSON.stringify(events.map(({ problems }) => problems)).includes(`${path} is not a field of this API`);
}

const everyName = [...new Set(Object.values(types).flatMap(({ fields = {} }) => Object.keys(fields)))];

test.each(Object.entries(PLACES))("the sandbox knows the fields of %s, and no other", (type, [path, place]) => {
  const fields = Object.keys(types[type]?.fields ?? {});
  expect(fields.length).toBeGreaterThan(0);
  const known = everyName.filter((name) => sandboxKnows(`${path}${name}`, place({ [name]: 0 })));
  expect(known.sort()).toEqual(fields.sort());
});
