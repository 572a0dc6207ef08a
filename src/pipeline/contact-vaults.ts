import type { ContactVault, Unopened } from "../core/sealed-contacts.ts";
import { errorFields } from "./error-fields.ts";
import { type Log, SecretError } from "./ports.ts";

/** Where the vault of people's contacts comes from. */
export interface ContactVaults {
  /** Throws while its key cannot be read. */
  current(): Promise<ContactVault>;
}

/** A vault for one batch. */
export interface OpenVault extends ContactVault {
  /** Says how many texts it could not open, if any, and why. Never whose they are. */
  tell(): void;
}

/**
 * The vault, or undefined where no lane needs one or its key cannot be read: then events go on as they would without it,
 * since ad platforms have no use for what is in it.
 */
export async function openVault({
  contacts,
  log,
}: {
  readonly contacts?: ContactVaults;
  readonly log: Pick<Log, "error" | "warn">;
}): Promise<OpenVault | undefined> {
  if (contacts === undefined) return undefined;
  try {
    return counting(await contacts.current(), log);
  } catch (error) {
    // What only a person can mend says how: that there is no secret, no permission, or too short a key.
    const { error: kind = "unknown", ...said } = errorFields(error);
    log.error("the key of people's contacts cannot be read; none are filled in", {
      error: kind,
      ...(error instanceof SecretError ? said : {}),
    });
    return undefined;
  }
}

function counting(vault: ContactVault, log: Pick<Log, "error" | "warn">): OpenVault {
  const unopened: Record<Unopened, number> = { another_key: 0, damaged: 0 };
  return {
    seal: vault.seal,
    open(contact, sealed) {
      const opened = vault.open(contact, sealed);
      if ("problem" in opened) unopened[opened.problem] += 1;
      return opened;
    },
    tell() {
      const { another_key, damaged } = unopened;
      // What a former key sealed is sealed anew when its person says it again.
      if (another_key > 0) log.warn("contacts are sealed with another key", { contacts: another_key });
      if (damaged > 0) log.error("sealed contacts are damaged", { contacts: damaged });
    },
  };
}
