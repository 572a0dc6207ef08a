import { taboola } from "../../src/platforms/taboola.ts";
import { type Fields, NOW, type Sent, senderTo } from "../support/judging.ts";

const DAY_MS = 86_400_000;
const BULK = "https://trc.taboola.com/1234567/log/3/bulk-s2s-action";
const HEADERS = { "content-type": "application/json" };

/** The click id that Taboola's documentation shows. */
const CLICK = "GiDxLZcEVjwEqkGfKQMQndUYMIeZXFHmZ0DrHIJhGS6kKiDzkGUos9GzkpqG-YHQATCwxlQ";
const action = (changes: Fields = {}): Fields => ({
  "click-id": CLICK,
  timestamp: NOW - 60_000,
  name: "make_purchase",
  revenue: 9.99,
  currency: "USD",
  quantity: 2,
  orderid: "1-2-3",
  ...changes,
});
const without = (name: string) => Object.fromEntries(Object.entries(action()).filter(([field]) => field !== name));

const send = senderTo(taboola, { url: BULK, headers: HEADERS, around: (actions) => ({ actions }) });

test.each<[string, Sent, number]>([
  ["an account that is no number", { url: "https://trc.taboola.com/acme/log/3/bulk-s2s-action" }, 404],
  ["a path that others quote", { url: "https://api.taboola.com/1234567/s2s-action" }, 404],
  ["another method", { method: "GET" }, 405],
  ["JSON sent as text", { headers: { "content-type": "text/plain" } }, 415],
  ["text that is not JSON", { body: "{" }, 400],
  ["no actions", { body: '{"actions":[]}' }, 400],
  ["1001 actions", { body: JSON.stringify({ actions: Array.from({ length: 1001 }, () => action()) }) }, 400],
  ["an unknown root field", { body: JSON.stringify({ actions: [action()], test: true }) }, 400],
])("a request with %s is refused", (_, sent, status) => {
  const found = send([action()], sent);
  expect(found.status).toBe(status);
  expect(found.events.every(({ taken, problems }) => !taken && problems.length > 0)).toBe(true);
});

test("every action is judged by itself, and the answer does not say how", () => {
  const { status, judgement, events } = send([action(), without("click-id"), action({ orderid: "4" })]);
  expect({ status, body: judgement.answer.body, target: judgement.target }).toEqual({
    status: 204,
    body: "",
    target: "1234567",
  });
  expect(events.map(({ taken, dedup_key }) => [taken, dedup_key])).toEqual([
    [true, "1-2-3"],
    [false, "1-2-3"],
    [true, "4"],
  ]);
});

test("a script may refuse an order", () => {
  expect(send([action()], { options: { rejectEventIds: ["1-2-3"] } }).events[0]?.taken).toBe(false);
});

test.each<[string, unknown]>([
  ["that is no object", "make_purchase"],
  ["without a click", without("click-id")],
  ["with an underscore in the click's name", { ...without("click-id"), click_id: CLICK }],
  ["with a macro for a click", action({ "click-id": "{click_id}" })],
  ["without a time", without("timestamp")],
  ["with a time in seconds", action({ timestamp: NOW / 1000 })],
  ["with a time as text", action({ timestamp: String(NOW) })],
  ["of the future", action({ timestamp: NOW + 300_001 })],
  ["of last month", action({ timestamp: NOW - 30 * DAY_MS - 1 })],
  ["without a name", without("name")],
  ["with white space around the name", action({ name: "lead " })],
  ["with revenue as text", action({ revenue: "9.99" })],
  ["with negative revenue", action({ revenue: -1 })],
  ["with revenue in no currency", without("currency")],
  ["with a currency that Taboola does not convert", action({ currency: "SEK" })],
  ["with a currency in lower case", action({ currency: "usd" })],
  ["with half a piece", action({ quantity: 0.5 })],
  ["with an order as a number", action({ orderid: 123 })],
  ["with an address as order", action({ orderid: "jane@example.com" })],
  ["with personal data", action({ email: "x" })],
])("an action %s is wrong", (_, bad) => {
  expect(send([bad]).events[0]?.problems).not.toEqual([]);
});

test("an action needs no more than click, time and name", () => {
  const smallest = { "click-id": CLICK, timestamp: NOW - 30 * DAY_MS, name: "Anfrage für Küche" };
  expect(send([smallest]).events[0]).toMatchObject({ taken: true, problems: [] });
});

test("unknown fields pass where the judge is lenient", () => {
  expect(send([action({ email: "x" })], { options: { strict: false } }).events[0]?.problems).toEqual([]);
});
