import { generateKeyPairSync } from "node:crypto";
import { sandboxAt } from "../../bin/sandbox-at.ts";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/server.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** Signed, but by nobody: taken while the receiver knows no secret. */
async function deliver(): Promise<number> {
  const headers = {
    "content-type": "application/json",
    "webhook-id": "one",
    "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
    "webhook-signature": "v1,bm9ib2R5",
  };
  const body = JSON.stringify({ type: "lead.created", timestamp: new Date().toISOString(), data: {} });
  return (await fetch(`${sandbox.url}/in`, { method: "POST", headers, body })).status;
}

test("a sandbox that runs elsewhere is told the secrets, and goes on when whoever told it ends", async () => {
  const remote = sandboxAt(`${sandbox.url}/`);
  expect(remote.url).toBe(sandbox.url);
  expect(await deliver()).toBe(200);
  await remote.registerWebhookSecret("https://127.0.0.1/in", `whsec_${Buffer.alloc(32).toString("base64")}`);
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await remote.registerServiceAccount("a@b.example", publicKey.export({ type: "spki", format: "pem" }).toString());
  await remote.stop();
  expect(await deliver()).toBe(401);
});

test("what it does not take is said with its words", async () => {
  const remote = sandboxAt(sandbox.url);
  await expect(remote.registerWebhookSecret("https://hooks.example.com/", "no secret")).rejects.toThrow(
    /answered 400: .*whsec_/,
  );
  await expect(remote.registerServiceAccount("a@b.example", "no key")).rejects.toThrow(/answered 400: .*PEM/);
});
