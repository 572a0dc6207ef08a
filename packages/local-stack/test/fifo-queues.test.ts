import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { bodies, QueueWorld } from "./support/queue-world.ts";

// Each statement here is one that the SQS documentation makes; the client is Amazon's own.

const world = new QueueWorld();

describe("duplicates in a FIFO queue", () => {
  test("are counted in NumberOfDeduplicatedSentMessages, once each", async () => {
    for (const body of ["a", "a", "a", "b"]) await world.sendFifo("per-group.fifo", body, "g1");
    const sample = () => fetch(`${world.services.gatewayUrl}/_local/alarms/evaluate`, { method: "POST" });
    await sample();
    await sample();
    const cloudWatch = new CloudWatchClient({
      endpoint: world.services.gatewayUrl,
      region: "us-east-1",
      credentials: world.services.operatorCredentials,
    });
    const Dimensions = [{ Name: "QueueName", Value: "per-group.fifo" }];
    const Metric = { Namespace: "AWS/SQS", MetricName: "NumberOfDeduplicatedSentMessages", Dimensions };
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(world.nowMs - 300_000),
        EndTime: new Date(world.nowMs + 300_000),
        MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Period: 300, Stat: "Sum" } }],
      }),
    );
    cloudWatch.destroy();
    expect(MetricDataResults?.[0]?.Values).toEqual([2]);
  });

  test("with scope messageGroup the same id in another group is another message", async () => {
    const first = await world.sendFifo("per-group.fifo", "a", "g1", "same");
    const copy = await world.sendFifo("per-group.fifo", "a", "g1", "same");
    const other = await world.sendFifo("per-group.fifo", "b", "g2", "same");
    expect(copy.MessageId).toBe(first.MessageId);
    expect(copy.SequenceNumber).toBe(first.SequenceNumber);
    expect(other.MessageId).not.toBe(first.MessageId);
    const [message] = await world.receive("per-group.fifo", { MessageSystemAttributeNames: ["All"] });
    expect(message?.Attributes).toMatchObject({ MessageDeduplicationId: "same", MessageGroupId: "g1" });
  });

  test("with scope queue it is the same message", async () => {
    const first = await world.sendFifo("per-queue.fifo", "a", "g1", "same");
    const other = await world.sendFifo("per-queue.fifo", "b", "g2", "same");
    expect(other.MessageId).toBe(first.MessageId);
    expect(bodies(await world.receive("per-queue.fifo"))).toEqual(["a"]);
  });

  test("a deleted message still has copies dropped, until five minutes after it was sent", async () => {
    await world.sendFifo("per-group.fifo", "a", "g");
    const [message] = await world.receive("per-group.fifo");
    await world.remove("per-group.fifo", message);
    world.nowMs += 299_000;
    await world.sendFifo("per-group.fifo", "a", "g");
    expect(await world.receive("per-group.fifo")).toEqual([]);
    world.nowMs += 1_000;
    await world.sendFifo("per-group.fifo", "a", "g");
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["a"]);
  });

  test("content based deduplication goes by the body", async () => {
    const first = await world.send("per-queue.fifo", "a", { MessageGroupId: "g" });
    const copy = await world.send("per-queue.fifo", "a", { MessageGroupId: "g" });
    expect(copy.MessageId).toBe(first.MessageId);
  });
});

describe("order in a FIFO queue", () => {
  test("one receive may take several messages of a group and of several groups", async () => {
    for (const [body, group] of ["a1 a", "b1 b", "a2 a"].map((pair) => pair.split(" "))) {
      await world.sendFifo("per-group.fifo", body ?? "", group ?? "");
    }
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["a1", "a2", "b1"]);
  });

  test("a group stays closed while one of its messages is in flight", async () => {
    for (const body of ["a1", "a2", "a3"]) await world.sendFifo("per-group.fifo", body, "a");
    const [a1, a2] = await world.receive("per-group.fifo", { MaxNumberOfMessages: 2 });
    await world.sendFifo("per-group.fifo", "b1", "b");
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["b1"]);
    await world.remove("per-group.fifo", a1);
    expect(await world.receive("per-group.fifo")).toEqual([]);
    await world.remove("per-group.fifo", a2);
    expect(bodies(await world.receive("per-group.fifo"))).toEqual(["a3"]);
  });

  test("what comes back after its visibility timeout comes back at its old place", async () => {
    for (const body of ["a1", "a2", "a3"]) await world.sendFifo("per-queue.fifo", body, "a");
    await world.receive("per-queue.fifo", { MaxNumberOfMessages: 2 });
    world.nowMs += 30_000;
    expect(bodies(await world.receive("per-queue.fifo"))).toEqual(["a1", "a2", "a3"]);
  });

  test("what is hidden for less time comes back at its old place, when all of its group that is in flight is back", async () => {
    for (const body of ["a1", "a2", "a3"]) await world.sendFifo("per-queue.fifo", body, "a");
    const [a1, a2] = await world.receive("per-queue.fifo", { MaxNumberOfMessages: 2 });
    await world.hide("per-queue.fifo", a1, 2);
    world.nowMs += 2_000;
    expect(await world.receive("per-queue.fifo")).toEqual([]);
    await world.hide("per-queue.fifo", a2, 2);
    world.nowMs += 1_999;
    expect(await world.receive("per-queue.fifo")).toEqual([]);
    world.nowMs += 1;
    expect(bodies(await world.receive("per-queue.fifo"))).toEqual(["a1", "a2", "a3"]);
  });

  test("the handle of an expired receive deletes nothing", async () => {
    await world.sendFifo("per-queue.fifo", "a", "a");
    const [message] = await world.receive("per-queue.fifo");
    world.nowMs += 30_000;
    await expect(world.remove("per-queue.fifo", message)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    expect(bodies(await world.receive("per-queue.fifo"))).toEqual(["a"]);
  });
});
