import type { SendMessageBatchCommand, SendMessageBatchCommandOutput, SQSClient } from "@aws-sdk/client-sqs";
import { createSqsLaneQueues } from "../../src/adapters/sqs-lane-queues.ts";
import { laneQueuesSuite } from "../support/lane-queues-suite.ts";

type Answer = Pick<SendMessageBatchCommandOutput, "Successful" | "Failed">;
type Call = NonNullable<SendMessageBatchCommand["input"]>;

/** A client that knows two queues, enforces SQS's limits of one call, and answers as it is told, else with success. */
function scripted(answers: ((call: Call) => Partial<Answer> | Error)[] = []) {
  const calls: Call[] = [];
  const kept: { url: string; body: string; group: string }[] = [];
  const pauses: number[] = [];
  const send = async ({ input }: SendMessageBatchCommand): Promise<Partial<Answer>> => {
    if (!["meta", "ga4"].some((lane) => input.QueueUrl?.endsWith(`/${lane}`)))
      throw Object.assign(new Error("The specified queue does not exist."), { name: "QueueDoesNotExist" });
    const answer = answers[calls.length];
    calls.push(input);
    const entries = input.Entries ?? [];
    const bytes = entries.reduce((sum, { MessageBody = "" }) => sum + Buffer.byteLength(MessageBody), 0);
    if (entries.length > 10 || bytes > 1_048_576) throw new Error("BatchRequestTooLong");
    if (answer !== undefined) {
      const told = answer(input);
      if (told instanceof Error) throw told;
      return told;
    }
    for (const { MessageBody = "", MessageGroupId = "" } of entries) {
      kept.push({ url: input.QueueUrl ?? "", body: MessageBody, group: MessageGroupId });
    }
    return { Successful: entries.map(({ Id }) => ({ Id, MessageId: `m-${Id}`, MD5OfMessageBody: "" })) };
  };
  const queues = createSqsLaneQueues({
    client: { send: send as unknown as SQSClient["send"] },
    urlOf: (lane) => `https://sqs.local/${lane}`,
    clock: { sleep: async (ms) => void pauses.push(ms) },
  });
  return { queues, calls, kept, pauses };
}

const ofShop = (body: string) => ({ body, group: "shop-web" });

laneQueuesSuite(async () => {
  const { queues, kept } = scripted();
  return {
    queues,
    messages: async (lane) =>
      kept.filter(({ url }) => url.endsWith(`/${lane}`)).map(({ body, group }) => ({ body, group })),
  };
});

test("fills calls by count and by bytes", async () => {
  const { queues, calls } = scripted();
  await queues.send(
    "meta",
    Array.from({ length: 21 }, () => ofShop("{}")),
  );
  expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 1]);
  calls.length = 0;
  await queues.send(
    "meta",
    Array.from({ length: 4 }, () => ofShop(`"${"é".repeat(200_000)}"`)),
  );
  expect(calls.map(({ Entries }) => Entries?.length)).toEqual([2, 2]);
});

test("tries again only what failed by SQS's fault, with growing pauses, and then reports it", async () => {
  const busy = ({ Entries = [] }: Call) => ({
    Successful: Entries.filter(({ Id }) => Id === "0").map(({ Id }) => ({ Id, MessageId: "m", MD5OfMessageBody: "" })),
    Failed: Entries.filter(({ Id }) => Id !== "0").map(({ Id }) => ({ Id, Code: "Busy", SenderFault: Id === "2" })),
  });
  const { queues, calls, pauses } = scripted([busy, busy, busy]);
  expect(await queues.send("meta", ["{}", "{}", "{}"].map(ofShop))).toEqual([
    { sent: true, messageId: "m" },
    { sent: false, reason: "Busy" },
    { sent: false, reason: "Busy" },
  ]);
  expect(calls.map(({ Entries }) => Entries?.map(({ Id }) => Id))).toEqual([["0", "1", "2"], ["1"], ["1"]]);
  expect(pauses).toEqual([50, 200]);
});

test("an entry that neither list names is not sent", async () => {
  const silent = () => ({});
  const { queues } = scripted([silent, silent, silent]);
  expect(await queues.send("meta", [ofShop("{}")])).toEqual([{ sent: false, reason: "NoAnswer" }]);
});

test("a call that fails as a whole fails its messages, not the next call's", async () => {
  const { queues } = scripted([() => Object.assign(new Error("no"), { name: "AccessDenied" })]);
  const results = await queues.send(
    "meta",
    Array.from({ length: 11 }, () => ofShop("{}")),
  );
  expect(results.filter(({ sent }) => sent)).toHaveLength(1);
  expect(results[0]).toEqual({ sent: false, reason: "AccessDenied" });
});

test("code points that SQS refuses travel escaped and come back the same", async () => {
  const { queues, kept } = scripted();
  const text = JSON.stringify({ name: "a\uFFFEb\uFFFFc\u0000d" });
  await queues.send("meta", [ofShop(text)]);
  for (const refused of ["\uFFFE", "\uFFFF", "\u0000"]) expect(kept[0]?.body).not.toContain(refused);
  expect(JSON.parse(kept[0]?.body ?? "")).toEqual(JSON.parse(text));
});

test("a message that waits is hidden by SQS, each for its own time", async () => {
  const { calls, queues } = scripted();
  await queues.send("meta", [ofShop("now"), { ...ofShop("later"), delaySeconds: 30 }]);
  expect(calls[0]?.Entries?.map(({ DelaySeconds }) => DelaySeconds)).toEqual([undefined, 30]);
});
