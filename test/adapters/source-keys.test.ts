import { createMemorySecrets } from "../../src/adapters/memory/secrets.ts";
import { createSourceKeys } from "../../src/adapters/source-keys.ts";
import type { ResolvedSource } from "../../src/config/resolved-config.ts";
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
