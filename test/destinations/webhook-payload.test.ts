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
  device: { advertising_id: PLANTED },
  page: { url: `https://shop.example.com/?e=${PLANTED}`, referrer: `https://shop.example.com/#${PLANTED}` },
  properties: { Email: PLANTED, deep: [{ "phone-number": PLANTED, first_name: { x: PLANTED } }], colour: "red" },
});

test.each(["none", "hashed"] as const)("with %s, nothing personal leaves in clear", (personalData) => {
  const text = JSON.stringify(payloadData(event, personalData));
  expect(text).not.toMatch(/canary|15112345678|203\.0\.113\.7|1990-07-04/);
});

test("with hashed, what is not personal stays", () => {
  expect(payloadData(event, "hashed")).toMatchObject({
    event_name: "purchase",
    user: { email_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    properties: { deep: [{}], colour: "red" },
  });
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
