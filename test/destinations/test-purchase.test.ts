import { createPublicKey } from "node:crypto";
import { request as httpRequest } from "node:http";
import { localCredentials } from "../../bin/local-secrets.ts";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/server.ts";
import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryOwnLaneQueue } from "../../src/adapters/memory/own-lane-queue.ts";
import type { Destination, DestinationRequest, DestinationResponse } from "../../src/core/destination.ts";
import type { Failure } from "../../src/core/explanation.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { explainFailure } from "../../src/explanations/explain.ts";
import { type LaneTest, testLane, testPurchaseFor } from "../../src/pipeline/lane-test.ts";
import type { PreviewScope } from "../../src/pipeline/preview.ts";
import { testJson, testLines } from "../../src/pipeline/preview-text.ts";
import { GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { SAMPLES } from "../support/destination-samples.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

/** To the sandbox whatever the address is, as a running stack's workers send. */
function send({ method, url, headers, body }: DestinationRequest): Promise<DestinationResponse> {
  const { host, pathname, search } = new URL(url);
  return new Promise((done, fail) => {
    const options = { method, headers: { ...headers, host } };
    const outgoing = httpRequest(`${sandbox.url}${pathname}${search}`, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const answer = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
        const text = Buffer.concat(chunks).toString("utf8");
        done({ status: incoming.statusCode ?? 0, headers: Object.fromEntries(answer), body: text });
      });
    });
    outgoing.on("error", fail).end(body);
  });
}

async function purchase(destination: Destination, given: unknown, id: string, testMode: boolean): Promise<LaneTest> {
  const { id: type, eventNames } = destination;
  const rules = SAMPLES[type]?.events ?? {};
  const named = eventNames.purchase === undefined ? { purchase: { name: "123456789" } } : {};
  const settings = destination.settings.parse(given);
  const events = { ...named, ...rules.events };
  const scope: PreviewScope = {
    lane: { id: type, destination, settings, testMode, ...rules, events },
    rules: { consent: GRANTED_BY_DEFAULT },
    now: Date.now(),
  };
  const credentials = credentialsOf(destination);
  const get = async () => credentials;
  const quiet = () => {};
  return testLane(testPurchaseFor(scope, id, { test: testMode }), scope, {
    lane: { id: type, settings, secretName: "s", testMode, retryWindowMs: 3_600_000, ...rules, events },
    store: createMemoryDeliveryStore({ now: () => scope.now }),
    queue: createMemoryOwnLaneQueue(),
    http: { send },
    credentials: { get, refresh: get },
    clock: { now: () => scope.now },
    random: { fraction: () => 0 },
    metrics: { add: quiet, flush: quiet },
    log: { info: quiet, warn: quiet, error: quiet, step: quiet },
  });
}

const made = new Map<string, Readonly<Record<string, string>>>();

/** One set for all tests: making a key takes a while. */
function credentialsOf(destination: Destination): Readonly<Record<string, string>> {
  const credentials = made.get(destination.id) ?? localCredentials(destination);
  made.set(destination.id, credentials);
  const { serviceAccountEmail: email, serviceAccountKey: key } = credentials;
  if (email !== undefined && key !== undefined) {
    const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" });
    sandbox.registerServiceAccount(email, publicKey.toString());
  }
  return credentials;
}

/** A secret as it would stand in a text, in the spellings that requests use. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}

describe.each(Object.keys(DESTINATIONS))("the test purchase at %s", (type) => {
  const destination = DESTINATIONS[type] as Destination;
  const variants = [...(SAMPLES[type]?.settings ?? []).entries()];

  test("is taken by the sandbox, or skipped for want of a setting, and none of its secrets is shown", async () => {
    const results = await Promise.all(
      variants.flatMap(([index, settings]) => {
        const modes = destination.catalogue.testMode === undefined ? [false] : [false, true];
        return modes.map((testMode) => purchase(destination, settings, `${index}-${testMode}`, testMode));
      }),
    );
    const others = results.filter(({ state, skip }) => state !== "delivered" && skip?.code !== "not_configured");
    expect(others.map(({ state, reason, skip }) => ({ state, reason, skip }))).toEqual([]);
    expect(results.map(({ state }) => state)).toContain("delivered");
    const lane = { id: type, name: destination.name };
    const explain = (failure: Failure) => explainFailure(type, failure);
    for (const result of results) {
      const shown = [
        JSON.stringify(testJson(result, lane, "", explain)),
        testLines(result, lane, { colours: false, explain }).join("\n"),
      ];
      for (const secret of Object.values(credentialsOf(destination)).flatMap(spellings)) {
        for (const text of shown) expect(text).not.toContain(secret);
      }
    }
  });
});
