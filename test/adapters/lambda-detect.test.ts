import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { createDetectHandler } from "../../src/adapters/lambda-detect.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { capturedOutput } from "../support/captured-output.ts";
import { DELIVERY_TABLE, type Dynalite, startDynalite } from "../support/dynalite.ts";
import { enterLambda } from "../support/lambda-environment.ts";
import { type Loopback, serveOnLoopback } from "../support/loopback.ts";

interface MetricDataQuery {
  Id: string;
  MetricStat: { Metric: { MetricName: string } };
}

const CONFIG = {
  sources: [{ id: "web" }],
  destinations: [{ id: "meta" }],
  keyEvents: ["purchase"],
  retention: { deliveryDays: 30 },
};

/** CloudWatch as its JSON protocol shows it: 100 purchases an hour until three hours ago, nothing else ever. */
function fakeCloudWatch(): Promise<Loopback> {
  return serveOnLoopback(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    const { MetricDataQueries, StartTime, EndTime } = JSON.parse(body) as {
      MetricDataQueries: MetricDataQuery[];
      StartTime: number;
      EndTime: number;
    };
    const hours = Array.from({ length: (EndTime - StartTime) / 3600 }, (_, index) => StartTime + index * 3600);
    const known = hours.filter((hour) => hour * 1000 < Date.now() - 3 * HOUR_MS);
    const MetricDataResults = MetricDataQueries.map(({ Id, MetricStat }) => {
      const Timestamps = MetricStat.Metric.MetricName === "KeyEvents" ? known : [];
      return { Id, Label: Id, StatusCode: "Complete", Timestamps, Values: Timestamps.map(() => 100) };
    });
    outgoing.setHeader("content-type", "application/x-amz-json-1.0");
    outgoing.end(JSON.stringify({ MetricDataResults, Messages: [] }));
  });
}

let dynalite: Dynalite;
let cloudWatch: Loopback;
let leaveLambda: () => void;

beforeAll(async () => {
  dynalite = await startDynalite();
  cloudWatch = await fakeCloudWatch();
  leaveLambda = enterLambda(CONFIG, {
    DELIVERY_TABLE: await dynalite.createTable(DELIVERY_TABLE),
    POWERTOOLS_LOG_LEVEL: "SILENT",
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
  });
});

afterAll(async () => {
  leaveLambda();
  await cloudWatch.close();
  await dynalite.close();
});

test("a run reads the metrics, keeps the finding and emits how many there were; a second run changes nothing", async () => {
  const table = process.env.DELIVERY_TABLE;
  const handler = createDetectHandler();
  const printed = await capturedOutput(async () => {
    expect([await handler(), await handler()]).toEqual([{ findings: 1 }, { findings: 1 }]);
  });

  const { Items } = await dynalite.client.send(new ScanCommand({ TableName: table }));
  expect(Items?.map(({ pk, sk }) => [pk?.S, sk?.S === "OPEN"])).toEqual([
    ["FINDING#volume_drop#key_event/purchase", false],
    ["FINDING#volume_drop", true],
  ]);

  const emitted = printed.filter((line) => line.includes("_aws")).map((line) => JSON.parse(line));
  expect(emitted).toContainEqual(expect.objectContaining({ detector: "volume_drop", AnomaliesFound: 1 }));
  expect(emitted).toContainEqual(expect.objectContaining({ Heartbeat: 1 }));
});
