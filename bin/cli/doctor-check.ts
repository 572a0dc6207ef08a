import { CliError } from "./cli-error.ts";

/** One thing that was looked at. Only `fail` makes the doctor fail; `skipped` says why it could not be looked at. */
export interface Check {
  readonly check: string;
  readonly state: "ok" | "warn" | "fail" | "skipped";
  readonly says: string;
  readonly todo?: string;
}

/** All is well. */
export function ok(check: string, says: string): Check {
  return { check, state: "ok", says };
}

/** It could not be looked at, or does not apply. */
export function skipped(check: string, says: string): Check {
  return { check, state: "skipped", says };
}

/** It works, and a person should know. */
export function warn(check: string, says: string, todo: string): Check {
  return { check, state: "warn", says, todo };
}

/** It does not work. */
export function fail(check: string, says: string, todo?: string): Check {
  return { check, state: "fail", says, ...(todo === undefined ? {} : { todo }) };
}

/** What a check finds; what it throws is what it found. */
export async function looked(check: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CliError) return [fail(check, error.message, error.todo)];
    return [fail(check, error instanceof Error ? error.message : String(error))];
  }
}
