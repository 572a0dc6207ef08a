import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "../../src/adapters/aws-timeouts.ts";
import { CliError, EXIT } from "./cli-error.ts";
import type { SecretFields } from "./secret-form.ts";
import type { StackAccess } from "./stack-access.ts";

/** Secrets Manager, of AWS or of the local stack. No error quotes any part of a value. */
export interface SecretStore {
  /** Empty when it was never filled. */
  read(name: string): Promise<SecretFields>;
  write(name: string, fields: SecretFields): Promise<void>;
  close(): void;
}

/** Opens the secrets of a stack. */
export function openSecrets({ client: place, where }: StackAccess): SecretStore {
  const client = new SecretsManagerClient({
    maxAttempts: AWS_ATTEMPTS.other,
    requestHandler: AWS_REQUEST_HANDLER,
    ...place,
  });
  const asked = async <Answer>(name: string, call: Promise<Answer>): Promise<Answer> => {
    try {
      return await call;
    } catch (error) {
      throw refusal(error, name, where);
    }
  };
  return {
    async read(name) {
      const { SecretString } = await asked(name, client.send(new GetSecretValueCommand({ SecretId: name })));
      return fieldsIn(SecretString ?? "{}", name);
    },
    async write(name, fields) {
      const SecretString = JSON.stringify(fields);
      await asked(name, client.send(new PutSecretValueCommand({ SecretId: name, SecretString })));
    },
    close: () => client.destroy(),
  };
}

function refusal(error: unknown, name: string, where: string): CliError {
  const code = error instanceof Error ? error.name : "unknown";
  if (code === "ResourceNotFoundException") {
    return new CliError(`There is no secret ${name} in ${where}.`, EXIT.failed, "Deploy first: the stack makes it.");
  }
  if (code === "AccessDeniedException" || code === "CredentialsProviderError" || /Token|Signature/.test(code)) {
    const todo = "Sign in to the AWS account with a role that may read and write it.";
    return new CliError(`Your AWS credentials do not open the secret ${name}: ${code}.`, EXIT.unreachable, todo);
  }
  return new CliError(`The secret ${name} of ${where} cannot be reached: ${code}.`, EXIT.unreachable);
}

/** A secret's text as fields. Throws without quoting it. */
export function fieldsIn(text: string, what: string): SecretFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError(`${what} is not JSON.`);
  }
  const entries =
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  const wrong = entries?.find(([, field]) => typeof field !== "string");
  if (entries === undefined || wrong !== undefined) {
    throw new CliError(`${what} must be a JSON object of texts${wrong === undefined ? "" : `: ${wrong[0]} is none`}.`);
  }
  return Object.fromEntries(entries) as SecretFields;
}
