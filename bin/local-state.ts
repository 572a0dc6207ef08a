import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  sandboxUrl: string;
}

/** Writes the state for the commands that talk to the running stack. */
export function writeLocalState(state: LocalState, directory: string = LOCAL_DIRECTORY): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

/** Reads it; throws with the way out when no stack was started here. */
export function readLocalState(directory: string = LOCAL_DIRECTORY): LocalState {
  try {
    return JSON.parse(readFileSync(join(directory, STATE_FILE), "utf8")) as LocalState;
  } catch (cause) {
    throw new Error("no local stack is running here: start one with `npm start`", { cause });
  }
}
