import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { createDynamoDeliveryStore } from "../../src/adapters/dynamo-delivery-store.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { EventStories } from "../../src/ops/contract/event-stories.ts";
import type { EventPage } from "../../src/ops/contract/events.ts";
import type { FailureList } from "../../src/ops/contract/failures.ts";
import type { IdentityView } from "../../src/ops/contract/identity.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { QuarantineRow, ResubmitResult } from "../../src/ops/contract/quarantine.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

const get = <Answer>(path: string) => app.ops<Answer>("GET", path);

test("what happened to events is told by id, order, person, destination and cause", async () => {
  const ids = ["look-1", "look-2", "look-3"];
  await sandbox.script("meta", [{ rejectEventIds: ids.slice(1) }]);
  const person = "grace@hopper.dev";
  const events = ids.map((id) => ({ ...purchaseInput(id), order_id: `order-${id}`, user: { email: person } }));
  await app.send(events);
  await eventually("meta answered for all of them", async () => {
    const { read } = await get<FailureList>("failures?lane=meta");
    return read === 2;
  });

  const byOrder = await get<EventPage>("events?order_id=order-look-1");
  expect(byOrder.items).toMatchObject([{ event_id: "look-1" }]);
  const refused = await get<EventPage>("events?destination=meta&outcome=rejected");
  expect(refused.items.map(({ event_id }) => event_id).sort()).toEqual(["look-2", "look-3"]);
  const { items } = await get<FailureList>("failures?lane=meta");
  expect(items).toMatchObject([{ lane: "meta", state: "rejected", events: 2, samples: [{}, {}] }]);

  const story = await get<EventStories>("events/look-2");
  const meta = story.events[0]?.deliveries.find(({ lane }) => lane === "meta");
  expect(meta).toMatchObject({ state: "rejected", attempt_count: expect.any(Number) });
  expect(meta?.explanation?.todo).toBeTruthy();

  await eventually("the archive has them", async () => {
    const { items: found } = await get<EventPage>(`events?person=${encodeURIComponent(person)}`);
    return found.length === ids.length;
  });
  const whole = await get<EventStories>("events/look-1?personal=true");
  expect(whole.events[0]).toMatchObject({ archived: "yes", archived_event: { event: { user: { email: person } } } });

  const known = await get<IdentityView>(`identity?identifier=${encodeURIComponent(person)}`);
  expect(known.person?.identifiers.map(({ kind }) => kind)).toContain("email_plain");
  expect(JSON.stringify(known)).not.toContain("grace");
  await eventually(
    "scores were measured",
    async () => {
      const { destinations, presence } = await get<QualityView>("quality?window=60");
      const score = destinations.find(({ lane }) => lane === "meta")?.score;
      return score !== undefined && score > 0 && presence.email !== undefined;
      // Figures are remembered for up to a minute.
    },
    2 * MINUTE_MS,
  );
});

test("a refused event is told with its reason, and submitted again", async () => {
  await app.send({ ...purchaseInput("refused-1"), value: "12,50" });
  await eventually("it is in quarantine", async () => {
    const { items } = await get<Page<QuarantineRow>>("quarantine?field=value");
    return items.some(({ event_id, raw }) => event_id === "refused-1" && raw === undefined);
  });
  const { items } = await get<Page<QuarantineRow>>("quarantine?personal=true");
  expect(items.find(({ event_id }) => event_id === "refused-1")?.raw).toContain("12,50");
  const again = await app.ops<ResubmitResult>("POST", "quarantine/resubmit", { event_ids: ["refused-1"] });
  // Nobody has mended anything: the rule that it broke still holds.
  expect(again).toMatchObject({ accepted: 0, still_refused: [{ reasons: [{ field: "value" }] }] });
  expect(await get("findings")).toEqual({ items: [] });

  // As if the sources' mapping had been mended: what is kept is valid now.
  const client = createDynamoClient(app.access);
  const table = { client, table: app.tables.delivery, now: Date.now, deliveryDays: 30, quarantineDays: 14 };
  const store = createDynamoDeliveryStore(table);
  const [kept] = (await store.readStory("refused-1", app.scopes ?? [])).flatMap(({ quarantined }) => quarantined ?? []);
  if (kept === undefined) throw new Error("it is not in quarantine");
  await store.quarantine({ ...kept, raw: kept.raw.replace('"12,50"', '"12.50"') });
  client.destroy();
  expect(await app.ops("POST", "quarantine/resubmit", { source: "shop-server" })).toMatchObject({ accepted: 1 });
  await eventually("it is delivered, and in quarantine no more", async () => {
    const { events } = await get<EventStories>("events/refused-1");
    return events.length === 1 && events[0]?.deliveries.some(({ state }) => state === "delivered") === true;
  });
  const { events } = await get<EventStories>("events/refused-1");
  expect(events).toMatchObject([{ first_received_at: kept.received_at }]);
  expect(events[0]?.quarantined).toBeUndefined();
});
