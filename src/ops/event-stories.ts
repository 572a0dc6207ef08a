import { z } from "zod/mini";
import type { Explain } from "../core/explanation.ts";
import { isStopped, type LaneControl, standsSince } from "../core/lane-control.ts";
import { maskAll, maskText } from "../core/masking.ts";
import { present } from "../core/present.ts";
import { shownStory } from "../core/shown-story.ts";
import type { LaneControlStore } from "../pipeline/lane-control-ports.ts";
import { failureOf, type StoredEvent, type TracedDelivery, tracedDeliveries } from "../pipeline/trace.ts";
import { toldCopies } from "../pipeline/trace-copies.ts";
import { findArchivedCopy } from "./archived-copy.ts";
import type { DeliveryStory, EventStories, EventStoryView } from "./contract/event-stories.ts";
import { type EventPorts, scopesOf } from "./event-filter.ts";
import { EVENT_STORIES } from "./event-stories-answer.ts";
import { laneExplanations } from "./lane-explanations.ts";
import { quarantineRow } from "./quarantine-rows.ts";
import { defineRoute } from "./route.ts";

/** Of the route of stories. */
export interface StoryPorts extends EventPorts {
  readonly controls: Pick<LaneControlStore, "read">;
}

/** Whether it is archived is worth a moment; its content, which was asked for, more. */
const SEARCH = { masked: { ms: 2_000, bytes: 8_000_000 }, personal: { ms: 10_000, bytes: 64_000_000 } };

/** `GET /events/{event_id}`. */
export const showEvent = defineRoute({
  method: "GET",
  path: "/events/{event_id}",
  permission: "read",
  summary: "The whole story of one event id: who, when, consent, score, each attempt, and what to do",
  input: z.object({
    event_id: z.string().check(z.minLength(1), z.maxLength(200)),
    /** A dedup scope to look in beside those of the configured sources. */
    scope: z.optional(z.string().check(z.maxLength(100))),
  }),
  answer: EVENT_STORIES,
  personal: ({ event_id }) => ({ action: "event.read_personal", target: maskText(event_id) }),
  async run({ event_id, scope }, ports: StoryPorts, { personal }): Promise<EventStories> {
    const scopes = [...new Set([...scopesOf(ports), ...(scope === undefined ? [] : [scope])])];
    const stored = await ports.lookups.readStory(event_id, scopes);
    const controls = await readControls(stored, ports);
    const explain = laneExplanations(ports.config);
    const limits = personal ? SEARCH.personal : SEARCH.masked;
    const budget = { deadline: ports.clock.now() + limits.ms, bytes: limits.bytes };
    const events: EventStoryView[] = [];
    for (const event of stored) {
      const { archived, copy } = await findArchivedCopy(event, budget, ports.archive, ports.clock.now);
      const view = { ...storyView(event, { personal, explain, controls }), archived };
      // Masked or not, the rest is one answer; only this part is raw.
      if (personal) events.push({ ...view, ...present({ archived_event: copy }) });
      else events.push(maskAll(view));
    }
    return { event_id: personal ? event_id : maskText(event_id), found: events.length > 0, events };
  },
});

type Controls = ReadonlyMap<string, LaneControl>;

async function readControls(stored: readonly StoredEvent[], { controls }: StoryPorts): Promise<Controls> {
  const lanes = [...new Set(stored.flatMap((event) => tracedDeliveries(event).map(({ lane }) => lane)))];
  const read = lanes.length === 0 ? [] : await controls.read(lanes);
  return new Map(read.flatMap((control) => (control === undefined ? [] : [[control.lane, control]])));
}

interface Telling {
  readonly personal: boolean;
  readonly explain: Explain;
  readonly controls: Controls;
}

function storyView(event: StoredEvent, telling: Telling): Omit<EventStoryView, "archived"> {
  const { claim, copies, quarantined, event_id, dedup_scope, name } = event;
  return {
    event_id,
    dedup_scope,
    name,
    ...claim,
    ...present({ story: claim && shownStory(claim.story) }),
    ...present({ later_copies: copies === undefined ? undefined : toldCopies(event) }),
    deliveries: tracedDeliveries(event).map((delivery) => deliveryStory(delivery, telling)),
    ...(quarantined === undefined ? {} : { quarantined: quarantineRow(quarantined, telling.personal) }),
  };
}

function deliveryStory(delivery: TracedDelivery, { explain, controls }: Telling): DeliveryStory {
  const { lane, state, decision, record } = delivery;
  const failure = failureOf(delivery);
  const control = controls.get(lane);
  return {
    lane,
    state,
    attempts: record?.attempts ?? [],
    attempt_count: record?.attempt_count ?? 0,
    ...present({
      decision,
      updated_at: record?.updated_at,
      delivered_at: record?.delivered_at,
      merged: record?.merged,
      heard: record?.heard,
      sent_as: record?.sent_as,
      replay: record?.replay,
      reason: record?.reason,
      skip: record?.skip ?? (record === undefined ? decision?.skip : undefined),
      explanation: failure === undefined ? undefined : explain(failure),
      stopped: control !== undefined && isStopped(control) ? stoppedPart(control) : undefined,
    }),
  };
}

function stoppedPart(control: LaneControl): NonNullable<DeliveryStory["stopped"]> {
  const { state, reason, by, probe_at } = control;
  return { state, since: standsSince(control), reason, ...present({ by, probe_at }) };
}
