import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { SecretModel } from "../src/model.ts";
import { generateSecret, Secrets } from "../src/secrets.ts";
import { temporaryDirectory } from "./support/assembly-fixture.ts";

function model(name: string, more: Partial<SecretModel> = {}): SecretModel {
  const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-LOCAL0`;
  return { logicalId: "S", name, arn, description: "", ...more };
}

const value = (secrets: Secrets, SecretId: string) => secrets.call("GetSecretValue", { SecretId }).SecretString;

test("a generated secret is made once and then kept; what the user wrote is never touched", () => {
  const file = join(temporaryDirectory(), "not", "there", "secrets.json");
  const models = [model("made", { generate: {} }), model("literal", { literal: "as written" }), model("empty")];
  const first = value(new Secrets(models, file), "made");
  expect(value(new Secrets(models, file), "made")).toBe(first);
  expect(value(new Secrets(models, file), "literal")).toBe("as written");
  expect(statSync(file).mode & 0o077).toBe(0);
  const edited = { ...JSON.parse(readFileSync(file, "utf8")), made: { token: "mine" }, other: 1 };
  writeFileSync(file, JSON.stringify(edited));
  expect(value(new Secrets(models, file), "made")).toBe('{"token":"mine"}');
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(edited);
});

test("a value that is written has a new version, an unchanged one the old", () => {
  const secrets = new Secrets([model("made", { generate: {} })], join(temporaryDirectory(), "s.json"));
  const version = () => secrets.call("GetSecretValue", { SecretId: "made" }).VersionId;
  const first = version();
  expect(version()).toBe(first);
  secrets.call("PutSecretValue", { SecretId: "made", SecretString: "new" });
  expect(value(secrets, "made")).toBe("new");
  expect(version()).not.toBe(first);
});

test("a batch tells of each secret, found or not", () => {
  const secrets = new Secrets([model("a", { literal: "1" }), model("b")], join(temporaryDirectory(), "s.json"));
  expect(secrets.call("BatchGetSecretValue", { SecretIdList: ["a", "b", "c"] })).toMatchObject({
    SecretValues: [{ Name: "a", SecretString: "1" }],
    Errors: [
      { SecretId: "b", ErrorCode: "ResourceNotFoundException" },
      { SecretId: "c", ErrorCode: "ResourceNotFoundException" },
    ],
  });
});

test("a generated value keeps to its rules", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 64 }),
      fc.boolean(),
      fc.constantFrom("", "abcXYZ", "\"'\\/@"),
      (PasswordLength, ExcludePunctuation, ExcludeCharacters) => {
        const made = generateSecret({ PasswordLength, ExcludePunctuation, ExcludeCharacters }, "s");
        expect(made).toHaveLength(PasswordLength);
        expect([...made].filter((character) => ExcludeCharacters.includes(character))).toEqual([]);
        expect(/[A-Z]/.test(made) && /[a-z]/.test(made) && /\d/.test(made)).toBe(true);
        expect(/[^A-Za-z0-9]/.test(made)).toBe(!ExcludePunctuation);
      },
    ),
  );
});

test("a template gets the value under its key", () => {
  const rules = { SecretStringTemplate: '{"user":"me"}', GenerateStringKey: "password", PasswordLength: 8 };
  expect(JSON.parse(generateSecret(rules, "s"))).toEqual({ user: "me", password: expect.stringMatching(/^.{8}$/) });
});
