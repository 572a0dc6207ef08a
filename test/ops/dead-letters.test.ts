import {
  type DeadLetterPorts,
  deadLetterQueuesOf,
  listDeadLetters,
  peekDeadLetters,
  purge,
  redrive,
} from "../../src/ops/dead-letters.ts";
import type { OpsQueues } from "../../src/ops/queue-ports.ts";
import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

const EVENT = {
  event_id: "ana@example.com",
  event_name: "purchase",
  source: { id: "shop-web" },
  user: { email: "ana@example.com" },
};

async function world(changed: Partial<OpsQueues> = {}, agesFail = false) {
  const moves: unknown[] = [];
  const purged: string[] = [];
  const queues: OpsQueues = {
    depth: async (queue) => (queue === "lane-meta-dlq" ? { waiting: 3, in_flight: 1 } : { waiting: 0, in_flight: 0 }),
    peek: async (_, limit) =>
      [
        {
          messageId: "m1",
          body: JSON.stringify({ v: 1, lane: "meta", event: EVENT }),
          sentAt: OPS_NOW - 1_000,
          reason: "expired: HTTP 500 for ana@example.com",
        },
        { messageId: "m2", body: "no JSON: ana@example.com", sentAt: OPS_NOW },
      ].slice(0, limit),
    lastMove: async (queue) =>
      queue === "events-dlq" ? { running: true, moved: 5, of: 9 } : { running: false, moved: 2 },
    startMove: async (...given) => {
      moves.push(given);
      return "started";
    },
    purge: async (queue) => {
      purged.push(queue);
      return "purged";
    },
    ...changed,
  };
  const figures = {
    read: async (queries: readonly unknown[]) => {
      if (agesFail) throw new Error("CloudWatch is down");
      return queries.map(
        () =>
          new Map([
            [OPS_NOW - 120_000, 50],
            [OPS_NOW - 60_000, 77],
          ]),
      );
    },
  };
  const ports: DeadLetterPorts = {
    deadLetterQueues: deadLetterQueuesOf(["meta"]),
    queues,
    figures,
    clock: { now: () => OPS_NOW },
  };
  const made = await createOpsWorld([listDeadLetters, peekDeadLetters, redrive, purge], ports);
  const post = (path: string, body: object = {}) => made.ask({ method: "POST", path, body: JSON.stringify(body) });
  return { ...made, post, moves, purged };
}

test("every dead-letter queue is listed, with the age of what is in it and a redrive that is under way", async () => {
  const { ask } = await world();
  expect((await ask({ path: "/dlq" })).body.items).toEqual([
    { queue: "events-dlq", messages: 0, redriving: { moved: 5, of: 9 } },
    { queue: "lane-meta-dlq", lane: "meta", messages: 4, oldest_seconds: 77 },
    { queue: "schedules-dlq", messages: 0 },
  ]);
});

test("without metrics the counts are still there", async () => {
  const { ask } = await world({}, true);
  expect((await ask({ path: "/dlq" })).body.items[1]).toEqual({ queue: "lane-meta-dlq", lane: "meta", messages: 4 });
});

test("messages are shown masked, and in clear only with the permission and an entry in the audit log", async () => {
  const { ask, audit } = await world();
  const masked = await ask({ path: "/dlq/lane-meta-dlq/messages" });
  expect(JSON.stringify(masked.body)).not.toContain("ana@");
  expect(masked.body.items).toMatchObject([
    { message_id: "m1", reason: "expired: HTTP 500 for [e-mail]", event_name: "purchase", source: "shop-web" },
    { message_id: "m2" },
  ]);
  expect(await audit.head()).toBeUndefined();
  const clear = await ask({ path: "/dlq/lane-meta-dlq/messages", query: "limit=1&personal=true" });
  expect(clear.body.items).toMatchObject([{ event_id: "ana@example.com", body: expect.stringContaining("ana@") }]);
  expect(await audit.read(1, 5)).toMatchObject([{ action: "dlq.read_personal", target: "lane-meta-dlq" }]);
});

test("a redrive goes back to where the messages came from", async () => {
  const { post, moves, audit } = await world();
  expect((await post("/dlq/lane-meta-dlq/redrive", { messages_per_second: 50 })).body).toEqual({
    queue: "lane-meta-dlq",
    to: "lane-meta",
    messages: 3,
  });
  await post("/dlq/events-dlq/redrive");
  expect(moves).toEqual([
    ["lane-meta-dlq", "lane-meta", 50],
    ["events-dlq", "events", undefined],
  ]);
  expect((await audit.read(1, 5)).map(({ action, target }) => [action, target])).toEqual([
    ["dlq.redrive", "lane-meta-dlq"],
    ["dlq.redrive", "events-dlq"],
  ]);
});

test("a lane stands for its queue, except where its messages would be gone for good", async () => {
  const { post, moves, purged } = await world();
  expect((await post("/dlq/meta/redrive")).body).toMatchObject({ queue: "lane-meta-dlq", to: "lane-meta" });
  expect(moves).toEqual([["lane-meta-dlq", "lane-meta", undefined]]);
  expect(await post("/dlq/meta/purge", { confirm: "meta" })).toMatchObject({ status: 422 });
  expect(purged).toEqual([]);
});

test("runs of a schedule are not redriven, two redrives not at once, and an unknown queue is told with what was meant", async () => {
  const { post, moves } = await world({ startMove: async () => "busy" });
  expect(await post("/dlq/schedules-dlq/redrive")).toMatchObject({ status: 422, body: { error: "no_redrive" } });
  expect(await post("/dlq/lane-meta-dlq/redrive")).toMatchObject({ status: 409, body: { error: "redrive_running" } });
  const unknown = await post("/dlq/lane-mta-dlq/redrive");
  expect(unknown).toMatchObject({ status: 404, body: { error: "no_such_queue" } });
  expect(unknown.body.message).toContain("did you mean lane-meta-dlq?");
  expect(moves).toEqual([]);
});

test("nothing is deleted before the queue's name was given twice", async () => {
  const { post, purged } = await world();
  for (const body of [{}, { confirm: "yes" }, { confirm: "events-dlq" }]) {
    expect(await post("/dlq/lane-meta-dlq/purge", body)).toMatchObject({
      status: 422,
      body: { error: "not_confirmed" },
    });
  }
  expect(purged).toEqual([]);
  expect((await post("/dlq/lane-meta-dlq/purge", { confirm: "lane-meta-dlq" })).body).toEqual({
    queue: "lane-meta-dlq",
    messages: 4,
  });
  expect(purged).toEqual(["lane-meta-dlq"]);
});
