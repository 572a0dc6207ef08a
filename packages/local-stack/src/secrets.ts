import { randomInt, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AwsError } from "./aws-error.ts";
import type { SecretModel } from "./model.ts";
import { isObject, type JsonObject, PropertyReader } from "./property-reader.ts";

interface SecretsInput {
  readonly SecretId?: string;
  readonly SecretIdList?: readonly string[];
  readonly SecretString?: string;
}

/** The secrets of a stack behind the operations of Secrets Manager; their values live in one local JSON file. */
export class Secrets {
  readonly #file: string;
  readonly #models: readonly SecretModel[];
  readonly #versions = new Map<string, { value: string; version: string }>();

  /** Makes the file when it is missing, and generates what the template wants generated, once. */
  constructor(models: readonly SecretModel[], file: string) {
    this.#file = file;
    this.#models = models;
    const values = this.#read();
    const made: Record<string, unknown> = {};
    for (const { name, generate, literal } of models) {
      if (values[name] !== undefined) continue;
      if (generate !== undefined) made[name] = generateSecret(generate, name);
      else if (literal !== undefined) made[name] = literal;
    }
    if (!existsSync(file) || Object.keys(made).length > 0) this.#write({ ...values, ...made });
  }

  call(operation: string, input: SecretsInput): Record<string, unknown> {
    switch (operation) {
      case "GetSecretValue":
        return this.#get(this.#find(input.SecretId));
      case "BatchGetSecretValue":
        return this.#getMany(input.SecretIdList ?? []);
      case "PutSecretValue":
        return this.#put(this.#find(input.SecretId), input.SecretString ?? "");
      case "DescribeSecret":
        return describe(this.#find(input.SecretId));
      case "ListSecrets":
        return { SecretList: this.#models.map(describe) };
      default:
        throw new AwsError("UnknownOperationException", `secretsmanager:${operation} does not run in the local stack`);
    }
  }

  /** ARN of a secret named by ARN or name; made up when there is no such secret, as a policy still has to be asked. */
  arnOf(secretId: string): string {
    const found = this.#models.find(({ arn, name }) => arn === secretId || name === secretId);
    return found?.arn ?? `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secretId}`;
  }

  #find(secretId: string | undefined): SecretModel {
    const found = this.#models.find(({ arn, name }) => arn === secretId || name === secretId);
    if (found !== undefined) return found;
    throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }

  #get({ arn, name }: SecretModel): Record<string, unknown> {
    const stored = this.#read()[name];
    if (stored === undefined) {
      const stage = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
      throw new AwsError("ResourceNotFoundException", stage);
    }
    // The file may hold a secret's JSON as an object: kinder to edit than JSON inside a JSON string.
    const value = typeof stored === "string" ? stored : JSON.stringify(stored);
    const known = this.#versions.get(name);
    const version = known?.value === value ? known.version : randomUUID();
    this.#versions.set(name, { value, version });
    return { ARN: arn, Name: name, SecretString: value, VersionId: version, VersionStages: ["AWSCURRENT"] };
  }

  #getMany(ids: readonly string[]): Record<string, unknown> {
    const SecretValues: object[] = [];
    const Errors: object[] = [];
    for (const id of ids) {
      try {
        SecretValues.push(this.#get(this.#find(id)));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
      }
    }
    return { SecretValues, Errors };
  }

  #put({ arn, name }: SecretModel, value: string): Record<string, unknown> {
    this.#write({ ...this.#read(), [name]: value });
    return { ARN: arn, Name: name, VersionId: randomUUID(), VersionStages: ["AWSCURRENT"] };
  }

  /** Read anew each time: a user who edits the file sees the edit work. */
  #read(): JsonObject {
    if (!existsSync(this.#file)) return {};
    const parsed: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
    if (!isObject(parsed)) throw new Error(`${this.#file} must hold one JSON object: secret name → value`);
    return parsed;
  }

  #write(values: JsonObject): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const draft = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(draft, `${JSON.stringify(values, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

function describe({ arn, name, description }: SecretModel): Record<string, unknown> {
  return { ARN: arn, Name: name, Description: description };
}

const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";

/** A value as CloudFormation's `GenerateSecretString` would make it: alone, or under a key of a JSON template. */
export function generateSecret(generate: JsonObject, name: string): string {
  const options = new PropertyReader(`secret ${name}: GenerateSecretString`, generate);
  const excluded = options.optionalText("ExcludeCharacters") ?? "";
  const kinds = [
    options.flag("ExcludeUppercase", false) ? "" : UPPER,
    options.flag("ExcludeLowercase", false) ? "" : UPPER.toLowerCase(),
    options.flag("ExcludeNumbers", false) ? "" : DIGITS,
    options.flag("ExcludePunctuation", false) ? "" : PUNCTUATION,
    options.flag("IncludeSpace", false) ? " " : "",
  ].map((kind) => [...kind].filter((character) => !excluded.includes(character)));
  const alphabet = kinds.flat();
  if (alphabet.length === 0) throw new Error(`secret ${name}: its rules exclude every character`);
  const length = options.number("PasswordLength", 32);
  const value = Array.from({ length }, () => pick(alphabet));
  if (options.flag("RequireEachIncludedType", true)) plantEachKind(value, kinds);
  const password = value.join("");
  const key = options.optionalText("GenerateStringKey");
  if (key === undefined) return password;
  const template: unknown = JSON.parse(options.optionalText("SecretStringTemplate") ?? "{}");
  return JSON.stringify({ ...(isObject(template) ? template : {}), [key]: password });
}

/** Gives every kind of character a place of its own. */
function plantEachKind(value: string[], kinds: readonly (readonly string[])[]): void {
  const places = value.map((_character, index) => index);
  for (const kind of kinds) {
    if (kind.length === 0 || places.length === 0) continue;
    const [place] = places.splice(randomInt(places.length), 1);
    if (place !== undefined) value[place] = pick(kind);
  }
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] ?? "";
}
