import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { linkedin as sandbox } from "../../packages/sandbox/src/platforms/linkedin.ts";
import type { Destination } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import { linkedin } from "../../src/destinations/linkedin.ts";
import { laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

const credentials = { accessToken: "token" };
const events = { purchase: { name: "104012" }, lead: { name: "104020" }, sign_up: { name: "404" } };

interface Example {
  events: CanonicalEvent[];
  context: Pick<Parameters<typeof linkedin.buildRequest>[1], "events">;
  settings: unknown;
  request: { body: unknown };
}

const example = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `linkedin/example-${name}.json`), "utf8")) as Example;

test("several conversions are the elements of one batch", () => {
  const examples = [example("purchase"), example("lead")];
  const sent = examples.flatMap((one) => one.events);
  const hashed = sent.map((event) => ({ ...event, hashes: hashVariants(event.user, {}).hashes }));
  const settings = linkedin.settings.parse(example("lead").settings);
  const lane = { lane: "linkedin", settings, credentials, now: Date.UTC(2026, 10, 23), testMode: false };
  const request = linkedin.buildRequest(hashed, { ...lane, ...example("lead").context });
  expect(JSON.parse(request.body)).toEqual({ elements: examples.map((one) => one.request.body) });
  expect(request.headers["x-restli-method"]).toBe("BATCH_CREATE");
});

function world(rejectEventIds: string[] = []) {
  return laneWorld({
    destination: linkedin as Destination,
    platform: (request) => sandbox.judge(platformRequest(request), NOW, judgeOptions({ rejectEventIds })).answer,
    lane: { settings: linkedin.settings.parse({ apiVersion: "202608" }), events },
    deps: { credentials: { get: async () => credentials, refresh: async () => credentials } },
  });
}

async function statesAfter(lane: ReturnType<typeof world>, sent: readonly CanonicalEvent[]) {
  await lane.deliver(sent.map((event) => laneMessage(event)));
  const records = await Promise.all(sent.map((event) => lane.record(event)));
  return records.map((record) => record?.state);
}

const someone = (id: string, more: Partial<CanonicalEvent> = {}) =>
  purchase(id, { user: { user_id: `cust_${id}` }, ...more });

test("a rule that is not there keeps the events of no other back", async () => {
  const lane = world();
  const sent = [
    someone("1"),
    someone("2", { event_name: "sign_up" }),
    someone("3", { event_name: "lead" }),
    someone("4"),
  ];
  expect(await statesAfter(lane, sent)).toEqual(["delivered", "unauthorized", "delivered", "delivered"]);
});

test("of a batch only the events that LinkedIn names are refused", async () => {
  const lane = world(["2", "5"]);
  const sent = ["1", "2", "3", "4", "5"].map((id) => someone(id));
  expect(await statesAfter(lane, sent)).toEqual(["delivered", "rejected", "delivered", "delivered", "rejected"]);
  expect(lane.http.sent).toHaveLength(2);
});

test("a list of thousands of bad events is read to its end", () => {
  const bad = Array.from({ length: 2500 }, (_, index) => index * 2);
  const message = `Conversion time should be within 90 days, indices [${bad.join(", ")}] (0-indexed)`;
  const response = { status: 400, headers: {}, body: JSON.stringify({ status: 400, message }) };
  const kinds = linkedin
    .classify(
      response,
      Array.from({ length: 5000 }, (_, index) => someone(String(index))),
    )
    .map(({ kind }) => kind);
  expect(kinds).toEqual(Array.from({ length: 5000 }, (_, index) => (index % 2 === 0 ? "rejected" : "retry")));
});
