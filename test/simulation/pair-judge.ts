import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { LaterCopy } from "../../src/core/delivery-record.ts";
import type { SourceKind } from "../../src/core/event.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import type { SentRequest } from "./platforms.ts";
import { type PlannedEvent, SCOPE, type Scenario } from "./scenarios.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Longest that one call of a worker can take, ms. */
const SLOW_MS = 30_000;

/** Judges events that wait for their other copy: what came while they waited is in the request, and nothing else is. */
export interface PairJudge {
  kept(key: EventKey, copy: LaterCopy): void;
  /** An invocation looked for later copies of these events. */
  copiesRead(lane: string, keys: readonly EventKey[], by: string): void;
  queued(message: LaneMessage): void;
  sent(event: SentRequest["events"][number], request: SentRequest): void;
  /** A sender was told that this source's copy was taken. */
  accepted(id: string, source: string): void;
  /** Whether the request may have been made before it could be known that the browser's copy refuses. */
  mayBeOverruled(event: PlannedEvent, request: SentRequest): boolean;
  /** Whatever was taken is told of, when nothing moves any more. */
  judgeEnd(store: Pick<MemoryDeliveryStore, "readStory">): Promise<void>;
  /** Whether a lane may have held the event back because nobody answered about consent. */
  mayBeUnanswered(id: string, lane: string, by: string): boolean;
}

/** A judge for one run. */
export function createPairJudge(
  { mergeSeconds, skewMs }: Scenario,
  time: Pick<VirtualTime, "now">,
  fail: (rule: string, what: string) => void,
): PairJudge {
  const copies = new Map<string, { kind: SourceKind; at: number; late: boolean }[]>();
  const firsts = new Map<string, { kind: SourceKind; until: number }>();
  /** When an invocation first read the copies of an event: what was there then is in every answer that it can have had. */
  const reads = new Map<string, number>();

  const taken = new Map<string, ReadonlySet<string>>();

  const all = (id: string) => copies.get(id) ?? [];
  const inTime = (id: string) => all(id).filter(({ late }) => !late);

  function isServerAlone(
    id: string,
    lane: string,
    by: string,
    known: (id: string) => { at: number; kind: SourceKind }[],
  ) {
    if (firsts.get(id)?.kind !== "server") return false;
    const readAt = reads.get(`${id} ${lane} ${by}`) ?? 0;
    return !known(id).some(({ at, kind }) => kind === "browser" && at <= readAt);
  }

  return {
    kept({ event_id }, { copy_id: _, late, source }) {
      const others = copies.get(event_id) ?? [];
      if (others.some(({ kind }) => kind === source.kind)) return;
      // A worker may be slow between its look at the clock and the write.
      const until = firsts.get(event_id)?.until ?? Number.POSITIVE_INFINITY;
      if (late !== true && time.now() > until + 2 * skewMs + SLOW_MS) fail("late is late", event_id);
      copies.set(event_id, [...others, { kind: source.kind, at: time.now(), late: late === true }]);
    },
    copiesRead(lane, keys, by) {
      for (const { event_id } of keys) {
        const id = `${event_id} ${lane} ${by}`;
        if (!reads.has(id)) reads.set(id, time.now());
      }
    },
    queued({ event, merge }) {
      if (merge !== undefined) firsts.set(event.event_id, { kind: event.source.kind, until: merge.until });
    },
    sent({ fbp, id, user }, request) {
      if (mergeSeconds === undefined) return;
      const name = `${id} to ${request.lane}, by ${request.by}`;
      const first = firsts.get(id);
      if (first === undefined) return fail("what waits is marked", name);
      if (request.sentAt < first.until - 2 * skewMs - 1_000)
        fail("nothing goes before its other copy had its time", name);
      const has: Partial<Record<SourceKind, boolean>> = { server: user !== undefined, browser: fbp !== undefined };
      if (has[first.kind] !== true) fail("the first copy is in the request", name);
      const readAt = reads.get(`${id} ${request.lane} ${request.by}`);
      for (const { at, kind } of inTime(id)) {
        if (has[kind] !== true && readAt !== undefined && at <= readAt)
          fail("what came in time is in the request", name);
      }
      const known = new Set([first.kind, ...inTime(id).map(({ kind }) => kind)]);
      for (const kind of ["server", "browser"] as const) {
        if (has[kind] === true && !known.has(kind)) fail("what came too late is in no request", name);
      }
    },
    // A late copy grants nothing; what it refuses holds.
    mayBeUnanswered: (id, lane, by) => isServerAlone(id, lane, by, inTime),
    mayBeOverruled: ({ id, serverSays }, { by, lane }) => serverSays === "granted" && isServerAlone(id, lane, by, all),
    accepted(id, source) {
      taken.set(id, new Set([...(taken.get(id) ?? []), source]));
    },
    async judgeEnd(store) {
      if (mergeSeconds === undefined) return;
      for (const [id, sources] of taken) {
        for (const { claim, copies: told = [] } of await store.readStory(id, [SCOPE])) {
          const first = claim?.story.source.id;
          const untold = [...sources].filter((it) => it !== first && !told.some(({ source }) => source.id === it));
          if (first !== undefined && untold.length > 0) fail("a later copy is told of", `${id} of ${untold}`);
        }
      }
    },
  };
}
