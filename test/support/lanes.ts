import { type Destination, defineDestination, type Identifier } from "../../src/core/destination.ts";
import type { Lane } from "../../src/core/routing.ts";

/** What the catalogue would say of a platform that does not exist. */
export const MADE_UP = {
  status: "stable",
  consentRule: { because: "It is made up." },
  dedup: "event id",
  maxAge: "7 days",
  docs: "https://platform.example",
  deletion: { by: "undocumented", how: "Ask.", identifiers: [], docs: "https://platform.example" },
} as const satisfies Destination["catalogue"];

/** A made-up destination that takes purchases and matches on e-mail and click id. */
function testDestination(changes: Partial<Destination> = {}): Destination {
  return defineDestination<unknown>({
    id: "platform",
    name: "Platform",
    settings: { parse: (input) => input },
    catalogue: MADE_UP,
    credentials: [],
    limits: {
      batchSize: 10,
      bodyBytes: 1_000_000,
      maxAgeMs: () => 604_800_000,
      timeoutMs: 5_000,
      batchFailure: "per_event",
    },
    consent: ["ad_storage", "ad_user_data"],
    eventNames: { purchase: "Purchase", custom: "*" },
    matchKeys: { email: 3, click_id: 1 },
    dedupsByEventId: true,
    needsRawContact: () => false,
    identifiers(event) {
      const found = new Set<Identifier>();
      if (event.hashes?.email_plain ?? event.known?.hashes?.email_plain) found.add("email");
      if (event.click_ids ?? event.known?.click_ids) found.add("click_id");
      return found;
    },
    skipReason: () => undefined,
    buildRequest: () => ({ method: "POST", url: "https://platform.example/", headers: {}, body: "" }),
    classify: (_response, events) => events.map(() => ({ kind: "delivered" })),
    ...changes,
  });
}

/** A lane of it under this id. */
export function testLane(id: string, changes: Partial<Lane> = {}, destination: Partial<Destination> = {}): Lane {
  return { id, destination: testDestination(destination), settings: {}, testMode: false, ...changes };
}
