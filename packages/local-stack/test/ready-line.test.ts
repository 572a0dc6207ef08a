import fc from "fast-check";
import type { QueueMessage } from "../src/queue-message.ts";
import { StandardLine } from "../src/ready-line.ts";

let made = 0;

function message(groupId: string | undefined): QueueMessage {
  made += 1;
  return {
    id: String(made),
    body: "",
    attributes: {},
    sentAt: 0,
    retainedFrom: 0,
    groupId,
    dedupId: undefined,
    sequence: made,
    receiveCount: 0,
    firstReceivedAt: undefined,
    visibleAt: 0,
    receiptHandle: undefined,
    receivedAt: undefined,
    state: "ready",
    deadLetterSourceArn: undefined,
  };
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("add", "add", "take", "take", "delete", "return", "drop"),
    group: fc.constantFrom(undefined, "a", "b", "c"),
    at: fc.nat(),
  }),
  { maxLength: 200 },
);

test("whatever happens, nothing is lost or handed out twice, and who has least in flight comes first", () => {
  fc.assert(
    fc.property(steps, (script) => {
      const line = new StandardLine();
      const waiting = new Set<QueueMessage>();
      const out: QueueMessage[] = [];
      const inFlight = (groupId: string | undefined) => out.filter((other) => other.groupId === groupId).length;
      for (const { kind, group, at } of script) {
        const picked = out[at % Math.max(1, out.length)];
        if (kind === "add") {
          const added = message(group);
          line.add(added);
          waiting.add(added);
        } else if (kind === "take") {
          expect(line.hasAny).toBe(waiting.size > 0);
          const least = Math.min(...[...waiting].map(({ groupId }) => inFlight(groupId)));
          const taken = line.take();
          expect(taken === undefined).toBe(waiting.size === 0);
          if (taken === undefined) continue;
          expect(inFlight(taken.groupId)).toBe(least);
          expect(waiting.delete(taken)).toBe(true);
          out.push(taken);
        } else if (kind === "drop") {
          // Deleted by the handle of an earlier receive, while it waits.
          const [dropped] = waiting;
          if (dropped === undefined) continue;
          dropped.state = "gone";
          line.released(dropped);
          waiting.delete(dropped);
        } else if (picked !== undefined) {
          out.splice(out.indexOf(picked), 1);
          if (kind === "return") {
            line.add(picked);
            waiting.add(picked);
          }
          line.released(picked);
        }
      }
      const left = new Set<QueueMessage | undefined>();
      while (line.hasAny) left.add(line.take());
      expect(left).toEqual(waiting);
    }),
    { numRuns: 300 },
  );
});

test("without groups messages come in the order of their coming", () => {
  const line = new StandardLine();
  const all = Array.from({ length: 5000 }, () => message(undefined));
  for (const each of all) line.add(each);
  expect(all.map(() => line.take())).toEqual(all);
  expect(line.hasAny).toBe(false);
});
