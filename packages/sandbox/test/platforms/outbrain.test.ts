import { type JudgeOptions, judgeOptions } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";
import { outbrain } from "../../src/platforms/outbrain.ts";
import { NOW } from "../support/judging.ts";

const PIXEL = "https://tr.outbrain.com/unifiedPixel";
const WHOLE = {
  ob_click_id: "v4-AbC123dEf456-1002345678",
  name: "Purchase",
  orderId: "1001",
  orderValue: "129.90",
  currency: "USD",
};

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly body?: string;
  readonly options?: Partial<JudgeOptions>;
}

function send(fields: Record<string, string>, { url, method = "GET", body = "", options }: Sent = {}) {
  const address = url ?? `${PIXEL}?${new URLSearchParams(fields)}`;
  const judgement = outbrain.judge(
    platformRequest({ method, url: address, headers: {}, body }),
    NOW,
    judgeOptions(options),
  );
  return { status: judgement.answer.status, event: judgement.events[0] };
}

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(WHOLE).filter(([field]) => !names.includes(field)));

test.each<[string, Sent, number]>([
  ["on a path that others quote", { url: "https://tr.outbrain.com/v1/conversions" }, 404],
  ["by POST", { method: "POST" }, 405],
  ["with a body", { body: "{}" }, 400],
])("a conversion %s is refused", (_, sent, status) => {
  expect(send(WHOLE, sent)).toMatchObject({ status, event: { taken: false, problems: [expect.any(String)] } });
});

test("a conversion is taken, and never told from a copy", () => {
  const { status, event } = send(WHOLE);
  expect({ status, problems: event?.problems }).toEqual({ status: 200, problems: [] });
  expect(event).toMatchObject({ event_name: "Purchase", event_id: "1001", taken: true });
  expect(event).not.toHaveProperty("dedup_key");
});

test.each<[string, Record<string, string>]>([
  ["without a click", without("ob_click_id")],
  ["with a macro for a click", { ...WHOLE, ob_click_id: "{{ob_click_id}}" }],
  ["without a name", without("name")],
  ["with an empty name", { ...WHOLE, name: "" }],
  ["with white space around the name", { ...WHOLE, name: " Purchase" }],
  ["with an empty order", { ...WHOLE, orderId: "" }],
  ["with an address as order", { ...WHOLE, orderId: "jane@example.com" }],
  ["with a comma in the value", { ...WHOLE, orderValue: "129,90" }],
  ["with a negative value", { ...WHOLE, orderValue: "-1" }],
  ["with a value in no currency", without("currency")],
  ["with a currency in lower case", { ...WHOLE, currency: "usd" }],
  ["with a time in ms", { ...WHOLE, timestamp: String(NOW) }],
  ["of the future", { ...WHOLE, timestamp: "2026-11-23 13:00:00" }],
  ["with personal data", { ...WHOLE, email: "x" }],
])("a conversion %s is answered 200 like any other, and wrong", (_, fields) => {
  const { status, event } = send(fields);
  expect(status).toBe(200);
  expect(event?.problems).not.toEqual([]);
  expect(event?.taken).toBe(false);
});

test("a parameter that comes twice is wrong", () => {
  const url = `${PIXEL}?${new URLSearchParams(WHOLE)}&name=Lead`;
  expect(send({}, { url }).event?.problems).toEqual(["name is given twice"]);
});

test.each<[string, Record<string, string>]>([
  ["click and name alone", without("orderId", "orderValue", "currency")],
  ["a time", { ...WHOLE, timestamp: "2026-11-23 11:59:59" }],
  ["a name in any script", { ...WHOLE, name: "Anfrage für Küche & Bad" }],
])("a conversion may have %s", (_, fields) => {
  expect(send(fields).event?.problems).toEqual([]);
});

test("a script may refuse an order, and a lenient judge takes unknown parameters", () => {
  expect(send(WHOLE, { options: { rejectEventIds: ["1001"] } }).event?.taken).toBe(false);
  expect(send({ ...WHOLE, email: "x" }, { options: { strict: false } }).event?.problems).toEqual([]);
});
