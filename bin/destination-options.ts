import { randomUUID } from "node:crypto";
import type { ResolvedConfig } from "../src/config/resolved-config.ts";
import { type GivenEvent, readGivenEvent } from "../src/pipeline/given-event.ts";
import type { PreviewScope } from "../src/pipeline/preview.ts";
import { problemLines } from "../src/pipeline/preview-text.ts";
import type { Terminal } from "./cli/terminal.ts";
import type { AccessOptions } from "./destination-access.ts";
import { readJson } from "./destination-lane.ts";

/** What the command line of `preview` and `test` says, beside the lane and the event. */
export interface Options extends AccessOptions {
  readonly json?: boolean | undefined;
  readonly settings?: string | undefined;
  readonly as?: string | undefined;
  readonly source?: string | undefined;
  readonly real?: boolean | undefined;
}

/** The event in a file, read as if it came now through the named source, or else the first server source. */
export function readEventFile(
  file: string,
  { sources }: ResolvedConfig,
  { source: id }: Options,
  { now }: PreviewScope,
): GivenEvent {
  const usual = sources.find(({ kind }) => kind === "server") ?? sources[0];
  const source = id === undefined ? usual : sources.find((it) => it.id === id);
  if (source === undefined) throw new Error(`--source: one of ${sources.map((it) => it.id).join(", ")}, got ${id}`);
  return readGivenEvent(readJson(file, "the event"), { source, now, newId: randomUUID });
}

/** Says why ingest would refuse the event. */
export function tellRefusal(
  { errors, warnings }: Extract<GivenEvent, { ok: false }>,
  { json }: Pick<Options, "json">,
  terminal: Terminal,
): void {
  const lines = [...problemLines("error", errors), ...problemLines("warning", warnings)];
  if (json === true) terminal.out(JSON.stringify({ refused: true, errors, warnings }, null, 2));
  else terminal.err(["The event would be refused at ingest:", ...lines].join("\n"));
}
