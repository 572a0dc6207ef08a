import type { CopyView, LaneCopy, LaterCopy } from "../core/delivery-record.ts";
import { fieldsOfLetters, mergeLetters } from "../core/merge-fields.ts";
import type { Item } from "./dynamo-client.ts";
import { type PackedQuality, packQuality, unpackQuality } from "./quality-text.ts";
import { Words } from "./words.ts";

/**
 * The MERGE item: what later copies add to an event. For each source three attributes: `copy:<source>` says what came,
 * without values; `parts:<source>` holds what most lanes may have of it; `raw:<source>` what those may have whose
 * platforms take contacts in clear, and is there only where there is such a lane.
 */

interface PackedCopy {
  readonly c: string;
  readonly k: LaterCopy["source"]["kind"];
  readonly r: number;
  readonly f: number;
  readonly a: string;
  readonly x: string;
  readonly l?: 1;
  readonly q: [lane: string, quality: PackedQuality][];
  readonly w: string[];
}

/** Attribute names of one source. */
export function copyAttributes(source: string): {
  readonly copy: string;
  readonly parts: string;
  readonly raw: string;
} {
  return { copy: `copy:${source}`, parts: `parts:${source}`, raw: `raw:${source}` };
}

/** What is kept about a copy, as text. */
export function packCopy(copy: LaterCopy): string {
  const words = new Words();
  const packed: PackedCopy = {
    c: copy.copy_id,
    k: copy.source.kind,
    r: copy.received_at,
    f: copy.first_received_at,
    a: mergeLetters(copy.adds),
    x: mergeLetters(copy.replaces),
    ...(copy.late === undefined ? {} : { l: 1 }),
    q: copy.qualities.map(({ lane, quality }) => [lane, packQuality(quality, words)]),
    w: words.list,
  };
  return JSON.stringify(packed);
}

/** The copies that an item tells of, oldest first; none for an item of another kind. */
export function laterCopies(item: Item): LaterCopy[] {
  return Object.entries(item)
    .flatMap(([name, { S: text }]) =>
      name.startsWith("copy:") && text !== undefined ? [unpackCopy(name.slice("copy:".length), text)] : [],
    )
    .sort((a, b) => a.received_at - b.received_at);
}

function unpackCopy(source: string, text: string): LaterCopy {
  const packed = JSON.parse(text) as PackedCopy;
  return {
    copy_id: packed.c,
    source: { id: source, kind: packed.k },
    received_at: packed.r,
    first_received_at: packed.f,
    adds: fieldsOfLetters(packed.a),
    replaces: fieldsOfLetters(packed.x),
    ...(packed.l === undefined ? {} : { late: true as const }),
    qualities: packed.q.map(([lane, quality]) => ({
      lane,
      quality: unpackQuality(quality, packed.w) as LaterCopy["qualities"][number]["quality"],
    })),
  };
}

/** One view as it is stored. */
type PackedView = Omit<CopyView, "raw"> & Pick<LaneCopy, "received_at" | "first_received_at"> & { scores: Scores };
type Scores = Readonly<Record<string, number>>;

/** Views as text. */
export function packViews(copy: LaterCopy, views: readonly CopyView[]): string {
  const { first_received_at, qualities, received_at } = copy;
  const packed = views.map(({ raw: _, ...view }): PackedView => {
    const scores = qualities.filter(({ lane }) => view.lanes.includes(lane));
    return {
      ...view,
      received_at,
      first_received_at,
      scores: Object.fromEntries(scores.map(({ lane, quality }) => [lane, quality.score])),
    };
  });
  return JSON.stringify(packed);
}
