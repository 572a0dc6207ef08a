import type { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createSecrets } from "../../src/adapters/aws-secrets.ts";
import { SecretError } from "../../src/pipeline/ports.ts";

type Answer = string | undefined | Error;

/** Secrets Manager as a list of answers, of which the last one stays. */
function world(...answers: Answer[]) {
  const asked: (string | undefined)[] = [];
  const time = { now: 1_000_000 };
  const send = async (command: GetSecretValueCommand) => {
    asked.push(command.input.SecretId);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { SecretString: answer };
  };
  const client = { send } as unknown as Pick<SecretsManagerClient, "send">;
  return { asked, time, secrets: createSecrets({ ttlMs: 300_000, now: () => time.now, client }) };
}

const failure = (name: string) => Object.assign(new Error("details with an account number"), { name });

test("a secret is read once in its time, and once for callers that ask together", async () => {
  const { asked, secrets, time } = world('{"token":"a"}', '{"token":"b"}');
  expect(await Promise.all([secrets.get("n"), secrets.get("n")])).toEqual([{ token: "a" }, { token: "a" }]);
  time.now += 299_999;
  expect(await secrets.get("n")).toEqual({ token: "a" });
  expect(asked).toEqual(["n"]);
  time.now += 1;
  expect(await secrets.get("n")).toEqual({ token: "b" });
});

test("secrets are kept by name", async () => {
  const { asked, secrets } = world('{"token":"a"}');
  await Promise.all([secrets.get("n"), secrets.get("m")]);
  expect(asked).toEqual(["n", "m"]);
});

test("only what is to be kept of a secret is held and answered", async () => {
  const client = { send: async () => ({ SecretString: '{"key":"hunter2","other":"x"}' }) } as never;
  const keep = ({ key = "" }: Record<string, string>, name: string) => ({ length: `${name} ${key.length}` });
  const secrets = createSecrets({ ttlMs: 1, now: () => 0, client, keep });
  expect([await secrets.get("n"), await secrets.refresh("n")]).toEqual([{ length: "n 7" }, { length: "n 7" }]);
});

test("refresh reads past the cache, and its answer is the one from then on", async () => {
  const { asked, secrets } = world('{"token":"a"}', '{"token":"b"}');
  await secrets.get("n");
  expect(await secrets.refresh("n")).toEqual({ token: "b" });
  expect(await secrets.get("n")).toEqual({ token: "b" });
  expect(asked).toHaveLength(2);
});

test.each([
  [undefined, "secret n has no text value"],
  ["{", "secret n is not JSON"],
  ['"hunter2"', "secret n is not a JSON object"],
  ["[]", "secret n is not a JSON object"],
  ['{"token":{"deep":"hunter2"}}', "field token of secret n is not a string"],
  [failure("ResourceNotFoundException"), "secret n cannot be read: ResourceNotFoundException"],
  [failure("AccessDeniedException"), "secret n cannot be read: AccessDeniedException"],
])("%s needs a person, is named without its value, and is not asked for on every call", async (answer, message) => {
  const { asked, secrets, time } = world(answer);
  await expect(secrets.get("n")).rejects.toThrow(new SecretError(message));
  await expect(secrets.get("n")).rejects.toBeInstanceOf(SecretError);
  expect(asked).toHaveLength(1);
  time.now += 10_000;
  await expect(secrets.get("n")).rejects.toThrow(message);
  expect(asked).toHaveLength(2);
});

test("a value past its time bridges an outage of Secrets Manager", async () => {
  const { asked, secrets, time } = world('{"token":"a"}', failure("ThrottlingException"), '{"token":"b"}');
  await secrets.get("n");
  time.now += 300_000;
  expect(await secrets.get("n")).toEqual({ token: "a" });
  expect(await secrets.get("n")).toEqual({ token: "a" });
  expect(asked).toHaveLength(2);
  time.now += 10_000;
  expect(await secrets.get("n")).toEqual({ token: "b" });
});

test("a secret that was deleted is not bridged: somebody took it away", async () => {
  const { secrets, time } = world('{"token":"a"}', failure("ResourceNotFoundException"));
  await secrets.get("n");
  time.now += 300_000;
  await expect(secrets.get("n")).rejects.toBeInstanceOf(SecretError);
});

test("a failure that may pass is not remembered", async () => {
  const { secrets } = world(failure("TimeoutError"), '{"token":"a"}');
  await expect(secrets.get("n")).rejects.toMatchObject({ name: "TimeoutError" });
  expect(await secrets.get("n")).toEqual({ token: "a" });
});
