import { payloadData } from "../../src/destinations/webhook/payload.ts";
import { hashedEvent } from "../support/events.ts";

const PLANTED = "canary";

// Every field that may name a person, each with a canary in it.
const event = hashedEvent({
  user: {
    email: `${PLANTED}@example.com`,
    phone: "+4915112345678",
    first_name: PLANTED,
    last_name: PLANTED,
    street: PLANTED,
    city: PLANTED,
    postal_code: PLANTED,
    ip: "203.0.113.7",
    user_agent: PLANTED,
    date_of_birth: "1990-07-04",
  },
  phone_e164: "+4915112345678",
  device: { advertising_id: PLANTED },
  page: { url: `https://shop.example.com/?e=${PLANTED}`, referrer: `https://shop.example.com/#${PLANTED}` },
  search_term: `orders of ${PLANTED}@example.com`,
  order_id: `${PLANTED}@example.com-7`,
  custom_name: `${PLANTED}@example.com`,
  properties: {
    customer_email: PLANTED,
    billing_phone: PLANTED,
    shipping_address: { line: PLANTED },
    customerFirstName: PLANTED,
    delivery_city: PLANTED,
    alternate_emails: [PLANTED],
    url: `https://shop.example.com/?token=${PLANTED}`,
    search: `?email=${PLANTED}`,
    referrer: `https://news.example.com/#${PLANTED}`,
    tab_url: `https://shop.example.com/?email=${PLANTED}%40example.com`,
    path: `/u/${PLANTED}@example.com/?a=${PLANTED}`,
    note: `write to ${PLANTED}@example.com`,
    twice: `https://shop.example.com/${PLANTED}%2540example.com`,
    [`${PLANTED}@example.com`]: true,
    Email: PLANTED,
    deep: [{ "phone-number": PLANTED, first_name: { x: PLANTED } }],
    colour: "red",
  },
});

test.each(["none", "hashed"] as const)("with %s, nothing personal leaves in clear", (personalData) => {
  const text = JSON.stringify(payloadData(event, personalData));
  expect(text).not.toMatch(/canary|15112345678|203\.0\.113\.7|1990-07-04/);
});

test("with hashed, what is not personal stays", () => {
  expect(payloadData(event, "hashed")).toMatchObject({
    event_name: "purchase",
    user: { email_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    properties: {
      deep: [{}],
      colour: "red",
      url: "https://shop.example.com/",
      path: "/u/redacted/",
      note: "write to redacted",
    },
  });
});

test.each(["user_id", "anonymous_id"] as const)(
  "with hashed, an e-mail address used as %s leaves as its hash",
  (id) => {
    const user = { [id]: "Jane@Example.com " };
    const data = payloadData(hashedEvent({ user }), "hashed");
    expect(data.user).toEqual({ [id]: "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d" });
  },
);

test.each(["none", "hashed"] as const)("with %s, e-mail addresses in paths and titles are replaced", (personalData) => {
  const page = { url: "https://shop.example.com/u/jane%40example.com/orders?x=1", title: "Orders of jane@example.com" };
  expect(payloadData(hashedEvent({ page }), personalData).page).toEqual({
    url: "https://shop.example.com/u/redacted/orders",
    title: "Orders of redacted",
  });
});

test("the event id is what receivers join on, and never changes", () => {
  const event_id = "jane@example.com-7";
  expect(payloadData(hashedEvent({ event_id }), "none")).toMatchObject({ event_id });
});

test("raw leaves every text as it came", () => {
  const page = { url: "https://shop.example.com/?e=jane@example.com" };
  expect(payloadData(hashedEvent({ page }), "raw")).toMatchObject({ page });
});

test("with none, not even ids and hashes leave", () => {
  const text = JSON.stringify(payloadData({ ...event, user: { ...event.user, user_id: "u-77" } }, "none"));
  expect(text).not.toMatch(/u-77|[0-9a-f]{64}|fb\.1\.|colour/);
});

test("our own routing and clock readings never leave", () => {
  const data = payloadData({ ...event, clock: { sent_at: 1 }, destinations: { all: false } }, "raw");
  expect(Object.keys(data)).not.toEqual(expect.arrayContaining(["clock"]));
  expect(data).not.toHaveProperty("destinations");
  expect(data).not.toHaveProperty("known");
  expect(data).not.toHaveProperty("hashes");
});

test.each(["none", "hashed", "raw"] as const)("when a consent string was written stays here: %s", (personalData) => {
  const consent = {
    ad_storage: "granted",
    answered_by: { ad_storage: "tcf" },
    answered_at: { ad_storage: 1 },
  } as const;
  const { answered_at: _, ...told } = consent;
  expect(payloadData({ ...event, consent }, personalData).consent).toEqual(told);
  const { consent: __, ...silent } = event;
  expect(payloadData(silent, personalData)).not.toHaveProperty("consent");
});
