import { SecretError, type Secrets } from "../../pipeline/ports.ts";

/** Secrets held in memory, by name; changing the given object changes what is read. */
export function createMemorySecrets(secrets: Readonly<Record<string, Readonly<Record<string, string>>>>): Secrets {
  return {
    async get(name) {
      const secret = secrets[name];
      if (secret === undefined) throw new SecretError(`secret ${name} cannot be read: ResourceNotFoundException`);
      return secret;
    },
  };
}
