import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import { sha256Hex } from "../../src/core/hashing.ts";
import type { IdentityView } from "../../src/ops/contract/identity.ts";
import type { PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import { GRANTED } from "../support/consent-answers.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

import.meta.jest.setTimeout(E2E_TEST_MS);

const EMAIL = "canary.kept@plumage.example";
const PHONE = "+4915738291055";
const CLEAR = /canary\.kept|15738291055/;
const AT = { country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" };
const VISITOR = "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a";

let app: RunningApp;
let sandbox: SandboxControl;
beforeAll(async () => {
  app = await startApp({ config: "test/support/contacts.config.ts", disturbable: true });
  sandbox = sandboxControl(app.sandboxUrl);
});
afterAll(() => app.stop());

function lead(event_id: string, user: object, consent: object = GRANTED): object {
  const page = { url: "https://shop.example.com/newsletter" };
  return { event_name: "lead", event_id, page, consent, user: { ...AT, anonymous_id: VISITOR, ...user } };
}

async function settled(id: string): Promise<Record<string, string>> {
  return eventually(`${id} at every lane`, async (tell) => {
    const { deliveries = [] } = (await app.story(id)) ?? {};
    const states = Object.fromEntries(deliveries.map(({ lane, state }) => [lane, state]));
    tell(JSON.stringify(states));
    return deliveries.length === 3 && !Object.values(states).includes("pending") && states;
  });
}

const at = async (platform: "klaviyo" | "meta", id: string) => JSON.stringify(await sandbox.arrived(platform, id));

async function identityTable(): Promise<string> {
  const dynamo = createDynamoClient(app.access);
  try {
    return JSON.stringify((await dynamo.send(new ScanCommand({ TableName: app.tables.identity }))).Items);
  } finally {
    dynamo.destroy();
  }
}

test("an event that says no e-mail reaches tools with the one that its person said before, and platforms with its hash", async () => {
  await app.send(lead("said-1", { email: EMAIL, phone: PHONE }));
  await settled("said-1");
  await app.send(lead("silent-1", {}));
  expect(await settled("silent-1")).toEqual({ meta: "delivered", klaviyo: "delivered", hubspot: "delivered" });
  expect(await at("klaviyo", "silent-1")).toContain(EMAIL);
  const toMeta = await at("meta", "silent-1");
  expect(toMeta).toContain(sha256Hex(EMAIL));
  expect(toMeta).not.toMatch(CLEAR);
  const filled = (await app.story("silent-1"))?.story?.identity.filled;
  expect(filled).toEqual(expect.arrayContaining(["email_plain", "email_in_clear", "phone_in_clear"]));
});

test("it is sealed in the graph, told as kept and never shown, and in no line of a log", async () => {
  const table = await identityTable();
  expect(table).toContain("contacts");
  expect(table).not.toMatch(CLEAR);
  expect(app.output()).not.toMatch(CLEAR);
  const path = `identity?identifier=${encodeURIComponent(EMAIL)}`;
  for (const query of [path, `${path}&personal=true`]) {
    const { person } = await app.ops<IdentityView>("GET", query);
    expect(person?.identifiers).toContainEqual({ kind: "email_in_clear", value: "kept, sealed" });
    expect(JSON.stringify(person)).not.toMatch(CLEAR);
  }
});

test("a replay fills it in again: the archive has none of it", async () => {
  await app.tool("replay", "start", "--ids", "silent-1", "--destination", "klaviyo", "--force", "--yes");
  const twice = await eventually("the replayed event", async () => {
    const received = await sandbox.received({ platform: "klaviyo", event_id: "silent-1" });
    return received.length > 1 && received;
  });
  expect(twice.map((one) => JSON.stringify(one).includes(EMAIL))).toEqual(twice.map(() => true));
});

test("who refused gets nothing filled in", async () => {
  await app.send(lead("refused-1", {}, { ...GRANTED, ad_user_data: "denied" }));
  expect(await settled("refused-1")).toMatchObject({ klaviyo: "delivered", hubspot: "skipped" });
  expect(await at("klaviyo", "refused-1")).not.toMatch(CLEAR);
  await app.send(lead("granted-1", {}));
  await settled("granted-1");
  expect(await at("klaviyo", "granted-1")).toContain(EMAIL);
});

test("the person's own export has it in clear, and an erasure takes it away", async () => {
  const job = await done(await app.tool("privacy", "export", EMAIL, "--no-follow", "--json"));
  await app.tool("privacy", "fetch", job.id, "--output", "person.json");
  const { persons } = JSON.parse(readFileSync(join(app.directory, "person.json"), "utf8"));
  expect(persons).toMatchObject([{ contacts: { email: EMAIL, phone: PHONE } }]);
  await app.tool("privacy", "erase", EMAIL, "--yes", "--json");
  expect(await identityTable()).not.toContain("contacts");
});

async function done({ stdout }: { readonly stdout: string }): Promise<PrivacyJobView> {
  const { id } = JSON.parse(stdout) as PrivacyJobView;
  return eventually("the end of the export", async (tell) => {
    await app.advanceClock(MINUTE_MS);
    const job = JSON.parse((await app.tool("privacy", "status", id, "--json")).stdout) as PrivacyJobView;
    tell(JSON.stringify(job.counts));
    return job.state === "running" ? undefined : job;
  });
}
