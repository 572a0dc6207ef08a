import { DeliveryStream } from "../src/delivery-stream.ts";

let nowMs = Date.parse("2026-03-01T10:00:00Z");

/** A stream with these limits, what it wrote and measured, and a bucket that can be told to refuse. */
function streamAt(bufferBytes: number, bufferSeconds: number) {
  const written: string[] = [];
  const metrics: [string, number][] = [];
  let refusals = 0;
  const stream = new DeliveryStream({
    model: {
      logicalId: "Stream",
      name: "archive",
      arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/archive",
      bucketName: "archive",
      role: { logicalId: "Role", arn: "arn:aws:iam::000000000000:role/r", statements: [] },
      prefix: "",
      bufferBytes,
      bufferSeconds,
      isGzip: false,
      extension: "",
    },
    write: (_bucket, _key, body) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error("no");
      }
      written.push(body.toString());
    },
    journal: undefined,
    now: () => nowMs,
    record: (name, value) => metrics.push([name, value]),
    onProblem: () => {},
  });
  const refuse = (times: number) => {
    refusals = times;
  };
  return { stream, written, metrics, refuse };
}
test("a full buffer leaves at the next look, what is left over waits for its time", async () => {
  const { stream, written, metrics } = streamAt(4, 60);
  for (const text of ["12", "3", "45", "6"]) stream.put(Buffer.from(text));
  await stream.deliverDue();
  expect(written).toEqual(["12345"]);
  nowMs += 59_999;
  await stream.deliverDue();
  expect(written).toHaveLength(1);
  nowMs += 1;
  await stream.deliverDue();
  expect(written).toEqual(["12345", "6"]);
  expect(metrics).toContainEqual(["DeliveryToS3.Records", 3]);
  expect(metrics.at(-1)).toEqual(["DeliveryToS3.DataFreshness", 60]);
});

test("after a refusal the stream lets some time pass", async () => {
  const { stream, written, metrics, refuse } = streamAt(1, 60);
  refuse(1);
  stream.put(Buffer.from("1"));
  await stream.deliverDue();
  await stream.deliverDue();
  expect(written).toEqual([]);
  expect(metrics).toContainEqual(["DeliveryToS3.Success", 0]);
  nowMs += 10_000;
  await stream.deliverDue();
  expect(written).toEqual(["1"]);
});
