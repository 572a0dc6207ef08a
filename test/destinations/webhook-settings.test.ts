import { webhookSettings } from "../../src/destinations/webhook/settings.ts";

const url = "https://hooks.example.com/in?tenant=7";

test("defaults: hashed personal data and no extra headers", () => {
  expect(webhookSettings.parse({ url })).toEqual({ url, headers: {}, personalData: "hashed" });
});

test.each([
  ["http://hooks.example.com/", "must be an https URL"],
  ["https://user:pass@hooks.example.com/", "must be an https URL"],
  ["https://hooks.example.com/#x", "must be an https URL"],
  ["hooks.example.com", "must be an https URL"],
  [7, "must be an https URL"],
  [undefined, "must be an https URL"],
])("the URL %s is refused", (wrong, rule) => {
  expect(() => webhookSettings.parse({ url: wrong })).toThrow(rule);
});

test.each(["Host", "connection", "Transfer-Encoding", "content-type", "Webhook-Id", "proxy-authorization", "bad name"])(
  "the header %s is refused",
  (name) => {
    expect(() => webhookSettings.parse({ url, headers: { [name]: "x" } })).toThrow("headers");
  },
);

test("a header that would split the request is refused, and a secret one is sent to the secret", () => {
  expect(() => webhookSettings.parse({ url, headers: { "x-a": "1\r\nx-b: 2" } })).toThrow("one line");
  expect(() => webhookSettings.parse({ url, headers: { Authorization: "x" } })).toThrow("lane's secret");
});

test("personalData has three values", () => {
  expect(webhookSettings.parse({ url, personalData: "raw" }).personalData).toBe("raw");
  expect(() => webhookSettings.parse({ url, personalData: "all" })).toThrow("must be one of none, hashed, raw");
});
