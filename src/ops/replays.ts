import { z } from "zod/mini";
import { maskAll } from "../core/masking.ts";
import { present } from "../core/present.ts";
import type { ReplayJob } from "../core/replay-job.ts";
import type { Clock } from "../pipeline/ports.ts";
import { type ReplayDeps, runReplaySlice } from "../pipeline/replay.ts";
import { cancelReplay } from "../pipeline/replay-jobs.ts";
import type { ReplayStore } from "../pipeline/replay-ports.ts";
import { createReplay, ReplayRefusal, type ReplayRequestDeps } from "../pipeline/replay-request.ts";
import { list, pageOf, STATE } from "./answer-fields.ts";
import type { Page } from "./contract/page.ts";
import type { ReplayView } from "./contract/replays.ts";
import { jobId, jobPage, jobPageFields } from "./job-pages.ts";
import { auditedIdentifier } from "./people.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** What the routes of replays work with. */
export interface ReplayRoutePorts {
  readonly replays: ReplayStore;
  /** Absent when the configuration turns the archive off. */
  readonly replaying?: ReplayDeps & ReplayRequestDeps;
  readonly clock: Pick<Clock, "now">;
}

/** How long the request itself works on a new job: most are done in it, and the gateway waits 30 seconds, ms. */
const FIRST_SLICE_MS = 12_000;
/** Events a second over all destinations, unless told: few enough to leave platforms and lanes room for live traffic. */
const DEFAULT_PACE = 100;
const MAX_IDS = 100;

const STATES = ["running", "done", "cancelled", "failed"] as const;
const texts = (most: number) =>
  z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.minLength(1), z.maxLength(most));
const REPLAY_ID = jobId("a replay, as `GET /replays` lists it");
const moment = () => z.int().check(z.minimum(0));

const START = z.object({
  event_ids: z.optional(texts(MAX_IDS)),
  person: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  from: z.optional(moment()),
  to: z.optional(moment()),
  sources: z.optional(texts(MAX_IDS)),
  event_names: z.optional(texts(MAX_IDS)),
  destinations: z.optional(texts(MAX_IDS)),
  outcomes: z.optional(z.array(STATE).check(z.minLength(1))),
  dry_run: z._default(z.boolean(), false),
  force: z._default(z.boolean(), false),
  confirm_double_count: z._default(z.boolean(), false),
  pace: z._default(z.int().check(z.minimum(1), z.maximum(1_000)), DEFAULT_PACE),
});

const VIEW = z.object({
  id: z.string(),
  selection: z.object({
    event_ids: z.optional(list(z.string())),
    from: z.optional(z.number()),
    to: z.optional(z.number()),
    sources: z.optional(list(z.string())),
    event_names: z.optional(list(z.string())),
    destinations: z.optional(list(z.string())),
    outcomes: z.optional(list(STATE)),
  }),
  dry_run: z.boolean(),
  force: z.boolean(),
  pace: z.number(),
  state: z.enum(STATES),
  reason: z.optional(z.string()),
  by: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  progress: z.object({ done: z.number(), of: z.number() }),
  counts: z.object({
    events: z.number(),
    sent: z.number(),
    delivered_already: z.number(),
    too_old: z.number(),
    not_allowed: z.number(),
    on_its_way: z.number(),
    unreadable: z.number(),
  }),
  by_destination: z.record(z.string(), z.number()),
  cost_usd: z.number(),
}) as unknown as z.ZodMiniType<ReplayView>;

/** `POST /replays`. */
export const startReplay = defineRoute({
  method: "POST",
  path: "/replays",
  permission: "operate",
  summary: "Sends archived events again where they are missing, or with dry_run counts what that would send and cost",
  input: START,
  answer: VIEW,
  audit: ({ person, ...input }, { newId }) => ({
    action: input.dry_run ? "replay.dry_run" : "replay.start",
    target: newId,
    details: {
      force: input.force,
      confirm_double_count: input.confirm_double_count,
      ...(person === undefined ? {} : { person: auditedIdentifier(person) }),
      // Event ids and names are the sender's and may hold anybody's address.
      selection: JSON.stringify(maskAll(selectionOf(input))),
    },
  }),
  async run(input, { clock, replaying }: ReplayRoutePorts, { actor, newId }): Promise<ReplayView> {
    if (replaying === undefined) {
      const todo = "Set archive in tracklayer.config.ts and deploy: what comes from then on is kept.";
      throw new OpsRefusal(409, "no_archive", "the archive is turned off, so there is nothing to replay from", todo);
    }
    const { confirm_double_count, dry_run, force, pace, person } = input;
    const selection = { ...selectionOf(input), ...(person === undefined ? {} : { person }) };
    const request = { selection, dry_run, force, confirm_double_count, pace };
    const job = await created(() => createReplay(request, { id: newId, by: actor }, replaying));
    return viewOf(await runReplaySlice(job, clock.now() + FIRST_SLICE_MS, replaying));
  },
});

/** `GET /replays`. */
export const listReplays = defineRoute({
  method: "GET",
  path: "/replays",
  permission: "read",
  summary: "Replays, newest first",
  input: z.object({
    state: z.optional(z.enum(STATES)),
    ...jobPageFields(REPLAY_ID),
  }),
  answer: pageOf(VIEW),
  run({ state, ...page }, { replays }: ReplayRoutePorts): Promise<Page<ReplayView>> {
    return jobPage(page, (from) => replays.list({ ...from, ...present({ state }) }), viewOf);
  },
});

/** `GET /replays/{id}`. */
export const readReplay = defineRoute({
  method: "GET",
  path: "/replays/{id}",
  permission: "read",
  summary: "One replay: its progress, counts and cost",
  input: z.object({ id: REPLAY_ID }),
  answer: VIEW,
  async run({ id }, { replays }: ReplayRoutePorts): Promise<ReplayView> {
    return found(await replays.read(id));
  },
});

/** `POST /replays/{id}/cancel`. */
export const stopReplay = defineRoute({
  method: "POST",
  path: "/replays/{id}/cancel",
  permission: "operate",
  summary: "Ends a replay; what it has put on the lanes is delivered all the same",
  input: z.object({ id: REPLAY_ID }),
  answer: VIEW,
  audit: ({ id }) => ({ action: "replay.cancel", target: id }),
  async run({ id }, ports: ReplayRoutePorts, { actor }): Promise<ReplayView> {
    return found(await cancelReplay(id, actor, ports));
  },
});

function selectionOf(input: z.infer<typeof START>): ReplayJob["selection"] {
  const { destinations, event_ids, event_names, from, outcomes, sources, to } = input;
  return present({ destinations, event_ids, event_names, from, outcomes, sources, to });
}

const STATUS: Readonly<Record<ReplayRefusal["code"], OpsRefusal["status"]>> = {
  selection: 400,
  unknown_destination: 404,
  unknown_source: 404,
  not_found: 404,
  double_count: 422,
};

async function created(create: () => Promise<ReplayJob>): Promise<ReplayJob> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof ReplayRefusal)) throw error;
    throw new OpsRefusal(STATUS[error.code], error.code, error.message, error.todo);
  }
}

function found(job: ReplayJob | undefined): ReplayView {
  if (job === undefined) throw new OpsRefusal(404, "no_such_replay", "no replay has this id, or it is deleted");
  return viewOf(job);
}

function viewOf(job: ReplayJob): ReplayView {
  const { version: _, cursor: __, lease_until: ___, person_keys: ____, windows: _____, ...view } = job;
  return view;
}
