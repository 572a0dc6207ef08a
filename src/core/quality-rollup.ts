import type { ArchivedEvent } from "./archived-event.ts";
import { IDENTIFIERS, type Identifier } from "./destination.ts";
import { MATCH_QUALITY_VERSION, type MatchQuality } from "./match-quality.ts";

/** As much of a score as the archive keeps, so that hours can be added up without scoring again. */
export interface ArchivedQuality {
  readonly version: number;
  readonly score: number;
  /** What was sent, with the part of its weight that counted. */
  readonly sent: Readonly<Partial<Record<Identifier, number>>>;
  /** What was missing, with the points that it would have given. */
  readonly gains: Readonly<Partial<Record<Identifier, number>>>;
}

/** Scores of one kind of event of one source at one destination, added up. */
export interface QualityCell {
  readonly source: string;
  readonly event: string;
  readonly lane: string;
  events: number;
  /** Sum of the scores in tenths: whole numbers, so that the order of adding changes nothing. */
  tenths: number;
  /** By identifier: how many had it, and the sum of what part of its weight counted, in hundredths. */
  readonly sent: Partial<Record<Identifier, readonly [events: number, hundredths: number]>>;
  /** By identifier: what it gives where it was missing, in tenths of a point. */
  readonly gains: Partial<Record<Identifier, number>>;
}

/** Cells kept of one hour, those of most events: an account is one item, and an item holds 400 KB. */
export const MAX_CELLS = 1_000;

/** What the archive keeps of a decision's score; undefined for one of before points were kept. */
export function archivedQuality(quality: Partial<MatchQuality> | undefined): ArchivedQuality | undefined {
  const { doubts = {}, missing = [], points, present = [], score, version } = quality ?? {};
  if (score === undefined || points === undefined || version === undefined) return undefined;
  return {
    version,
    score,
    sent: Object.fromEntries(present.map((it) => [it, doubts[it]?.factor ?? 1])),
    gains: Object.fromEntries(missing.map((it) => [it, points[it] ?? 0])),
  };
}

/** Adds up scores by source, event and destination. Scores of other versions than this one's are left out. */
export class QualityTally {
  readonly #cells = new Map<string, QualityCell>();
  /** By event and lane: the score that counts in the place of the first copy's. */
  readonly #completed = new Map<string, ArchivedQuality | undefined>();

  /** Adds what was decided for one event. */
  add(source: string, event: string, decisions: ArchivedEvent["decisions"]): void {
    for (const { lane, quality, send } of decisions) {
      if (!send || quality?.version !== MATCH_QUALITY_VERSION) continue;
      this.merge(cellOf({ source, event, lane }, quality, 1));
    }
  }

  /**
   * Puts the score of two copies in the place of the first one's, which was added from a line of its own; one without a
   * score takes it out, since the later copy refused. Of more than two copies of the event `id` the best pair counts.
   */
  complete(id: string, source: string, event: string, decisions: ArchivedEvent["decisions"]): void {
    for (const { lane, quality, send, was } of decisions) {
      if (!send) continue;
      const key = { source, event, lane };
      const place = JSON.stringify([id, lane]);
      const isRefused = this.#completed.has(place) && was !== undefined && this.#completed.get(place) === undefined;
      const counted = this.#completed.get(place) ?? (isRefused ? undefined : ofThisVersion(was));
      const better = isRefused || quality === undefined ? undefined : ofThisVersion(quality);
      const next = counted !== undefined && better !== undefined && counted.score >= better.score ? counted : better;
      this.#completed.set(place, next);
      if (next === counted) continue;
      if (next !== undefined) this.merge(cellOf(key, next, 1));
      if (counted !== undefined) this.merge(cellOf(key, counted, -1));
    }
  }

  /** Adds cells of another tally. */
  merge(cell: QualityCell): void {
    const { event, lane, source } = cell;
    const key = JSON.stringify([source, event, lane]);
    const kept = this.#cells.get(key) ?? { source, event, lane, events: 0, tenths: 0, sent: {}, gains: {} };
    this.#cells.set(key, kept);
    kept.events += cell.events;
    kept.tenths += cell.tenths;
    for (const it of IDENTIFIERS) {
      const [events, hundredths] = cell.sent[it] ?? [0, 0];
      const [before, sum] = kept.sent[it] ?? [0, 0];
      if (events !== 0 || hundredths !== 0) kept.sent[it] = [before + events, sum + hundredths];
      const gain = cell.gains[it];
      if (gain !== undefined) kept.gains[it] = gain;
    }
  }

  /** The cells, those of most events first. One without events is of copies whose event is in the hour before. */
  cells(): QualityCell[] {
    const cells = [...this.#cells.values()].filter(({ events }) => events > 0);
    return cells.sort((a, b) => b.events - a.events);
  }
}

function ofThisVersion(quality: ArchivedQuality | undefined): ArchivedQuality | undefined {
  return quality?.version === MATCH_QUALITY_VERSION ? quality : undefined;
}

type CellKey = Pick<QualityCell, "source" | "event" | "lane">;

function cellOf(key: CellKey, quality: ArchivedQuality, sign: 1 | -1): QualityCell {
  const sent = Object.entries(quality.sent).map(([it, factor]) => [it, [sign, sign * Math.round(factor * 100)]]);
  const gains = Object.entries(quality.gains).map(([it, points]) => [it, Math.round(points * 10)]);
  return {
    ...key,
    events: sign,
    tenths: sign * Math.round(quality.score * 10),
    sent: Object.fromEntries(sent),
    gains: sign === 1 ? Object.fromEntries(gains) : {},
  };
}

/** What one identifier does for a destination's score, and would do. */
interface IdentifierRate {
  readonly identifier: Identifier;
  /** Share of the events that had it, 0 to 1. */
  readonly share: number;
  /** The mean score were it on every event; absent when nothing was missing it. */
  readonly score_with?: number;
}

/** Mean score and identifiers of one kind of event of one source at one destination. */
export interface QualityRow {
  readonly source: string;
  readonly event: string;
  readonly lane: string;
  readonly events: number;
  readonly score: number;
  /** What would raise the score most comes first. */
  readonly identifiers: readonly IdentifierRate[];
}

/**
 * The report. Where an identifier was missing, the score is taken as if it were there and as sound as it usually is at
 * this destination; since a score is a sum, that is the same as scoring each event again.
 */
export function qualityRows(cells: readonly QualityCell[]): QualityRow[] {
  return cells.map((cell) => {
    const ofLane = cells.filter(({ lane }) => lane === cell.lane);
    const score = cell.tenths / cell.events / 10;
    const identifiers = IDENTIFIERS.flatMap((identifier): IdentifierRate[] => {
      const [had = 0] = cell.sent[identifier] ?? [];
      const gain = cell.gains[identifier];
      if (had === 0 && gain === undefined) return [];
      // A copy may be counted in the hour after its event.
      const share = Math.min(1, Math.max(0, had) / cell.events);
      if (gain === undefined || share === 1) return [{ identifier, share: rounded(share) }];
      const raised = score + ((1 - share) * gain * usualFactor(identifier, ofLane)) / 10;
      return [{ identifier, share: rounded(share), score_with: Math.min(10, Math.round(raised * 10) / 10) }];
    });
    identifiers.sort((a, b) => (b.score_with ?? 0) - (a.score_with ?? 0));
    const { event, events, lane, source } = cell;
    return { source, event, lane, events, score: Math.round(score * 10) / 10, identifiers };
  });
}

/** How sound this identifier is on average at one destination, 0 to 1; 1 where nobody had it. */
function usualFactor(identifier: Identifier, cells: readonly QualityCell[]): number {
  const sums = cells.map(({ sent }) => sent[identifier] ?? [0, 0]);
  const events = sums.reduce((total, [count]) => total + count, 0);
  return events === 0 ? 1 : sums.reduce((total, [, hundredths]) => total + hundredths, 0) / events / 100;
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
