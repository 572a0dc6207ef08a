import { braze } from "../../src/platforms/braze.ts";
import { platformAt } from "../../src/platforms.ts";
import { type Fields, type Sent, senderTo } from "../support/judging.ts";

const TIME = "2026-11-23T11:59:00Z";
const URL = "https://rest.iad-06.braze.com/users/track";
const PRODUCT = {
  product_id: "632910392",
  product_name: "Headphones",
  variant_id: "808950810",
  quantity: 1,
  price: 199.98,
};

const event = (changes: Fields = {}): Fields => ({ external_id: "u-1", name: "rented_movie", time: TIME, ...changes });
const purchase = (changes: Fields = {}): Fields => ({
  external_id: "u-1",
  product_id: "backpack",
  currency: "USD",
  price: 40,
  time: TIME,
  ...changes,
});
const placed = (properties: Fields = {}): Fields =>
  event({
    name: "ecommerce.order_placed",
    properties: {
      order_id: "order_67890",
      total_value: 189.98,
      currency: "USD",
      products: [PRODUCT],
      source: "https://braze-audio.com",
      ...properties,
    },
  });
const product = (changes: Fields) => placed({ products: [{ ...PRODUCT, ...changes }] });
const recommended = (name: string, properties: Fields) => event({ name, properties });

const send = senderTo(braze, {
  url: URL,
  always: { authorization: "Bearer key", "content-type": "application/json" },
});
const problemsOf = (body: unknown) => send(body).events.flatMap(({ problems }) => problems);

test("stands at every cluster's REST host, and nowhere else", () => {
  const hosts = ["rest.iad-01.braze.com", "rest.us-10.braze.com", "rest.fra-02.braze.eu", "rest.id-01.braze.com"];
  expect(hosts.map((host) => platformAt(host, "/users/track").id)).toEqual(hosts.map(() => "braze"));
  expect(platformAt("rest.iad-01.braze.com.evil.example", "/users/track").id).toBe("webhook");
});

test("takes the reference's own example: one event, one of an alias, and a purchase", () => {
  const body = {
    attributes: [{ email: "test@braze.com", first_name: "Test" }],
    events: [
      event({
        external_id: undefined,
        email: "test@braze.com",
        properties: { release: { studio: "A", year: "2022" } },
      }),
      event({ external_id: undefined, user_alias: { alias_name: "device123", alias_label: "my_device_identifier" } }),
    ],
    purchases: [purchase({ quantity: 6, properties: { color: "red", checkout_duration: 180 } })],
  };
  const taken = send(body);
  expect(taken.status).toBe(201);
  expect(taken.answer).toEqual({
    message: "success",
    attributes_processed: 1,
    events_processed: 2,
    purchases_processed: 1,
  });
  expect(taken.events.map(({ event_name, taken: isTaken }) => [event_name, isTaken])).toEqual([
    ["rented_movie", true],
    ["rented_movie", true],
    ["(purchases)", true],
  ]);
});

test("takes each recommended event with what its schema requires", () => {
  const products = [PRODUCT];
  const order = { order_id: "o", total_value: 1, currency: "USD", products, source: "web" };
  const { quantity: _, ...viewed } = PRODUCT;
  const body = {
    events: [
      recommended("ecommerce.product_viewed", { ...viewed, currency: "USD", source: "web", type: ["price_drop"] }),
      recommended("ecommerce.cart_updated", { cart_id: "c", action: "add", currency: "USD", products, source: "web" }),
      recommended("ecommerce.cart_updated", { cart_id: "c", total_value: 1, currency: "USD", products, source: "web" }),
      recommended("ecommerce.checkout_started", {
        checkout_id: "c",
        total_value: 1,
        currency: "USD",
        products,
        source: "w",
      }),
      recommended("ecommerce.order_placed", { ...order, tax: 1, discounts: [{ code: "SAVE10", amount: 10 }] }),
      recommended("ecommerce.order_refunded", { ...order, metadata: { order_note: "broken" } }),
      recommended("ecommerce.order_cancelled", { ...order, cancel_reason: "changed mind" }),
    ],
  };
  expect(problemsOf(body)).toEqual([]);
});

test("drops no copy", () => {
  const one = event({ properties: { event_id: "e-1" } });
  expect(send({ events: [one, one] }).events).toMatchObject([{ event_id: "e-1" }, { event_id: "e-1" }]);
  expect(send({ events: [one] }).events[0]).not.toHaveProperty("dedup_key");
  expect(braze.dedupWindowMs).toBe(0);
});

test("purchase objects of one order are one event, and profiles go with the event at their place", () => {
  const properties = { event_id: "ord-1" };
  const judged = send({
    attributes: [{ external_id: "u-1", first_name: "Ada" }, { external_id: "u-2" }],
    purchases: [purchase({ properties }), purchase({ properties, quantity: 101 })],
  });
  expect(judged.events).toMatchObject([
    { event_name: "(purchases)", event_id: "ord-1", taken: false },
    { event_name: "(attributes)", taken: false, problems: ["attributes[1] says nothing of the profile"] },
  ]);
  expect(judged.answer.errors).toEqual([
    { type: "says nothing of the profile", input_array: "attributes", index: 1 },
    { type: "quantity must be an integer from 1 to 100", input_array: "purchases", index: 1 },
  ]);
});

test.each<[string, Fields, string]>([
  ["nobody", event({ external_id: undefined }), "is required"],
  ["two identifiers", event({ email: "a@example.com" }), "several identifiers"],
  ["a hash for an e-mail", event({ external_id: undefined, email: "a".repeat(64) }), "email must be an e-mail"],
  ["a national number", event({ external_id: undefined, phone: "0176123456" }), "phone must be a phone number"],
  ["an alias without a label", event({ external_id: undefined, user_alias: { alias_name: "a" } }), "alias_label"],
  ["no name", event({ name: undefined }), "name is required"],
  ["a long name", event({ name: "n".repeat(256) }), "name must have at most 255"],
  ["a name with a dollar", event({ name: "$purchase" }), "name must not begin with $"],
  ["no time", event({ time: undefined }), "time is required"],
  ["epoch seconds", event({ time: 1_795_435_200 }), "time must be an ISO 8601 time"],
  ["the future", event({ time: "2026-11-24T12:00:00Z" }), "time is in the future"],
  ["an app by its name", event({ app_id: "shop" }), "app_id must be a UUID"],
  ["an unknown field", event({ event_id: "e" }), "event_id is not a field"],
  ["a reserved property", event({ properties: { time: "x" } }), "Invalid 'properties' field: time"],
  ["a property with a dollar", event({ properties: { a: { $b: 1 } } }), "properties.a.$b is no name"],
  ["a long text", event({ properties: { a: ["x".repeat(256)] } }), "properties.a[0] has more than 255"],
  ["a null", event({ properties: { a: null } }), "properties.a is null"],
  [
    "many properties",
    event({ properties: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`k${index}`, 1])) }),
    "257 names",
  ],
  [
    "a heavy object",
    event({ properties: { a: Array.from({ length: 400 }, () => "x".repeat(255)) } }),
    "at most 100000 are taken",
  ],
  ["properties in a list", event({ properties: [] }), "properties must be an object"],
  ["an order without an id", placed({ order_id: undefined }), "The property '#/order_id' is required"],
  ["an order without products", placed({ products: [] }), "The property '#/products' must be a non-empty array"],
  ["an order of less than 0", placed({ total_value: -1 }), "The property '#/total_value' must be a number"],
  ["an amount as text", placed({ total_value: "189.98" }), "The property '#/total_value' must be a number"],
  ["an order without a source", placed({ source: undefined }), "The property '#/source' is required"],
  ["a property that the schema lacks", placed({ channel: "web" }), "The property '#/channel' is not a field"],
  ["half a product", product({ quantity: 0.5 }), "The property '#/products/0/quantity' must be an integer"],
  ["a product without a variant", product({ variant_id: undefined }), "'#/products/0/variant_id' is required"],
  ["a product's brand", product({ brand: "Acme" }), "The property '#/products/0/brand' is not a field"],
  ["a discount without a code", placed({ discounts: [{ amount: 1 }] }), "code is required"],
  [
    "a cart without an id",
    recommended("ecommerce.cart_updated", { action: "add", currency: "USD", products: [PRODUCT], source: "web" }),
    "The property '#/cart_id' is required",
  ],
  [
    "a replaced cart without a total",
    recommended("ecommerce.cart_updated", {
      cart_id: "c",
      action: "replace",
      currency: "USD",
      products: [PRODUCT],
      source: "web",
    }),
    "The property '#/total_value' is required unless",
  ],
  [
    "a cart that is stolen",
    recommended("ecommerce.cart_updated", {
      cart_id: "c",
      action: "steal",
      total_value: 1,
      currency: "USD",
      products: [PRODUCT],
      source: "web",
    }),
    "The property '#/action' must be one of",
  ],
])("refuses %s in events, alone", (_, refused, words) => {
  const judged = send({ events: [event(), refused] });
  expect(judged.status).toBe(201);
  expect(judged.answer.errors).toEqual([{ type: expect.stringContaining(words), input_array: "events", index: 1 }]);
  expect(judged.events.map(({ taken }) => taken)).toEqual([true, false]);
});

test.each<[string, Fields, string]>([
  ["a purchase of nothing", purchase({ product_id: undefined }), "product_id is required"],
  ["a currency in lower case", purchase({ currency: "usd" }), "currency must be an ISO 4217"],
  ["no price", purchase({ price: undefined }), "price is required"],
  ["a price as text", purchase({ price: "40" }), "price must be a number"],
  ["none of it", purchase({ quantity: 0 }), "quantity must be an integer from 1 to 100"],
  ["a name", purchase({ name: "purchase" }), "name is not a field"],
  ["a reserved property", purchase({ properties: { price: 1 } }), "price is reserved"],
])("refuses %s in purchases", (_, refused, words) => {
  expect(problemsOf({ purchases: [refused] })).toContainEqual(expect.stringContaining(words));
});

test.each<[string, Fields, string]>([
  ["a country by its name", { external_id: "u", country: "Germany" }, "country must be an ISO 3166-1"],
  ["a gender in lower case", { external_id: "u", gender: "f" }, "gender must be one of"],
  ["consent in words", { external_id: "u", $google_ad_user_data: "granted" }, "must be true or false"],
  ["an attribute of nobody", { first_name: "Ada" }, "is required"],
  ["an e-mail alone", { email: "a@example.com" }, "says nothing of the profile"],
])("refuses %s in attributes", (_, refused, words) => {
  expect(problemsOf({ attributes: [refused] })).toContainEqual(expect.stringContaining(words));
});

test("an e-mail is a fact of a profile that goes by another identifier", () => {
  expect(problemsOf({ attributes: [{ external_id: "u", email: "a@example.com", phone: "+15043277269" }] })).toEqual([]);
});

test.each<[string, unknown, Sent, number]>([
  ["another path", { events: [event()] }, { url: "https://rest.iad-06.braze.com/users/tracks" }, 404],
  ["a GET", "", { method: "GET" }, 405],
  ["no key", { events: [event()] }, { headers: { authorization: "" } }, 401],
  ["a key of another cluster", { events: [event()] }, { headers: { authorization: "Bearer INVALID" } }, 401],
  ["a form", { events: [event()] }, { headers: { "content-type": "text/plain" } }, 400],
  ["half a document", '{"events":[', {}, 400],
  ["nothing", {}, {}, 400],
  ["an empty array", { events: [] }, {}, 400],
  ["an array of our own", { events: [event()], partner: "x" }, {}, 400],
  ["76 objects", { events: Array(50).fill(event()), purchases: Array(26).fill(purchase()) }, {}, 400],
  ["5 MB", { events: [event({ properties: { a: "x".repeat(5_000_000) } })] }, {}, 413],
])("refuses a whole request over %s", (_, body, sent, status) => {
  const refused = send(body, sent);
  expect(refused.status).toBe(status);
  expect(refused.answer.message).toEqual(expect.any(String));
  expect(refused.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
});

test("75 objects over all arrays are taken", () => {
  expect(send({ events: Array(50).fill(event()), purchases: Array(25).fill(purchase()) }).status).toBe(201);
});

test("a script refuses an event by its id, alone", () => {
  const events = [event({ properties: { event_id: "e-1" } }), placed({ metadata: { event_id: "e-2" } })];
  const judged = send({ events }, { options: { rejectEventIds: ["e-2"] } });
  expect(judged.answer.errors).toEqual([{ type: "is refused by script", input_array: "events", index: 1 }]);
});

test("as lenient as the platform, it lets unknown fields pass", () => {
  const body = { events: [event({ event_id: "e" })], attributes: [{ external_id: "u", plan: "gold" }] };
  expect(send(body, { options: { strict: false } }).answer.errors).toBeUndefined();
});
