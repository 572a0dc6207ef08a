import { didYouMean } from "../../src/config/did-you-mean.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { MalformedDigest, sourceKeyDigests } from "../../src/core/source-key.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { credentialProblem } from "../../src/pipeline/lane-credentials.ts";
import { CliError, EXIT } from "./cli-error.ts";

/** Fields of a secret by name. */
export type SecretFields = Readonly<Record<string, string>>;

/** What the secret of a lane or a source holds. */
export interface SecretForm {
  readonly id: string;
  readonly kind: "lane" | "source";
  readonly secretName: string;
  /** Without these it does not work. */
  readonly required: readonly string[];
  /** Of these sets one must be whole, beside `required`. */
  readonly oneOf: readonly (readonly string[])[];
  /** What is missing or malformed, in words that quote no value. */
  problem(fields: SecretFields): string | undefined;
}

/** Every secret of a configuration. Destinations that need none have none. */
export function secretForms({ destinations, sources }: ResolvedConfig): SecretForm[] {
  const lanes = destinations.flatMap(({ id, type, secretName }): SecretForm[] => {
    const destination = DESTINATIONS[type];
    if (destination === undefined) return [];
    const { credentials: required, credentialSets: oneOf = [] } = destination;
    if (required.length + oneOf.length === 0) return [];
    const problem = (fields: SecretFields) => credentialProblem(fields, destination, secretName);
    return [{ id, kind: "lane", secretName, required, oneOf, problem }];
  });
  const keys = sources.map(
    ({ id, keySecretName: secretName }): SecretForm => ({
      id,
      kind: "source",
      secretName,
      required: [],
      oneOf: [["key"], ["keySha256"]],
      problem: (fields) => keyProblem(fields, secretName),
    }),
  );
  return [...lanes, ...keys];
}

function keyProblem(fields: SecretFields, name: string): string | undefined {
  try {
    return sourceKeyDigests(fields).keySha256 === undefined ? `secret ${name} lacks key` : undefined;
  } catch (error) {
    if (error instanceof MalformedDigest) return `secret ${name}: ${error.message}`;
    throw error;
  }
}

/** The secret of the lane or source of this name; throws what the person may have meant. */
export function secretFormOf(config: ResolvedConfig, id: string): SecretForm {
  const forms = secretForms(config);
  const found = forms.find((form) => form.id === id);
  if (found !== undefined) return found;
  const needsNone = config.destinations.some((lane) => lane.id === id);
  if (needsNone) throw new CliError(`${id} needs no secret.`);
  const known = forms.map((form) => form.id);
  const meant = didYouMean(id, known);
  const hint = meant === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${meant}?`;
  throw new CliError(`${id} is neither a destination nor a source of the configuration.`, EXIT.usage, hint);
}
