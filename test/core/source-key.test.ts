import fc from "fast-check";
import { hashSourceKey, isKeyOf, MalformedDigest, sourceKeyDigests } from "../../src/core/source-key.ts";

const key = fc.string({ minLength: 1, unit: "grapheme" });

test("a key's digest is what `sha256sum` prints of it", () => {
  expect(hashSourceKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("a key opens its source in every form that the secret may have, and no other key does", () => {
  fc.assert(
    fc.property(key, key, key, (current, previous, stranger) => {
      fc.pre(new Set([current, previous, stranger]).size === 3);
      const forms = [
        { key: current, previousKey: previous },
        { keySha256: hashSourceKey(current), previousKey: previous },
        { key: current, previousKeySha256: hashSourceKey(previous) },
        { keySha256: hashSourceKey(current).toUpperCase(), previousKeySha256: ` ${hashSourceKey(previous)}\n` },
      ];
      for (const secret of forms) {
        const digests = sourceKeyDigests(secret);
        const opens = [current, previous, stranger].map((given) => isKeyOf(hashSourceKey(given), digests));
        expect(opens).toEqual([true, true, false]);
        expect(sourceKeyDigests({ ...digests })).toEqual(digests);
      }
    }),
  );
});

test("the digest itself opens nothing: who reads the secret cannot send", () => {
  const keySha256 = hashSourceKey("key");
  expect(isKeyOf(hashSourceKey(keySha256), sourceKeyDigests({ keySha256 }))).toBe(false);
});

test("blank fields are no keys, and a digest replaces the key in clear of its rank", () => {
  expect(sourceKeyDigests({ key: "", previousKey: "", keySha256: " ", other: "x" })).toEqual({});
  const digests = sourceKeyDigests({ key: "old", keySha256: hashSourceKey("new") });
  expect([isKeyOf(hashSourceKey("old"), digests), isKeyOf(hashSourceKey("new"), digests)]).toEqual([false, true]);
});

test.each(["keySha256", "previousKeySha256"])("a %s that is no digest is named, without its value", (field) => {
  const problem = (() => {
    try {
      return sourceKeyDigests({ [field]: "my-key-in-clear" });
    } catch (error) {
      return error;
    }
  })();
  expect(problem).toBeInstanceOf(MalformedDigest);
  expect(String(problem)).toContain(field);
  expect(String(problem)).not.toContain("my-key");
});
