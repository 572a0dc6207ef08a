import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CliError } from "./cli-error.ts";

/** A stack that a person signed in to. */
interface Profile {
  readonly url: string;
  readonly key: string;
}
type Profiles = Readonly<Record<string, Profile>>;

/** Where profiles are: of the person, not of the checkout, because they hold keys. */
export function profilesFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "tracklayer", "profiles.json");
}

/** Every profile by its stack's name; none when nobody signed in yet. */
export function readProfiles(file: string): Profiles {
  if (!existsSync(file)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Profiles;
  } catch {
    // The message of a JSON parser quotes the file, which holds keys.
  }
  throw new CliError(`${file} is not readable as profiles.`, 1, "Delete it and sign in again with `tracklayer login`.");
}

/** Replaces all profiles at once, readable by their owner only. */
export function writeProfiles(file: string, profiles: Profiles): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
  // The mode above is only taken for a new file.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
