import type { ArchivedEvent } from "../core/archived-event.ts";
import type { EventKey } from "../core/event-key.ts";
import type { QualityTally } from "../core/quality-rollup.ts";
import type { DeliveryStore } from "./ports.ts";
import { missed } from "./trace-copies.ts";

/** The line of a later copy, as far as its event's score goes by it. */
export interface ArchivedCopy extends Pick<ArchivedEvent, "decisions"> {
  readonly key: EventKey;
  /** Id of the source that sent it, and of the one whose copy was first. */
  readonly source: string;
  readonly copyOf: string;
}

/**
 * Has later copies change the scores of their events where they were in the request. One that came between what a lane
 * read and what it sent was archived like any other, and the receipt alone says that the platform never got it.
 */
export async function completeScores(
  copies: readonly ArchivedCopy[],
  quality: Pick<QualityTally, "complete">,
  store: Pick<DeliveryStore, "readRecords">,
): Promise<void> {
  const without = new Set<string>();
  const placeOf = ({ key, source }: ArchivedCopy, lane: string) => JSON.stringify([key, source, lane]);
  for (const lane of new Set(copies.flatMap(lanesOf))) {
    const wanted = copies.filter((copy) => lanesOf(copy).includes(lane));
    const records = await store.readRecords(
      lane,
      wanted.map(({ key }) => key),
      { mayBeStale: true },
    );
    for (const [index, copy] of wanted.entries()) {
      const record = records[index];
      const isMissed = record?.state === "delivered" && missed(record, { source: { id: copy.source } });
      if (isMissed) without.add(placeOf(copy, lane));
    }
  }
  for (const copy of copies) {
    const decisions = copy.decisions.filter(({ lane }) => !without.has(placeOf(copy, lane)));
    quality.complete(JSON.stringify(copy.key), copy.copyOf, copy.key.event_name, decisions);
  }
}

function lanesOf({ decisions }: ArchivedCopy): string[] {
  return decisions.flatMap(({ lane, send }) => (send ? [lane] : []));
}
