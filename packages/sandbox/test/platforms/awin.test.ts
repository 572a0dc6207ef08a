import { awin } from "../../src/platforms/awin.ts";
import { type Fields, NOW, type Sent, senderTo, without } from "../support/judging.ts";

const ORDERS = "https://api.awin.com/s2s/advertiser/15758/orders";
const HEADERS = { "content-type": "application/json", "x-api-key": "key" };

const order = (changes: Fields = {}): Fields => ({
  orderReference: "#1100011",
  amount: 111,
  channel: "aw",
  currency: "GBP",
  awc: "15758_1700000000_0a1b2c3d4e5f",
  commissionGroups: [{ code: "DEFAULT", amount: 111 }],
  isTest: false,
  ...changes,
});
const withBasket = (row: Fields) => order({ basket: [{ id: "1", name: "Mug", price: 49.95, quantity: 2, ...row }] });

const send = senderTo(awin, { url: ORDERS, headers: HEADERS, around: (orders) => ({ orders }) });

describe("the request", () => {
  test.each<[string, Sent, number]>([
    ["no key", { headers: { "content-type": "application/json" } }, 401],
    ["the key of Awin's other APIs", { headers: { ...HEADERS, "x-api-key": "Bearer key" } }, 401],
    ["a key of another advertiser", { headers: { ...HEADERS, "x-api-key": "NOPERM" } }, 403],
    ["a path that others quote", { url: "https://api.awin.com/advertisers/15758/conversions" }, 404],
    ["an advertiser that is no number", { url: "https://api.awin.com/s2s/advertiser/acme/orders" }, 404],
    ["another method", { method: "PUT" }, 405],
    ["JSON sent as text", { headers: { ...HEADERS, "content-type": "text/plain" } }, 415],
    ["text that is not JSON", { body: "{" }, 400],
    ["no orders", { body: '{"orders":[]}' }, 400],
    ["1001 orders", { body: JSON.stringify({ orders: Array.from({ length: 1001 }, () => order()) }) }, 400],
    ["an unknown root field", { body: JSON.stringify({ orders: [order()], test: true }) }, 400],
  ])("with %s is refused", (_, sent, status) => {
    const found = send([order()], sent);
    expect({ status: found.status, message: found.answer.message }).toEqual({ status, message: expect.any(String) });
    expect(found.judgement.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
  });

  test("stores every order that is right", () => {
    const { judgement, status, answer } = send([order(), order({ orderReference: "#2" })]);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ successfulOrders: [{ orderReference: "#1100011" }, { orderReference: "#2" }] });
    expect(judgement.events.map(({ taken, dedup_key }) => [taken, dedup_key])).toEqual([
      [true, "#1100011"],
      [true, "#2"],
    ]);
  });

  test("one bad order costs no other", () => {
    const { judgement, status, answer } = send([order(), order({ orderReference: "#2", amount: 0 })]);
    expect(status).toBe(206);
    expect(answer.failedOrders).toMatchObject([{ order: { orderReference: "#2" }, errors: expect.any(Array) }]);
    expect(judgement.events.map(({ taken }) => taken)).toEqual([true, false]);
  });

  test("of test orders counts nothing", () => {
    expect(send([order({ isTest: true })]).judgement).toMatchObject({ dryRun: true, answer: { status: 200 } });
    expect(send([order({ isTest: true }), order()]).judgement.dryRun).toBeUndefined();
  });

  test("refuses the orders that a script names", () => {
    expect(send([order()], { options: { rejectEventIds: ["#1100011"] } }).status).toBe(206);
    expect(send([order()], { options: { rejectEventIds: ["other"] } }).status).toBe(200);
  });
});

const REFUSED: [string, unknown][] = [
  ["that is no object", "#1"],
  ["without a reference", without(order(), "orderReference")],
  ["with a reference of 51 characters", order({ orderReference: "1".repeat(51) })],
  ["without an amount", without(order(), "amount")],
  ["with an amount as text", order({ amount: "111.00" })],
  ["of nothing", order({ amount: 0, commissionGroups: [{ code: "DEFAULT", amount: 0 }] })],
  ["with a negative amount", order({ amount: -1, commissionGroups: [{ code: "DEFAULT", amount: -1 }] })],
  ["with tenths of a cent", order({ amount: 1.005, commissionGroups: [{ code: "DEFAULT", amount: 1.005 }] })],
  ["without a channel", without(order(), "channel")],
  ["without a currency", without(order(), "currency")],
  ["with a currency in lower case", order({ currency: "gbp" })],
  ["without commission groups", without(order(), "commissionGroups")],
  ["with no commission group in the list", order({ commissionGroups: [] })],
  ["with a group without code", order({ commissionGroups: [{ amount: 111 }] })],
  [
    "with a group of nothing",
    order({
      commissionGroups: [
        { code: "A", amount: 111 },
        { code: "B", amount: 0 },
      ],
    }),
  ],
  [
    "whose groups lack a cent",
    order({
      commissionGroups: [
        { code: "A", amount: 100 },
        { code: "B", amount: 10.99 },
      ],
    }),
  ],
  ["with neither click nor voucher", without(order(), "awc")],
  ["with a publisher but no time", { ...without(order(), "awc"), publisherId: 1 }],
  ["with a click that is an address", order({ awc: "jane@example.com" })],
  ["with a voucher with a pipe", order({ voucher: "A|B" })],
  ["with a time in ms", order({ transactionTime: NOW })],
  ["with a test flag as text", order({ isTest: "true" })],
  ["with a customer of another kind", order({ customerAcquisition: "new" })],
  ["with a field Awin does not know", order({ order_ref: "1" })],
  ["with an empty basket", order({ basket: [] })],
  ["with a product without name", withBasket({ name: undefined })],
  ["with a pipe in a product", withBasket({ category: "Home|Kitchen" })],
  ["with half a product", withBasket({ quantity: 0.5 })],
  ["with a price as text", withBasket({ price: "49.95" })],
  ["with a product's field Awin does not know", withBasket({ brand: "Acme" })],
  ["with an address in a product", withBasket({ name: "for jane@example.com" })],
  ["with a named custom parameter", order({ custom: { source: "tracklayer" } })],
  ["with a pipe in a custom parameter", order({ custom: { 1: "a|b" } })],
];

describe("an order", () => {
  test.each(REFUSED)("%s is refused", (_, bad) => {
    const { judgement, status } = send([bad]);
    expect(status).toBe(206);
    expect(judgement.events[0]?.problems).not.toEqual([]);
  });

  test.each<[string, Fields]>([
    ["a voucher in place of the click", { ...without(order(), "awc"), voucher: "10_OFF" }],
    ["a publisher and the time of the click", { ...without(order(), "awc"), publisherId: 1, clickTime: NOW / 1000 }],
    ["several clicks", order({ awc: "15758_1_a,15758_2_b" })],
    ["another channel", order({ channel: "ppcgeneric" })],
    [
      "groups that add up in cents, and not in floats",
      order({
        amount: 0.3,
        commissionGroups: [
          { code: "A", amount: 0.1 },
          { code: "B", amount: 0.2 },
        ],
      }),
    ],
    ["the time in seconds", order({ transactionTime: NOW / 1000 - 60 })],
    [
      "products and custom parameters",
      { ...withBasket({ category: "Kitchen", sku: "m" }), custom: { 1: "x", 12: "y" } },
    ],
  ])("may have %s", (_, good) => {
    expect(send([good]).judgement.events[0]?.problems).toEqual([]);
  });

  test("may have unknown fields where the judge is lenient", () => {
    expect(send([order({ order_ref: "1" })], { options: { strict: false } }).status).toBe(200);
  });
});
