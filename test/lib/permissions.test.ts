import defaultConfig from "../../tracklayer.config.ts";
import { resourcesOf, synthTemplate } from "../support/synth-stack.ts";

const resources = resourcesOf(synthTemplate());

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** A resource of a policy as its physical name; `*` and anything unknown stays as it is. */
function nameOf(reference: unknown): string {
  const text = JSON.stringify(reference);
  const index = /"(\/index\/\w+)"\]\]\}$/.exec(text)?.[1];
  if (index !== undefined) return `delivery${index}`;
  const mapping = /event-source-mapping:",\{"Ref":"(\w+)"\}/.exec(text)?.[1];
  if (mapping !== undefined) return `intake of ${nameOf(resources[mapping]?.Properties.EventSourceArn)}`;
  const objects = /^\{"Fn::Join":\["",\[(.*),"(\/\w+\/\*)"\]\]\}$/.exec(text);
  if (objects !== null) return `${nameOf(JSON.parse(objects[1] ?? ""))}${objects[2]}`;
  const id = /^\{"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/.exec(text)?.[1];
  // Its physical name is made up by CloudFormation: bucket names are the whole world's.
  if (id !== undefined && resources[id]?.Type === "AWS::S3::Bucket") return "archive";
  const properties = id === undefined ? undefined : resources[id]?.Properties;
  const name = ["QueueName", "TableName", "Name", "LogGroupName", "FunctionName", "DeliveryStreamName"]
    .map((key) => properties?.[key])
    .find(Boolean);
  return String(name ?? (typeof reference === "string" ? reference : text)).replace(
    /^\/?tracklayer[-/]development-?/,
    "",
  );
}

/** The statements of every policy, or of those that are a role's whose logical id begins so. */
function statementsIn(template: typeof resources, role = ""): Statement[] {
  return Object.values(template)
    .filter(
      ({ Type, Properties }) => Type === "AWS::IAM::Policy" && JSON.stringify(Properties.Roles).includes(`"${role}`),
    )
    .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}

/** What the role may do: resource name → sorted actions. */
function permissionsOf(role: string): Record<string, string[]> {
  const matrix: Record<string, Set<string>> = {};
  for (const { Effect, Action, Resource } of statementsIn(resources, `${role}"`)) {
    expect(Effect).toBe("Allow");
    for (const resource of [Resource].flat()) {
      const name = nameOf(resource);
      matrix[name] = new Set([...(matrix[name] ?? []), ...[Action].flat()]);
    }
  }
  return Object.fromEntries(Object.entries(matrix).map(([name, actions]) => [name, [...actions].sort()]));
}

function roleOf(functionName: string): string {
  const found = Object.values(resources).find(
    ({ Properties }) => Properties?.FunctionName === `tracklayer-development-${functionName}`,
  );
  return /"(\w+)","Arn"/.exec(JSON.stringify(found?.Properties.Role))?.[1] ?? "none";
}

const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const SEND = ["sqs:SendMessage"];
const CONSUME = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
];
const SWITCH_INTAKE = ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"];
/** Of people: how full a queue is, and what is put back into it. */
const FILL = ["sqs:GetQueueAttributes", "sqs:SendMessage"];
/** Of people: what is done with given-up messages. */
const EMPTY = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ListMessageMoveTasks",
  "sqs:PurgeQueue",
  "sqs:ReceiveMessage",
  "sqs:StartMessageMoveTask",
];
const SEE_QUEUE = ["sqs:GetQueueAttributes"];
/** Of whoever reads events again. Only erasures write and delete. */
const READ_ARCHIVE = { archive: ["s3:ListBucket"], "archive/events/*": ["s3:GetObject"] };
const READ_SECRET = ["secretsmanager:GetSecretValue"];
/** Of people, and of what works on what they asked for: all but scans. */
const EVERY_ITEM = [
  "dynamodb:BatchGetItem",
  "dynamodb:DeleteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:UpdateItem",
];
const LANES = ["lane-meta", "lane-ga4", "lane-webhook"];

/** The same actions on each of these. */
function each(names: readonly string[], actions: string[]): Record<string, string[]> {
  return Object.fromEntries(names.map((name) => [name, actions]));
}

function lane(id: string): Record<string, string[]> {
  return {
    "": LOGS,
    [`lane-${id}`]: CONSUME,
    [`lane-${id}-dlq`]: SEND,
    delivery: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    identity: ["dynamodb:BatchGetItem"],
    [`/destination/${id}`]: READ_SECRET,
  };
}

// The whole matrix: what is not written here no function may do.
test.each<[string, Record<string, string[]>]>([
  ["ingest", { "": LOGS, "events.fifo": SEND, "/source/shop-web": READ_SECRET, "/source/shop-server": READ_SECRET }],
  [
    "enrich",
    {
      "": LOGS,
      "events.fifo": CONSUME,
      delivery: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      "delivery/index/orders": ["dynamodb:Query"],
      identity: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      ...each(LANES, SEND),
      events: ["firehose:PutRecordBatch"],
    },
  ],
  ["deliver-meta", lane("meta")],
  ["deliver-ga4", lane("ga4")],
  ["deliver-webhook", lane("webhook")],
  [
    "detect",
    {
      "": LOGS,
      "schedules-dlq": SEND,
      delivery: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      // CloudWatch has no permissions on single metrics.
      "*": ["cloudwatch:GetMetricData"],
    },
  ],
  [
    "reconcile",
    {
      "": LOGS,
      "schedules-dlq": SEND,
      delivery: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      ...each(["events.fifo", "events-dlq.fifo", ...LANES], SEE_QUEUE),
      ...READ_ARCHIVE,
      "*": ["cloudwatch:GetMetricData"],
    },
  ],
  [
    "ops",
    {
      "": [...LOGS, "logs:FilterLogEvents"].sort(),
      delivery: EVERY_ITEM,
      "delivery/index/attention": ["dynamodb:Query"],
      "delivery/index/orders": ["dynamodb:Query"],
      ...each(["events.fifo", ...LANES], FILL),
      ...each(["events-dlq.fifo", "schedules-dlq", ...LANES.map((lane) => `${lane}-dlq`)], EMPTY),
      ...each(
        LANES.map((lane) => `intake of ${lane}`),
        SWITCH_INTAKE,
      ),
      "*": ["cloudwatch:GetMetricData"],
      identity: ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"],
      ...READ_ARCHIVE,
      "archive/exports/*": ["s3:GetObject"],
    },
  ],
  [
    "maintain",
    {
      "": LOGS,
      "schedules-dlq": SEND,
      delivery: EVERY_ITEM,
      "delivery/index/attention": ["dynamodb:Query"],
      identity: ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"],
      ...each(LANES, SEND),
      ...READ_ARCHIVE,
      "archive/events/*": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      "archive/exports/*": ["s3:DeleteObject", "s3:PutObject"],
      ...each(
        LANES.map((lane) => `intake of ${lane}`),
        SWITCH_INTAKE,
      ),
    },
  ],
])("%s may do this and nothing else", (name, expected) => {
  expect(permissionsOf(roleOf(name))).toEqual(expected);
});

test("with a limited source ingest may count, and touch nothing else of the table", () => {
  const sources = { "shop-server": { kind: "server" as const, rateLimit: 100 } };
  const limited = resourcesOf(synthTemplate({ sources }));
  const ingest = Object.values(limited).find(
    ({ Properties }) => Properties?.FunctionName === "tracklayer-development-ingest",
  );
  expect(JSON.stringify(ingest?.Properties.Environment)).toContain("DELIVERY_TABLE");
  const onTable = statementsIn(limited, "IngestRole").filter(({ Action }) =>
    [Action].flat().some((action) => action.startsWith("dynamodb:")),
  );
  expect(onTable.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
    {
      Action: "dynamodb:UpdateItem",
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["RATE#*"] } },
    },
  ]);
});

test("the archive's stream may put events there, and read none of them", () => {
  const role = Object.keys(resources).find((id) => id.startsWith("ArchiveStreamRole")) ?? "none";
  const put = ["s3:AbortMultipartUpload", "s3:PutObject"];
  expect(permissionsOf(role)).toEqual({
    archive: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
    "archive/events/*": put,
    "archive/errors/*": put,
  });
});

test.each([
  ["reconcile", ["RECONCILIATION#*", "FINDING#*"]],
  ["detect", ["FINDING#*"]],
])("%s changes nothing but its own accounts and findings", (name, keys) => {
  const statements = statementsIn(resources, roleOf(name));
  expect(statements.filter((it) => JSON.stringify(it).includes("dynamodb:UpdateItem"))).toMatchObject([
    { Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } } },
  ]);
});

test("every function has a role of its own, without managed policies", () => {
  const functions = Object.values(resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Role))).size).toBe(functions.length);
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === "AWS::IAM::Role") expect(Properties).not.toHaveProperty("ManagedPolicyArns");
  }
});

test("the only wildcard is that of CloudWatch, and no action is one", () => {
  const statements = statementsIn(resources);
  expect(statements.filter(({ Resource }) => [Resource].flat().includes("*")).map(({ Action }) => Action)).toEqual([
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricData",
  ]);
  expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
});

test.each([
  ["detect", "AnomaliesDetect"],
  ["maintain", "MaintenanceMaintain"],
  ["reconcile", "ReconciliationReconcile"],
])("the schedule of %s may start it, and only that", (name, path) => {
  const role = Object.keys(resources).find((id) => id.startsWith(`${path}ScheduleRole`)) ?? "none";
  expect(permissionsOf(role)).toEqual({ [name]: ["lambda:InvokeFunction"], "schedules-dlq": SEND });
});

test("the key of contacts is read by who fills them in, replays and exports, and by no lane", () => {
  const withLane = (archive: boolean) =>
    resourcesOf(
      synthTemplate({ destinations: { klaviyo: { settings: {} } }, ...(archive ? {} : { archive: false as const }) }),
    );
  const readers = (stack: typeof resources) => {
    const [key] = Object.entries(stack).find(([, it]) => String(it.Properties?.Name).endsWith("/contacts")) ?? [];
    const policies = Object.values(stack).filter(({ Type }) => Type === "AWS::IAM::Policy");
    return policies
      .flatMap(({ Properties }) =>
        JSON.stringify(Properties.PolicyDocument).includes(`"${key}"`) ? [Properties.Roles] : [],
      )
      .map((roles) => /"Ref":"([A-Z][a-z]+)/.exec(JSON.stringify(roles))?.[1])
      .sort();
  };
  expect(readers(withLane(true))).toEqual(["Enrich", "Maintenance", "Ops"]);
  expect(readers(withLane(false))).toEqual(["Enrich"]);
});

test("asking platforms for their scores reads the secrets of the lanes that want it, and no others", () => {
  expect(Object.values(resources).some(({ Properties }) => /read-back$/.test(String(Properties?.FunctionName)))).toBe(
    false,
  );
  const { destinations } = defaultConfig;
  const asked = resourcesOf(
    synthTemplate({
      destinations: { ...destinations, meta: { settings: { datasetId: "1234567890123456" }, readBackQuality: true } },
    }),
  );
  const statements = statementsIn(asked, "ReadBacksReadBackRun");
  const secrets = statements.filter(({ Action }) => Action === "secretsmanager:GetSecretValue");
  expect(secrets.map(({ Resource }) => nameOf(Resource))).toEqual(["/destination/meta"]);
  expect(statements.filter(({ Action }) => String(Action).includes("dynamodb"))).toMatchObject([
    {
      Action: ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["QUALITY#*"] } },
    },
  ]);
});
