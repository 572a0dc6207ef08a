import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { FINAL_STATES } from "../../src/core/outcome.ts";
import type { StoredEvent } from "../../src/pipeline/trace.ts";
import { isToBeErased } from "./erasures.ts";
import type { Story } from "./oracle.ts";
import type { SentRequest } from "./platforms.ts";
import { deadLettersOf, type SimulatedQueues } from "./queues.ts";
import { type PlannedEvent, SCOPE, type Scenario } from "./scenarios.ts";

/** What is left when nothing moves any more, and what it is judged by. */
export interface EndState {
  readonly events: ReadonlyMap<string, PlannedEvent>;
  readonly stories: ReadonlyMap<string, Story>;
  readonly told: { readonly accepted: ReadonlySet<string>; readonly rejected: ReadonlySet<string> };
  readonly scenario: Scenario;
  readonly store: MemoryDeliveryStore;
  readonly queues: SimulatedQueues;
  readonly isClean: (story: Story, request: SentRequest) => boolean;
  readonly fail: (rule: string, what: string) => void;
  readonly now: number;
}

/** What a body that nobody can read looks like. */
export const PLANTED = "not a message";

/**
 * Everything that was accepted has an end at every destination, the stored state is what the platform knows, and no
 * queue holds anything but what can never be an event.
 */
export async function judgeEnd(end: EndState): Promise<void> {
  const { events, fail, queues, scenario, store, told } = end;
  for (const queue of ["events.fifo", ...scenario.platforms.map(({ lane }) => `lane-${lane}`)]) {
    for (const name of [queue, deadLettersOf(queue)]) {
      const left = queues.list(name).filter(({ body }) => body !== PLANTED || name === queue);
      if (left.length > 0) fail("nothing waits for ever", `${left.length} on ${name}: ${left[0]?.body.slice(0, 300)}`);
    }
  }
  const quarantined = new Set(store.quarantined().map(({ event_id: id }) => id));
  const isErased = (id: string) => isToBeErased(scenario, events.get(id) ?? { person: "" });
  for (const id of told.rejected) if (!quarantined.has(id) && !isErased(id)) fail("what is refused is kept", id);
  for (const event of events.values()) {
    if (isToBeErased(scenario, event)) continue;
    const [stored] = await store.readStory(event.id, [SCOPE]);
    if (stored?.claim === undefined) {
      if (told.accepted.has(event.id)) fail("what is accepted is claimed", event.id);
      continue;
    }
    for (const { lane } of scenario.platforms) {
      const story = end.stories.get(`${event.id} ${lane}`);
      if (story !== undefined) judgeLane(story, stored, end);
    }
  }
}

function judgeLane(story: Story, stored: StoredEvent, end: EndState): void {
  const { fail, isClean, now, scenario } = end;
  const { counts, event, lane } = story;
  const plan = scenario.platforms.find((it) => it.lane === lane);
  const decision = stored.claim?.story.decisions.find((it) => it.lane === lane);
  const record = stored.records.find((it) => it.lane === lane);
  const state = record?.state ?? "pending";
  const name = `${event.id} at ${lane}: ${state}`;
  if (plan === undefined || decision === undefined) {
    fail("every lane is decided", name);
    return;
  }
  // What a server does not know is left to the other copy, which the event waits for.
  const isServers = stored.claim?.story.source.kind === "server" && scenario.mergeSeconds !== undefined;
  const isDenied = event.denied.includes(plan.consent) && !(isServers && event.serverSays !== "the same");
  const skip = event.excluded.includes(lane) ? "routing" : isDenied ? "consent" : undefined;
  if (decision.skip?.code !== skip) fail("decisions are what was asked for", `${name}, ${decision.skip?.code}`);
  if (skip !== undefined) {
    if (record !== undefined || counts.length > 0) fail("what is held back has no receipt", name);
    return;
  }
  if (record?.state !== story.stored?.state) fail("the table is what was written", name);
  if (state === "delivered" && counts.length === 0) fail("delivered means counted", name);
  if (event.bad && counts.length > 0) fail("what is bad is not counted", name);
  if (state === "expired" && now < event.time + plan.maxAgeMs - 2 * 3_600_000) fail("a redrive revives", name);
  if (state !== "delivered" && counts.some((request) => isClean(story, request)))
    fail("what is counted is delivered", name);
  judgeCounts(story, end);
  if (FINAL_STATES.has(state)) return;
  // The one gap: a platform that counts copies confirmed it, the table took no receipt, and sending again is worse.
  const isGap = state === "attempting" && !plan.dedups && counts.some(({ by }) => story.unsure.has(by));
  if (!isGap) fail("everything comes to an end", name);
}

/** Judged at the end only: whether a worker lived to write down what it heard is not known before. */
function judgeCounts(story: Story, { fail, isClean }: EndState): void {
  // A request whose sender gave it up may be counted long after the next one: the first sent is the cause.
  const bySending = story.counts.toSorted((a, b) => a.sentAt - b.sentAt);
  for (const [index, first] of bySending.slice(0, -1).entries()) {
    if (!isClean(story, first)) continue;
    fail("counted once", `${story.event.id} at ${story.lane}, by ${first.by} and ${bySending[index + 1]?.by}`);
  }
}
