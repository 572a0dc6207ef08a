import type { MemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import type { MemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { type PlannedEvent, SCOPE, type Scenario } from "./scenarios.ts";

/** What the graph has to know when nothing moves any more, where all pairs come from one browser and name a buyer each. */
export interface JoinedEnd {
  readonly scenario: Scenario;
  readonly store: Pick<MemoryDeliveryStore, "readStory">;
  readonly identities: Pick<MemoryIdentityStore, "contents">;
  readonly fail: (rule: string, what: string) => void;
}

/** Judges what pairs taught: the browser is a buyer's after the first pair, and no two buyers ever become one. */
export async function judgeJoined({ fail, identities, scenario, store }: JoinedEnd): Promise<void> {
  if (scenario.mergeSeconds === undefined) return;
  const { persons, pointers } = identities.contents();
  const rootOf = (id: string): string => {
    const into = persons.find((person) => person.id === id)?.merged_into;
    return into === undefined ? id : rootOf(into);
  };
  const buyers = pointers.filter(({ key }) => key.startsWith("user_id#")).map(({ person_id }) => rootOf(person_id));
  if (new Set(buyers).size < buyers.length) fail("two buyers stay two", buyers.join(" "));
  const owners = pointers.filter(({ key }) => key.startsWith("fbp#")).map(({ person_id }) => rootOf(person_id));
  const pair = await firstPair(scenario, store);
  if (pair !== undefined && !owners.some((id) => buyers.includes(id))) fail("a pair tells whose the browser is", pair);
}

/** The id of an event of which both copies are kept; nobody refuses all storage here. */
async function firstPair(scenario: Scenario, store: JoinedEnd["store"]): Promise<string | undefined> {
  const events = scenario.operations.flatMap((it): readonly PlannedEvent[] => (it.do === "report" ? it.events : []));
  for (const { id } of events) {
    for (const { claim, copies = [] } of await store.readStory(id, [SCOPE])) {
      if (claim !== undefined && copies.some(({ source }) => source.kind !== claim.story.source.kind)) return id;
    }
  }
  return undefined;
}
