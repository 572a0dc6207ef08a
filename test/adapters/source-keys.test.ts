import { createMemorySecrets } from "../../src/adapters/memory/secrets.ts";
import { createSourceKeys, keptOfSourceSecret } from "../../src/adapters/source-keys.ts";
import type { ResolvedSource } from "../../src/config/resolved-config.ts";
import { hashSourceKey } from "../../src/core/source-key.ts";
import { SecretError } from "../../src/pipeline/ports.ts";

function source(id: string): ResolvedSource {
  return {
    id,
    kind: "server",
    allowedOrigins: [],
    dedupScope: "shop",
    keySecretName: `secret-${id}`,
    purchaseEventId: "message_id",
    valueFrom: ["revenue"],
  };
}
const sources = [source("a"), source("b")];

test("each key finds its source, the previous one too while it is being rotated", async () => {
  const secrets = createMemorySecrets({ "secret-a": { key: "ka", previousKey: "old" }, "secret-b": { key: "kb" } });
  const keys = createSourceKeys({ sources, secrets, now: () => 0 });
  expect(
    (await Promise.all(["ka", "old", "kb", "k", "ka ", ""].map((key) => keys.find(key)))).map((it) => it?.id),
  ).toEqual(["a", "a", "b", undefined, undefined, undefined]);
});

test("a secret may hold digests in place of keys: each key finds its source, and no digest does", async () => {
  const secrets = createMemorySecrets({
    "secret-a": { keySha256: hashSourceKey("ka"), previousKeySha256: hashSourceKey("old") },
    "secret-b": { key: "kb", previousKeySha256: hashSourceKey("older") },
  });
  const keys = createSourceKeys({ sources, secrets, now: () => 0 });
  const given = ["ka", "old", "kb", "older", hashSourceKey("ka"), hashSourceKey("old")];
  const found = await Promise.all(given.map((key) => keys.find(key)));
  expect(found.map((it) => it?.id)).toEqual(["a", "a", "b", "b", undefined, undefined]);
});

test("a digest that is none closes its source only, and is told as a secret that cannot be read", async () => {
  const secrets = createMemorySecrets({ "secret-a": { keySha256: "ka" }, "secret-b": { key: "kb" } });
  const keys = createSourceKeys({ sources, secrets, now: () => 0 });
  expect((await keys.find("kb"))?.id).toBe("b");
  await expect(keys.find("ka")).rejects.toThrow("secret secret-a: keySha256 must be");
});

test("what a function keeps of a secret holds no key", () => {
  const kept = keptOfSourceSecret({ key: "in-clear", previousKey: "before", note: "in-clear" }, "n");
  expect(Object.keys(kept).sort()).toEqual(["keySha256", "previousKeySha256"]);
  expect(JSON.stringify(kept)).not.toMatch(/in-clear|before/);
});

test("an empty key in a secret opens nothing", async () => {
  const secrets = createMemorySecrets({ "secret-a": { key: "" }, "secret-b": { other: "x" } });
  expect(await createSourceKeys({ sources, secrets, now: () => 0 }).find("")).toBeUndefined();
});

test("one missing secret does not lock the others out, and an unknown key is then not called wrong", async () => {
  const keys = createSourceKeys({ sources, secrets: createMemorySecrets({ "secret-b": { key: "kb" } }), now: () => 0 });
  expect((await keys.find("kb"))?.id).toBe("b");
  await expect(keys.find("ka")).rejects.toThrow(SecretError);
});

test("an unknown key has the secrets read anew, but not more than twice a minute", async () => {
  let now = 0;
  let refreshes = 0;
  const stored: Record<string, Record<string, string>> = { "secret-a": { key: "ka" }, "secret-b": { key: "kb" } };
  const fresh = createMemorySecrets(stored);
  const stale = createMemorySecrets(structuredClone(stored));
  const refresh = (name: string) => {
    refreshes += 1;
    return fresh.get(name);
  };
  const keys = createSourceKeys({ sources, secrets: { get: stale.get, refresh }, now: () => now });
  stored["secret-a"] = { key: "new" };
  expect((await keys.find("new"))?.id).toBe("a");
  await keys.find("guess");
  await keys.find("guess");
  expect(refreshes).toBe(2);
  now = 30_000;
  await keys.find("guess");
  expect(refreshes).toBe(4);
});

test("a slow answer is not followed by a second question: the sender would be gone by then", async () => {
  let now = 0;
  let refreshes = 0;
  const { get } = createMemorySecrets({ "secret-a": { key: "ka" }, "secret-b": { key: "kb" } });
  const slow = (name: string) => {
    now += 4_000;
    return get(name);
  };
  const refresh = (name: string) => {
    refreshes += 1;
    return get(name);
  };
  const keys = createSourceKeys({ sources, secrets: { get: slow, refresh }, now: () => now });
  expect(await keys.find("guess")).toBeUndefined();
  expect(refreshes).toBe(0);
});
