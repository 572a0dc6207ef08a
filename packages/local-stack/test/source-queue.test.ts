import { AwsError } from "../src/aws-error.ts";
import { sourceQueueOf } from "../src/source-queue.ts";
import { mappingModel } from "./support/mapping-model.ts";

const MAPPING = mappingModel();

function queueOf(answer: (operation: string) => Record<string, unknown>) {
  const calls: { caller: string; operation: string; input: Readonly<Record<string, unknown>> }[] = [];
  const call = async (
    caller: string,
    _service: string,
    operation: string,
    input: Readonly<Record<string, unknown>>,
  ) => {
    calls.push({ caller, operation, input });
    return answer(operation);
  };
  return { queue: sourceQueueOf({ call }, MAPPING, "http://127.0.0.1/000000000000/q"), calls };
}

test("every call is made as the function", async () => {
  const { queue, calls } = queueOf(() => ({ Messages: undefined }));
  await queue.checkAccess();
  expect(await queue.receive(10, 20, new AbortController().signal)).toEqual([]);
  await queue.delete(["h"]);
  expect(new Set(calls.map(({ caller }) => caller))).toEqual(new Set([MAPPING.functionArn]));
  expect(calls.map(({ operation }) => operation)).toEqual([
    "GetQueueAttributes",
    "DeleteMessage",
    "ReceiveMessage",
    "DeleteMessageBatch",
  ]);
  expect(calls[2]?.input).toMatchObject({ MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
});

test.each(["GetQueueAttributes", "DeleteMessage"])("checkAccess fails when %s is denied", async (denied) => {
  const { queue } = queueOf((operation) => {
    if (operation === denied) throw new AwsError("AccessDenied", `not authorized to perform: sqs:${denied}`);
    return {};
  });
  await expect(queue.checkAccess()).rejects.toThrow(`sqs:${denied}`);
});

test("checkAccess does not mind that the handle it deletes does not exist", async () => {
  const { queue } = queueOf((operation) => {
    if (operation === "DeleteMessage") throw new AwsError("ReceiptHandleIsInvalid", "no such handle");
    return {};
  });
  await expect(queue.checkAccess()).resolves.toBeUndefined();
});

test("deletes go ten a call, and one that is not deleted is told", async () => {
  const handles = Array.from({ length: 95 }, (_, at) => `h${at}`);
  const good = queueOf(() => ({ Failed: [] }));
  await good.queue.delete(handles);
  const sent = good.calls.map(({ input }) =>
    (input.Entries as { ReceiptHandle: string }[]).map((e) => e.ReceiptHandle),
  );
  expect(sent.flat().sort()).toEqual([...handles].sort());
  expect(sent.map((ten) => ten.length)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
  const bad = queueOf(() => ({ Failed: [{ Id: "0", Code: "ReceiptHandleIsInvalid" }] }));
  await expect(bad.queue.delete(["h"])).rejects.toThrow("ReceiptHandleIsInvalid");
});
