import { z } from "zod/mini";
import { maskText } from "../core/masking.ts";
import { ATTENTION_STATES } from "../core/outcome.ts";
import { present } from "../core/present.ts";
import type { StoredEvent } from "../pipeline/trace.ts";
import { list, maybe, NUMBER, STATE, TEXT } from "./answer-fields.ts";
import type { EventPage, EventRow } from "./contract/events.ts";
import { newestOfDays } from "./day-pages.ts";
import { EVENT_FILTER, type EventFilter, type EventPorts, fits, lanesOf, scopesOf, spanOf } from "./event-filter.ts";
import { shownRows, storedRow } from "./event-rows.ts";
import { eventsFromArchive } from "./events-from-archive.ts";
import { auditedIdentifier } from "./people.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

const EVENT_PAGE: z.ZodMiniType<EventPage> = z.object({
  items: list(
    z.object({
      event_id: z.string(),
      dedup_scope: z.string(),
      name: z.string(),
      event_time: z.number(),
      received_at: z.number(),
      source: z.string(),
      order_id: TEXT,
      value: TEXT,
      currency: TEXT,
      person_id: TEXT,
      destinations: list(z.object({ lane: z.string(), state: STATE, reason: TEXT })),
      quarantined: maybe(z.literal(true)),
    }),
  ),
  next: TEXT,
  searched_to: NUMBER,
  archive_lag_seconds: NUMBER,
  unreadable: NUMBER,
});

/** `GET /events`. */
export const listEvents = defineRoute({
  method: "GET",
  path: "/events",
  permission: "read",
  summary: "Events by id, person, order, source, name, destination and outcome, newest first",
  input: EVENT_FILTER,
  answer: EVENT_PAGE,
  personal: ({ event_id, person, order_id }) => ({
    action: "events.read_personal",
    target: event_id === undefined ? "events" : maskText(event_id),
    details: present({
      person: person === undefined ? undefined : auditedIdentifier(person),
      order: order_id === undefined ? undefined : maskText(order_id),
    }),
  }),
  async run(filter, ports: EventPorts, { personal }): Promise<EventPage> {
    refuseContradictions(filter);
    const page = await findEvents(filter, ports);
    return { ...page, items: shownRows(page.items, personal) };
  },
});

function refuseContradictions({ event_id, order_id, person, outcome, destination }: EventFilter): void {
  if (outcome !== undefined && destination === undefined) {
    const message = "outcome is the state at one destination: name it as destination";
    throw new OpsRefusal(400, "destination_missing", message);
  }
  if ([event_id, order_id, person].filter((it) => it !== undefined).length > 1) {
    throw new OpsRefusal(400, "too_many_filters", "give one of event_id, order_id and person");
  }
}

function findEvents(filter: EventFilter, ports: EventPorts): Promise<EventPage> {
  const { event_id, order_id, outcome, person } = filter;
  if (event_id !== undefined) return byId(event_id, filter, ports);
  if (order_id !== undefined) return byOrder(order_id, filter, ports);
  // The list of failures names no people, the archive does.
  if (outcome !== undefined && ATTENTION_STATES.has(outcome) && person === undefined) return byFailure(filter, ports);
  return eventsFromArchive(filter, ports);
}

async function byId(eventId: string, filter: EventFilter, ports: EventPorts): Promise<EventPage> {
  const stored = await ports.lookups.readStory(eventId, scopesOf(ports));
  return { items: rowsOf(stored, filter) };
}

async function byOrder(orderId: string, filter: EventFilter, ports: EventPorts): Promise<EventPage> {
  const found = await Promise.all(scopesOf(ports).map((scope) => ports.lookups.eventsOfOrder(scope, orderId)));
  const lanes = lanesOf(filter, ports);
  const stored = await ports.lookups.readEvents(found.flat().map((key) => ({ key, lanes })));
  return { items: rowsOf(stored, filter) };
}

async function byFailure(filter: EventFilter, ports: EventPorts): Promise<EventPage> {
  const { destination = "" } = filter;
  const { lookups, config } = ports;
  const span = { ...spanOf(filter, ports, config.retention.deliveryDays), limit: filter.limit, cursor: filter.cursor };
  const page = await newestOfDays(
    span,
    (range) => lookups.listFailures(destination, range),
    ({ at }) => at,
  );
  const lanes = lanesOf(filter, ports);
  const stored = await lookups.readEvents(page.items.map(({ key }) => ({ key, lanes })));
  return { items: rowsOf(stored, filter), ...present({ next: page.next }) };
}

function rowsOf(stored: readonly StoredEvent[], filter: EventFilter): EventRow[] {
  const rows = stored.map(storedRow).filter((row) => row !== undefined);
  return rows.filter((row) => fits(row, filter));
}
