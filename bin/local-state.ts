import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where `npm start` keeps what only this machine needs: generated keys, and the addresses of the running stack. */
export const LOCAL_DIRECTORY = ".tracklayer";
const STATE_FILE = "local.json";

/** What the running local stack tells the other commands. */
export interface LocalState {
  /** Base URL of the ingest API. */
  apiUrl: string;
  /** Endpoint for every AWS call. */
  gatewayUrl: string;
  region: string;
  /** An identity that may do everything, on this machine only. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  tables: { delivery: string; identity: string };
  stackOutputs: Record<string, string>;
  /** Ingest key by source id. */
  keys: Record<string, string>;
  /** Dedup scopes of its sources: other commands may have been started with another config. */
  scopes?: string[];
  sandboxUrl: string;
  /** Opens the ops API of this stack, with every permission. */
  opsKey?: string;
}

/** Writes the state for the commands that talk to the running stack, for its owner only: it opens everything there. */
export function writeLocalState(state: LocalState, directory: string = LOCAL_DIRECTORY): void {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, STATE_FILE);
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  // The mode above is only taken for a new file; and nobody reads half a file, or one that is open to others yet.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

/** Takes it back when the stack ends, unless another stack has written its own there since. */
export function forgetLocalState(apiUrl: string, directory: string = LOCAL_DIRECTORY): void {
  try {
    if (readLocalState(directory).apiUrl === apiUrl) rmSync(join(directory, STATE_FILE));
  } catch {
    // Gone already.
  }
}

const NOT_RUNNING = "no local stack is running here: start one with `npm start`";

/** There is no local stack to talk to. */
export class NotRunning extends Error {
  constructor(cause: unknown) {
    super(NOT_RUNNING, { cause });
    this.name = "NotRunning";
  }
}

/** Reads it; throws with the way out when no stack was started here. */
export function readLocalState(directory: string = LOCAL_DIRECTORY): LocalState {
  try {
    return JSON.parse(readFileSync(join(directory, STATE_FILE), "utf8")) as LocalState;
  } catch (cause) {
    throw new NotRunning(cause);
  }
}

/** The error as the person at the terminal should see it. A stack that was killed leaves its addresses, where nobody answers. */
export function explained(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const codes = [error, error.cause].map((it) => (it as { code?: unknown } | undefined)?.code);
  return codes.includes("ECONNREFUSED") ? new NotRunning(error) : error;
}
