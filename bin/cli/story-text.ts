import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import type { EventName } from "../../src/core/event.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { Explain } from "../../src/core/explanation.ts";
import { explainFailure } from "../../src/explanations/explain.ts";
import type { DeliveryStory, EventStories, EventStoryView } from "../../src/ops/contract/event-stories.ts";
import { type StoredEvent, traceLines } from "../../src/pipeline/trace.ts";
import type { Screen } from "./cli.ts";
import { shownTime } from "./shown-text.ts";

/** The stories of one event id as `traceLines` tells them, with what only the API knows. */
export function storyLines({ events }: EventStories, { colours }: Screen): string[] {
  return events.flatMap((event, at) => [
    ...(at === 0 ? [] : [""]),
    ...traceLines([storedEvent(event)], { colours, explain: explainedBy(event) }),
    ...stoppedLines(event),
    ...archiveLines(event),
  ]);
}

/** The answer in the shape of the delivery table, which is what `traceLines` reads. */
function storedEvent(view: EventStoryView): StoredEvent {
  const { dedup_scope, event_id, name, story, copies = 1, deliveries, later_copies, quarantined } = view;
  const custom_name = name.startsWith("custom:") ? name.slice("custom:".length) : undefined;
  const key: EventKey = {
    dedup_scope,
    event_id,
    event_name: custom_name === undefined ? (name as EventName) : "custom",
    ...(custom_name === undefined ? {} : { custom_name }),
  };
  return {
    dedup_scope,
    event_id,
    name,
    ...(story === undefined
      ? {}
      : { claim: { story, copies, first_received_at: view.first_received_at ?? story.received_at } }),
    records: deliveries.flatMap((delivery) => recordOf(delivery, key)),
    ...(later_copies === undefined ? {} : { copies: [...later_copies] }),
    ...(quarantined === undefined
      ? {}
      : { quarantined: { ...quarantined, reasons: [...quarantined.reasons], raw: quarantined.raw ?? "" } }),
  };
}

/** The receipt that a delivery's story was told from; none where only the decision is known. */
function recordOf(delivery: DeliveryStory, key: EventKey): DeliveryRecord[] {
  const { lane, state, attempts, attempt_count, updated_at, delivered_at, replay, skip, reason } = delivery;
  const { heard, merged, sent_as } = delivery;
  if (updated_at === undefined) return [];
  return [
    {
      key,
      lane,
      state,
      attempts: [...attempts],
      attempt_count,
      updated_at,
      ...(delivered_at === undefined ? {} : { delivered_at }),
      ...(merged === undefined ? {} : { merged: [...merged] }),
      ...(heard === undefined ? {} : { heard: [...heard] }),
      ...(sent_as === undefined ? {} : { sent_as }),
      ...(replay === undefined ? {} : { replay }),
      ...(skip === undefined ? {} : { skip }),
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}

/** The API's own explanations: it knows the lanes' types, whatever is configured here. */
function explainedBy({ deliveries }: EventStoryView): Explain {
  const given = new Map(deliveries.map(({ lane, explanation }) => [lane, explanation]));
  return (failure) => given.get(failure.lane) ?? explainFailure(failure.lane, failure);
}

function stoppedLines({ deliveries }: EventStoryView): string[] {
  return deliveries.flatMap(({ lane, stopped }) => {
    if (stopped === undefined) return [];
    const by = stopped.by === undefined ? "" : ` by ${stopped.by}`;
    const reason = stopped.reason === "" ? "" : `: ${stopped.reason}`;
    return [
      `  stopped    ${lane} since ${shownTime(stopped.since)}${by}${reason}; what is on its way there waits for that`,
    ];
  });
}

const ARCHIVED: Readonly<Record<EventStoryView["archived"], string | undefined>> = {
  yes: "yes: `npx tracklayer replay start --ids <event id>` sends it to the destinations that lack it",
  no: "not yet, which takes some minutes, or no more",
  unknown: "not found in the time there was to look",
  off: undefined,
};

function archiveLines({ archived, archived_event, story }: EventStoryView): string[] {
  const state = ARCHIVED[archived];
  const clear = archived_event === undefined ? [] : JSON.stringify(archived_event.event, null, 2).split("\n");
  return [
    ...(state === undefined || story === undefined ? [] : [`  archived   ${state}`]),
    ...clear.map((line) => `    ${line}`),
  ];
}
