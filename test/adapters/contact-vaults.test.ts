import { configuredContactVaults, createContactVaults } from "../../src/adapters/contact-vaults.ts";
import { SecretError } from "../../src/pipeline/ports.ts";

const KEY = "k".repeat(64);

function world(values: Readonly<Record<string, string>>[]) {
  let now = 0;
  let reads = 0;
  let failing = false;
  const secrets = {
    async get(name: string) {
      expect(name).toBe("tracklayer/test/contacts");
      reads += 1;
      if (failing) throw new Error("Secrets Manager is down");
      return values[Math.min(reads, values.length) - 1] ?? {};
    },
  };
  return {
    vaults: createContactVaults({ secretName: "tracklayer/test/contacts", secrets, now: () => now }),
    after: (ms: number) => (now += ms),
    reads: () => reads,
    fail: (isDown: boolean) => (failing = isDown),
  };
}

test("keys are derived once for one value, and anew for another", async () => {
  const same = { key: KEY };
  const { vaults } = world([same, same, { key: "o".repeat(64) }]);
  const first = await vaults.current();
  expect(await vaults.current()).toBe(first);
  const rotated = await vaults.current();
  expect(rotated.open("email", first.seal("email", "jane@example.org"))).toEqual({ problem: "another_key" });
});

test("the previous key opens what it sealed", async () => {
  const [before, after] = [world([{ key: KEY }]), world([{ key: "o".repeat(64), previousKey: KEY }])];
  const sealed = (await before.vaults.current()).seal("email", "jane@example.org");
  expect((await after.vaults.current()).open("email", sealed)).toEqual({ text: "jane@example.org" });
});

test("a secret that cannot be read is asked for again after ten seconds, not by every batch", async () => {
  const { vaults, after, fail, reads } = world([{ key: KEY }]);
  fail(true);
  await expect(vaults.current()).rejects.toThrow("down");
  fail(false);
  await expect(vaults.current()).rejects.toThrow("down");
  expect(reads()).toBe(1);
  after(10_000);
  await expect(vaults.current()).resolves.toHaveProperty("seal");
});

test.each([{}, { key: "short" }, { key: KEY, previousKey: "short" }])("no key is made of %j", async (secret) => {
  const { vaults } = world([secret]);
  const error = await vaults.current().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SecretError);
  expect(String(error)).not.toContain('"short"');
});

test("a configuration without the secret's name has no vault", () => {
  expect(configuredContactVaults({}, { now: () => 0 })).toBeUndefined();
});
