import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import type { EventArchive } from "../../src/pipeline/archive-ports.ts";
import { purchaseEvent } from "./events.ts";

/** A line of the archive. */
export function archivedEvent(id: string, more: Partial<ArchivedEvent> = {}): ArchivedEvent {
  const event = purchaseEvent({ event_id: id });
  return {
    v: 1,
    archived_at: event.received_at + 1_000,
    copy_id: `copy of ${id}`,
    event,
    consent: {},
    decisions: [],
    ...more,
  };
}

/** One archive under test, with what a test needs to see of it. */
export interface EventArchiveWorld {
  readonly archive: EventArchive;
  /** Every event that it holds, in whatever order. */
  events(): Promise<ArchivedEvent[]>;
}

/** What every `EventArchive` must do. */
export function eventArchiveSuite(create: () => Promise<EventArchiveWorld>): void {
  const byId = (events: readonly ArchivedEvent[]) => events.map(({ event }) => event.event_id).sort();

  test("takes any number of events, answers each, and keeps them whole", async () => {
    const { archive, events } = await create();
    const given = Array.from({ length: 700 }, (_, index) => archivedEvent(`e-${index}`));
    const results = await archive.put(given);
    expect(results.filter(({ sent }) => sent)).toHaveLength(700);
    const kept = await events();
    expect(byId(kept)).toEqual(byId(given));
    expect(kept.find(({ event }) => event.event_id === "e-7")).toEqual(given[7]);
  });

  test("a line break, a separator and any character of a sender are no new line", async () => {
    const { archive, events } = await create();
    const properties = { text: "a\nb\r\u2028\u0000\u{1f600}é" };
    const given = archivedEvent("odd", { event: purchaseEvent({ event_id: "odd", properties }) });
    await archive.put([given, archivedEvent("next")]);
    expect(byId(await events())).toEqual(["next", "odd"]);
    expect((await events()).find(({ event }) => event.event_id === "odd")).toEqual(given);
  });

  test("nothing to do is fine", async () => {
    const { archive, events } = await create();
    expect(await archive.put([])).toEqual([]);
    expect(await events()).toEqual([]);
  });
}
