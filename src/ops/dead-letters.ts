import { z } from "zod/mini";
import { didYouMean } from "../config/did-you-mean.ts";
import { present } from "../core/present.ts";
import { isObject, parseJson } from "../core/safe-json.ts";
import { loggableId, platformWords } from "../pipeline/platform-words.ts";
import type { Clock } from "../pipeline/ports.ts";
import { list } from "./answer-fields.ts";
import type { DeadLetterMessage, DeadLetterRow } from "./contract/dead-letters.ts";
import { type Figures, oldestMessages } from "./figures.ts";
import type { DeadLetterQueue, OpsQueues, PeekedMessage } from "./queue-ports.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Of the routes of dead letters. */
export interface DeadLetterPorts {
  readonly deadLetterQueues: readonly DeadLetterQueue[];
  readonly queues: OpsQueues;
  readonly figures: Figures;
  readonly clock: Pick<Clock, "now">;
}

/** Dead-letter queues of an environment with these lanes, in the order in which they are shown. */
export function deadLetterQueuesOf(lanes: readonly string[]): DeadLetterQueue[] {
  return [
    { queue: "events-dlq", redriveTo: "events" },
    ...lanes.map((lane) => ({ queue: `lane-${lane}-dlq`, lane, redriveTo: `lane-${lane}` })),
    { queue: "schedules-dlq" },
  ];
}

const QUEUE = z.string().check(z.minLength(1), z.maxLength(80));
const ROW = z.object({
  queue: z.string(),
  lane: z.exactOptional(z.string()),
  messages: z.number(),
  oldest_seconds: z.exactOptional(z.number()),
  redriving: z.exactOptional(z.object({ moved: z.number(), of: z.exactOptional(z.number()) })),
});

/** `GET /dlq`. */
export const listDeadLetters = defineRoute({
  method: "GET",
  path: "/dlq",
  permission: "read",
  summary: "Every dead-letter queue: how many messages, how old, and a redrive that is under way",
  input: z.object({}),
  answer: z.object({ items: list(ROW) }),
  async run(_, ports: DeadLetterPorts): Promise<{ items: readonly DeadLetterRow[] }> {
    const names = ports.deadLetterQueues.map(({ queue }) => queue);
    // The ages are a figure beside the count, which is what somebody came for.
    const ages = await oldestMessages(names, ports.clock.now(), ports.figures).catch(() => []);
    const items = await Promise.all(
      ports.deadLetterQueues.map(async ({ queue, lane }, index): Promise<DeadLetterRow> => {
        const [depth, move] = await Promise.all([ports.queues.depth(queue), ports.queues.lastMove(queue)]);
        const messages = depth.waiting + depth.in_flight;
        const redriving = move?.running === true ? present({ moved: move.moved, of: move.of }) : undefined;
        const oldest_seconds = messages === 0 ? undefined : ages[index];
        return { queue, messages, ...present({ lane, oldest_seconds, redriving }) };
      }),
    );
    return { items };
  },
});

/** `GET /dlq/{queue}/messages`. */
export const peekDeadLetters = defineRoute({
  method: "GET",
  path: "/dlq/{queue}/messages",
  permission: "read",
  summary: "Some messages of a dead-letter queue and why they were given up; they stay where they are",
  input: z.object({ queue: QUEUE, limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(10))) }),
  answer: z.object({
    items: list(
      z.object({
        message_id: z.string(),
        sent_at: z.number(),
        reason: z.exactOptional(z.string()),
        event_id: z.exactOptional(z.string()),
        event_name: z.exactOptional(z.string()),
        source: z.exactOptional(z.string()),
        body: z.exactOptional(z.string()),
      }),
    ),
  }),
  personal: ({ queue }) => ({ action: "dlq.read_personal", target: queue }),
  async run(
    { queue, limit = 10 },
    ports: DeadLetterPorts,
    { personal },
  ): Promise<{ items: readonly DeadLetterMessage[] }> {
    const { queue: name } = find(ports.deadLetterQueues, queue);
    return { items: (await ports.queues.peek(name, limit)).map((message) => shown(message, personal)) };
  },
});

/** `POST /dlq/{queue}/redrive`. */
export const redrive = defineRoute({
  method: "POST",
  path: "/dlq/{queue}/redrive",
  permission: "operate",
  summary: "Put the messages back where they came from; what was delivered meanwhile is not sent again",
  input: z.object({
    queue: QUEUE,
    messages_per_second: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(500))),
  }),
  answer: z.object({ queue: z.string(), to: z.string(), messages: z.number() }),
  audit: ({ queue, messages_per_second }) => ({
    action: "dlq.redrive",
    target: queue,
    details: present({ messages_per_second }),
  }),
  async run(
    { queue, messages_per_second },
    { deadLetterQueues, queues }: DeadLetterPorts,
  ): Promise<{ queue: string; to: string; messages: number }> {
    const { queue: name, redriveTo } = find(deadLetterQueues, queue);
    if (redriveTo === undefined) {
      const todo = "purge it: the next run looks at everything again";
      throw new OpsRefusal(422, "no_redrive", `${name} holds runs of a schedule, which nothing takes back`, todo);
    }
    const { waiting } = await queues.depth(name);
    if ((await queues.startMove(name, redriveTo, messages_per_second)) === "busy") {
      throw new OpsRefusal(
        409,
        "redrive_running",
        `${name} is being redriven already`,
        "`GET /dlq` shows how far it is",
      );
    }
    return { queue: name, to: redriveTo, messages: waiting };
  },
});

/** `POST /dlq/{queue}/purge`. */
export const purge = defineRoute({
  method: "POST",
  path: "/dlq/{queue}/purge",
  permission: "operate",
  summary: "Delete all messages of a dead-letter queue for good",
  input: z.object({ queue: QUEUE, confirm: z.optional(z.string()) }),
  answer: z.object({ queue: z.string(), messages: z.number() }),
  audit: ({ queue, confirm }) => ({ action: "dlq.purge", target: queue, details: { confirmed: confirm === queue } }),
  async run(
    { queue, confirm },
    { deadLetterQueues, queues }: DeadLetterPorts,
  ): Promise<{ queue: string; messages: number }> {
    const { queue: name } = find(deadLetterQueues, queue);
    if (confirm !== name) {
      const message = `this deletes events that were never delivered: send {"confirm": "${name}"} with it`;
      throw new OpsRefusal(422, "not_confirmed", message);
    }
    const { waiting, in_flight } = await queues.depth(name);
    if ((await queues.purge(name)) === "busy") {
      throw new OpsRefusal(409, "just_purged", `${name} was emptied within the last minute`, "try again in a minute");
    }
    return { queue: name, messages: waiting + in_flight };
  },
});

function find(queues: readonly DeadLetterQueue[], name: string): DeadLetterQueue {
  // Whoever is woken knows the destination, not what its queue is called.
  const found = queues.find(({ queue }) => queue === name) ?? queues.find(({ lane }) => lane === name);
  if (found !== undefined) return found;
  const names = queues.map(({ queue }) => queue);
  const meant = didYouMean(name, names);
  const hint = meant === undefined ? `there are ${names.join(", ")}` : `did you mean ${meant}?`;
  throw new OpsRefusal(404, "no_such_queue", `there is no dead-letter queue of this name; ${hint}`);
}

/** What tells messages apart, of both kinds of queue. The rest of a body is somebody's data. */
function shown({ messageId, body, sentAt, reason }: PeekedMessage, personal: boolean): DeadLetterMessage {
  const parsed = parseJson(body);
  const message = parsed.ok && isObject(parsed.value) ? parsed.value : {};
  const event = isObject(message.event) ? message.event : {};
  const source = isObject(event.source) ? event.source.id : undefined;
  const text = (value: unknown) => (typeof value === "string" ? value.slice(0, 200) : undefined);
  const id = text(event.event_id);
  return {
    message_id: messageId,
    sent_at: sentAt,
    ...present({
      reason: reason === undefined ? undefined : platformWords(reason),
      event_id: id === undefined || personal ? id : loggableId(id),
      event_name: text(event.event_name),
      source: text(source),
      body: personal ? body : undefined,
    }),
  };
}
