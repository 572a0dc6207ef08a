import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { eventKey } from "../../src/core/event-key.ts";
import { nobody, personIdFor } from "../../src/core/identity.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { dropErased } from "../../src/pipeline/enrich-erasures.ts";
import { hashedEvent } from "../support/events.ts";
import { recordingLog } from "../support/pipeline-ports.ts";

test("a person that a dead worker made of an erased event is emptied, and ends like any other", async () => {
  const event = hashedEvent();
  const [first] = graphIdentifiers(event);
  const id = personIdFor(first?.key ?? "");
  const identities = createMemoryIdentityStore({ now: () => event.received_at - 1 });
  const made = { ...nobody(id, event.received_at), hashes: { email_plain: "of ann" } };
  await identities.savePerson({ ...made, expires_at: event.received_at + DAY_MS });
  const forgotten: unknown[] = [];
  const store = { forget: async (...what: unknown[]) => void forgotten.push(what) };
  await dropErased(event, { identities, store, log: recordingLog() });
  expect(forgotten).toEqual([[eventKey(event), event.source.id]]);
  const [left] = identities.contents().persons;
  expect(left?.hashes).toEqual({});
  // DynamoDB never deletes an item whose time was more than five years ago, such as 0.
  expect(left?.expires_at).toBe(event.received_at);
});
