import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DestinationResponse, SkipCode } from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

const FOLDER = join(import.meta.dirname, "../destinations");

interface Golden {
  settings: unknown;
  events: CanonicalEvent[];
  skip?: { code: SkipCode; detail: string };
  request?: unknown;
  context?: object;
  responses?: { outcome?: Outcome; outcomes?: Outcome[] }[];
}

/** What a golden says of an event that is not delivered. */
export interface KnownFailure {
  readonly kind: Exclude<Outcome["kind"], "delivered"> | SkipCode;
  readonly words: string;
}

const read = new Map<string, Golden[]>();

function goldens(id: string): Golden[] {
  const known = read.get(id);
  if (known !== undefined) return known;
  const files = readdirSync(join(FOLDER, id)).filter((file) => file.endsWith(".json"));
  const found = files.map((file) => JSON.parse(readFileSync(join(FOLDER, id, file), "utf8")) as Golden);
  read.set(id, found);
  return found;
}

/** Every outcome that is no delivery, and every skip, of a destination's goldens; each once. */
export function goldenFailures(id: string): KnownFailure[] {
  const failures = goldens(id).flatMap(({ skip, responses = [] }): KnownFailure[] => [
    ...(skip === undefined ? [] : [{ kind: skip.code, words: skip.detail }]),
    ...responses.flatMap(({ outcome, outcomes }) => failuresIn(outcomes ?? (outcome === undefined ? [] : [outcome]))),
  ]);
  return [...new Map(failures.map((failure) => [`${failure.kind} ${failure.words}`, failure])).values()];
}

function failuresIn(outcomes: readonly Outcome[]): KnownFailure[] {
  return outcomes.flatMap((outcome) =>
    outcome.kind === "delivered" ? [] : [{ kind: outcome.kind, words: outcome.reason }],
  );
}

/** An answer of a platform; `body` is text, or what becomes JSON. */
export interface PlatformAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** What the destination's own `classify` makes of an answer to a single event. */
export function classified(id: string, { status, body = "" }: PlatformAnswer): KnownFailure[] {
  const golden = goldens(id).find(({ request }) => request !== undefined);
  const destination = DESTINATIONS[id];
  if (golden === undefined || destination === undefined) throw new Error(`no golden with a request for ${id}`);
  const response: DestinationResponse = {
    status,
    headers: {},
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
  const context = {
    lane: id,
    credentials: {},
    now: golden.events[0]?.event_time ?? 0,
    testMode: false,
    ...golden.context,
    settings: destination.settings.parse(golden.settings),
  };
  return failuresIn(destination.classify(response, golden.events.slice(0, 1), context));
}
