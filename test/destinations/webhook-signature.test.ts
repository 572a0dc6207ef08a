import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { messageId, signatureHeader, signingKey } from "../../src/destinations/webhook/signature.ts";
import { webhook } from "../../src/destinations/webhook.ts";
import { hashedEvent, purchaseEvent } from "../support/events.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

function keysOf(...secrets: string[]): Uint8Array[] {
  return secrets.map((secret) => signingKey(secret) ?? new Uint8Array());
}

function request(event: CanonicalEvent, now: number, credentials: Record<string, string>) {
  const settings = webhook.settings.parse({ url: "https://hooks.example.com/in" });
  return webhook.buildRequest([event], { lane: "crm", settings, credentials, now, testMode: false });
}

test("signs Standard Webhooks' own vector", () => {
  const message = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  expect(signatureHeader(message, keysOf(SECRET))).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("the reference library verifies what is sent, with the new and the old secret, and nothing else", () => {
  const { body, headers } = request(hashedEvent(), Date.now(), { secret: SECRET, previousSecret: OTHER });
  expect(new Webhook(SECRET).verify(body, { ...headers })).toEqual(JSON.parse(body));
  expect(new Webhook(OTHER).verify(body, { ...headers })).toEqual(JSON.parse(body));
  expect(() => new Webhook(SECRET).verify(`${body} `, { ...headers })).toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(32, 8).toString("base64")}`).verify(body, { ...headers })).toThrow();
});

test("the reference library signs any text as we do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, key) => {
      const secret = `whsec_${Buffer.from(key).toString("base64")}`;
      const theirs = new Webhook(secret).sign("msg_1", new Date(1_700_000_000_000), body);
      expect(signatureHeader({ id: "msg_1", timestampSeconds: 1_700_000_000, body }, keysOf(secret))).toBe(theirs);
    }),
  );
});

test("a retry carries the same id, its own timestamp and another signature", () => {
  const [first, second] = [1_700_000_000_000, 1_700_000_060_000].map((now) =>
    request(hashedEvent(), now, { secret: SECRET }),
  );
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second?.headers["webhook-timestamp"]).toBe("1700000060");
  expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
});

test("ids differ by lane, scope, name and event id, and never hold a dot", () => {
  const event = purchaseEvent({ event_id: "a.b" });
  const ids = [
    messageId(event, "crm"),
    messageId(event, "erp"),
    messageId({ ...event, event_id: "a.c" }, "crm"),
    messageId({ ...event, event_name: "refund" }, "crm"),
    messageId({ ...event, event_name: "custom", custom_name: "purchase" }, "crm"),
    messageId({ ...event, source: { ...event.source, dedup_scope: "other" } }, "crm"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
});

test.each(["", "whsec_", "whsec_c2hvcnQ=", "not base64!", "whsec_***"])("%j is no signing secret", (secret) => {
  expect(signingKey(secret)).toBeUndefined();
  expect(webhook.credentialProblem?.({ secret })).toContain("secret must be");
  expect(() => request(hashedEvent(), 0, { secret })).toThrow("signing secret");
});

test("a broken previous secret or header is named", () => {
  expect(webhook.credentialProblem?.({ secret: SECRET })).toBeUndefined();
  expect(webhook.credentialProblem?.({ secret: SECRET, previousSecret: "x" })).toContain("previousSecret");
  expect(webhook.credentialProblem?.({ secret: SECRET, authorization: "a\r\nb: c" })).toContain("authorization");
});
