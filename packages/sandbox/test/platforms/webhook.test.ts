import { Webhook } from "standardwebhooks";
import { judgeOptions, type PlatformRequest } from "../../src/model.ts";
import { isWebhookSecret, webhook } from "../../src/platforms/webhook.ts";
import { NOW } from "../support/judging.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = JSON.stringify({ type: "purchase", timestamp: "2026-11-23T11:59:58.000Z", data: { event_id: "ord-1" } });

function signed(changes: Record<string, string> = {}, body = BODY, at = NOW, secret = SECRET): PlatformRequest {
  return {
    method: "POST",
    host: "hooks.example.com",
    path: "/tracklayer",
    query: new URLSearchParams(),
    headers: {
      "content-type": "application/json",
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at / 1000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", new Date(at), body),
      ...changes,
    },
    body,
  };
}

const receive = (request: PlatformRequest, secrets: string[] = [SECRET], rejectEventIds: string[] = []) =>
  webhook.judge(request, NOW, judgeOptions({ secrets, rejectEventIds }));

test("takes a signed message and keeps it by its message id", () => {
  expect(receive(signed())).toMatchObject({
    target: "hooks.example.com/tracklayer",
    answer: { status: 200 },
    events: [{ event_name: "purchase", event_id: "ord-1", dedup_key: "msg_1", taken: true, problems: [] }],
  });
});

test("the published vector verifies", () => {
  const vector = signed(
    {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    '{"test": 2432232314}',
  );
  const judgement = webhook.judge(vector, 1_614_265_330_000, judgeOptions({ secrets: [SECRET], rejectEventIds: [] }));
  expect(judgement.events[0]?.problems).toEqual(["type must be a non-empty string"]);
});

test.each([
  ["another secret", signed({}, BODY, NOW, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401],
  ["a changed body", { ...signed(), body: BODY.replace("ord-1", "ord-2") }, 401],
  ["another id than signed", signed({ "webhook-id": "msg_2" }), 401],
  ["a dot in the id", signed({ "webhook-id": "msg.1" }), 401],
  ["no id", signed({ "webhook-id": "" }), 401],
  ["no signature", signed({ "webhook-signature": "" }), 401],
  ["a time in ms", signed({ "webhook-timestamp": String(NOW) }), 401],
  ["a message of six minutes ago", signed({}, BODY, NOW - 360_000), 401],
  ["a message of six minutes ahead", signed({}, BODY, NOW + 360_000), 401],
  ["a form", signed({ "content-type": "application/x-www-form-urlencoded" }), 415],
  ["a GET", { ...signed(), method: "GET" }, 405],
  ["text that is not JSON", signed({}, "{"), 400],
  ["no type", signed({}, JSON.stringify({ timestamp: "2026-11-23T11:59:58Z", data: {} })), 400],
  ["a time that is not ISO", signed({}, JSON.stringify({ type: "a", timestamp: "today", data: {} })), 400],
  ["no data", signed({}, JSON.stringify({ type: "a", timestamp: "2026-11-23T11:59:58Z" })), 400],
])("refuses %s", (_, request, status) => {
  expect(receive(request)).toMatchObject({
    answer: { status },
    events: [{ taken: false, problems: [expect.any(String)] }],
  });
});

test("takes either secret while they rotate, and any of several signatures", () => {
  const fresh = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const both = signed();
  const headers = {
    ...both.headers,
    "webhook-signature": `v1a,AAAA ${both.headers["webhook-signature"]}`,
  };
  expect(receive({ ...both, headers }, [fresh, SECRET]).answer.status).toBe(200);
});

test("without a secret only the form of the signature is checked", () => {
  expect(receive(signed({ "webhook-signature": "v1,AAAA" }), []).answer.status).toBe(200);
  expect(receive(signed({ "webhook-signature": "AAAA" }), []).answer.status).toBe(401);
});

test("refuses the events that a script names, by event or message id", () => {
  expect(receive(signed(), [SECRET], ["ord-1"]).answer.status).toBe(422);
  expect(receive(signed(), [SECRET], ["msg_1"]).answer.status).toBe(422);
});

test.each([
  [SECRET, true],
  ["whsec_not base64!", false],
  ["whsec_", false],
  ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false],
])("%s as a secret: %s", (secret, usable) => {
  expect(isWebhookSecret(secret)).toBe(usable);
});
