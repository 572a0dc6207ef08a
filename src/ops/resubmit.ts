import { z } from "zod/mini";
import type { ResolvedSource } from "../config/resolved-config.ts";
import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { present } from "../core/present.ts";
import { parseJson } from "../core/safe-json.ts";
import { type Reading, readEvent } from "../pipeline/event-reading.ts";
import { admit, type Candidate } from "../pipeline/ingest-admission.ts";
import type { IngestDependencies } from "../pipeline/ingest-contract.ts";
import { readRecord } from "../pipeline/queued-record.ts";
import { list, TEXT } from "./answer-fields.ts";
import type { QuarantineRow, ResubmitResult } from "./contract/quarantine.ts";
import { cursorAfter, newestOfDays } from "./day-pages.ts";
import { type EventPorts, NAME, scopesOf, spanOf } from "./event-filter.ts";
import { isOf, receivedAt } from "./quarantine.ts";
import { notResubmittable, QUARANTINE_ROW, quarantineRow } from "./quarantine-rows.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Of the route that submits again: the door's own ports, and quarantine. */
export interface ResubmitPorts
  extends Pick<EventPorts, "lookups" | "clock">,
    Pick<IngestDependencies, "queue" | "random" | "metrics"> {
  readonly config: EventPorts["config"] & IngestDependencies["config"];
}

/** Of messages on the events queue that named none; see `unprocessable`. */
const UNNAMED_SOURCE = "events-queue";
/** The queue has this long to take a page, ms. */
const SEND_MS = 15_000;

const INPUT = z.object({
  /** These, wherever they are; without it, what the other fields select. */
  event_ids: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.maxLength(100))),
  source: z.optional(NAME),
  /** Epoch ms of when it came; `to` is exclusive. */
  from: z.optional(z.int().check(z.nonnegative())),
  to: z.optional(z.int().check(z.nonnegative())),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(200)), 100),
  cursor: z.optional(z.string()),
  /** Reads and tells, and changes nothing. */
  dry_run: z._default(z.boolean(), false),
});
type Selection = z.infer<typeof INPUT>;

const RESUBMIT_RESULT: z.ZodMiniType<ResubmitResult> = z.object({
  accepted: z.number(),
  still_refused: list(QUARANTINE_ROW),
  unavailable: z.number(),
  ignored: z.number(),
  dry_run: z.boolean(),
  next: TEXT,
});

/** `POST /quarantine/resubmit`. */
export const resubmitQuarantined = defineRoute({
  method: "POST",
  path: "/quarantine/resubmit",
  permission: "operate",
  summary: "Reads refused events again under the code and configuration of now, and takes in what is valid",
  input: INPUT,
  answer: RESUBMIT_RESULT,
  audit: ({ event_ids, source, from, to, limit, dry_run }) => ({
    action: "quarantine.resubmit",
    target: "quarantine",
    // Ids are the sender's and may be anybody's e-mail address.
    details: present({ events: event_ids?.length, source, from, to, limit, dry_run }),
  }),
  async run(input, ports: ResubmitPorts): Promise<ResubmitResult> {
    const { entries, next } = await select(input, ports);
    const read = entries.map((entry) => readAgain(entry, ports));
    const taken = input.dry_run ? new Set(read.flatMap(validEntry)) : await takeIn(read, ports);
    return {
      accepted: taken.size,
      still_refused: read.flatMap((it) => (it.kind === "refused" ? [it.row] : [])),
      unavailable: read.filter((it) => it.kind === "valid" && !taken.has(it.entry)).length,
      ignored: read.filter(({ kind }) => kind === "ignored").length,
      dry_run: input.dry_run,
      ...present({ next: next((entry) => !taken.has(entry) || input.dry_run) }),
    };
  },
});

interface Selected {
  readonly entries: readonly QuarantinedEvent[];
  /** The cursor behind them; it passes over those that stay on the list. */
  next(isListed: (entry: QuarantinedEvent) => boolean): string | undefined;
}

async function select(selection: Selection, ports: ResubmitPorts): Promise<Selected> {
  const { event_ids, source, limit, cursor } = selection;
  if (event_ids !== undefined) {
    if ([source, selection.from, selection.to, cursor].some((it) => it !== undefined)) {
      throw new OpsRefusal(400, "too_many_filters", "event_ids stands alone: leave source, from, to and cursor out");
    }
    const stories = await Promise.all(
      [...new Set(event_ids)].map((id) => ports.lookups.readStory(id, scopesOf(ports))),
    );
    const entries = stories.flat().flatMap(({ quarantined }) => quarantined ?? []);
    return { entries, next: () => undefined };
  }
  const span = { ...spanOf(selection, ports, ports.config.retention.quarantineDays), limit, cursor };
  const page = await newestOfDays(span, ports.lookups.listQuarantined, receivedAt);
  return {
    entries: page.items.filter((entry) => isOf(entry, source)),
    next: (isListed) => (page.next === undefined ? undefined : cursorAfter(page.items, cursor, receivedAt, isListed)),
  };
}

/** What one entry comes to when it is read again. */
type ReadAgain =
  | {
      readonly kind: "valid";
      readonly entry: QuarantinedEvent;
      readonly source: ResolvedSource;
      readonly candidate: Candidate & { kind: "event" };
    }
  | { readonly kind: "refused"; readonly row: QuarantineRow }
  | { readonly kind: "ignored" };

function readAgain(entry: QuarantinedEvent, { config }: ResubmitPorts): ReadAgain {
  const refuse = (reason: string): ReadAgain => ({
    kind: "refused",
    row: { ...quarantineRow(entry, false), not_resubmittable: reason },
  });
  const never = notResubmittable(entry);
  const json = parseJson(entry.raw);
  if (never !== undefined || entry.origin === undefined || !json.ok) return refuse(never ?? "its text cannot be read");
  const source = config.sources.find(({ id }) => id === entry.source);
  if (source === undefined && entry.source !== UNNAMED_SOURCE) return refuse("its source is not configured any more");
  // There it would be another event than the one that its sender knows, and could not be taken out of quarantine.
  if (source !== undefined && source.dedupScope !== entry.dedup_scope)
    return refuse("its source is in another dedup scope now");
  const candidate =
    entry.origin.via === "queue" || source === undefined
      ? readMessageAgain(entry)
      : readEvent(json.value, {
          source,
          origin: entry.origin,
          // As old as it is: an event does not become new by having been refused.
          receivedAt: entry.received_at,
          config,
          // The id that its sender was told, and the same at each try.
          newId: () => entry.event_id,
        } satisfies Reading);
  if (candidate === undefined) return { kind: "ignored" };
  if (candidate.kind === "event") {
    return source === undefined ? refuse("nobody knows its source") : { kind: "valid", entry, source, candidate };
  }
  // Under the reasons of now.
  return { kind: "refused", row: quarantineRow({ ...entry, reasons: candidate.quarantined.reasons }, false) };
}

/** What ingest had taken and enrich failed on goes to enrich again as it was: it fails or passes there. */
function readMessageAgain({ raw, event_id }: QuarantinedEvent): Candidate | undefined {
  const read = readRecord({ messageId: event_id, groupId: "", body: raw }, 0);
  if (read.kind === "event") return { kind: "event", event: read.event, warnings: [] };
  return { kind: "refused", quarantined: read.quarantined, errors: read.quarantined.reasons, warnings: [] };
}

function validEntry(read: ReadAgain): QuarantinedEvent[] {
  return read.kind === "valid" ? [read.entry] : [];
}

/**
 * Puts what is valid on the events queue, then takes it out of quarantine. A crash in between leaves an entry of an
 * event that was taken in: submitted once more, it is a copy, which the claim drops.
 */
async function takeIn(read: readonly ReadAgain[], ports: ResubmitPorts): Promise<Set<QuarantinedEvent>> {
  const taken = new Set<QuarantinedEvent>();
  const valid = read.filter((it) => it.kind === "valid");
  const deadline = ports.clock.now() + SEND_MS;
  for (const [source, ofSource] of Map.groupBy(valid, (it) => it.source)) {
    // Counted as accepted like at the door: what is claimed later has to have been accepted once.
    const results = await admit(
      ofSource.map(({ candidate }) => candidate),
      source,
      ports,
      deadline,
    );
    const arrived = ofSource.filter((_, index) => results[index]?.status === "accepted");
    await Promise.all(arrived.map(({ entry }) => ports.lookups.removeQuarantined(entry)));
    for (const { entry } of arrived) taken.add(entry);
  }
  ports.metrics.flush();
  return taken;
}
