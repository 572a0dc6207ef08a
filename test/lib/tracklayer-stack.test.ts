import { Match } from "aws-cdk-lib/assertions";
import { physicalQueueName } from "../../src/adapters/queue-names.ts";
import { earlyReturnSeconds } from "../../src/core/give-back.ts";
import { resourcesOf, synthTemplate } from "../support/synth-stack.ts";

const development = synthTemplate();
const production = synthTemplate({ environment: "production" });

/** Types whose loss is a loss of events, receipts, people, keys or the log of what was done with them. */
const STATEFUL = [
  "AWS::DynamoDB::Table",
  "AWS::SecretsManager::Secret",
  "AWS::SQS::Queue",
  "AWS::S3::Bucket",
  "AWS::Logs::LogGroup",
] as const;

function physicalNames(template: typeof development, type: string, property: string): unknown[] {
  return Object.values(template.findResources(type))
    .map(({ Properties }) => Properties[property])
    .sort();
}

describe("functions", () => {
  test("are one per step and one per destination, on one runtime", () => {
    expect(physicalNames(development, "AWS::Lambda::Function", "FunctionName")).toEqual([
      "tracklayer-development-deliver-ga4",
      "tracklayer-development-deliver-meta",
      "tracklayer-development-deliver-webhook",
      "tracklayer-development-detect",
      "tracklayer-development-enrich",
      "tracklayer-development-ingest",
      "tracklayer-development-maintain",
      "tracklayer-development-ops",
      "tracklayer-development-reconcile",
    ]);
    development.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: Match.anyValue(),
      Timeout: Match.anyValue(),
      LoggingConfig: { LogFormat: "Text", LogGroup: Match.anyValue() },
      // Accounts with a small quota of concurrency could not deploy it.
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test.each([
    ["ingest", ["EVENTS_QUEUE_URL"]],
    ["enrich", ["ARCHIVE_STREAM", "DELIVERY_TABLE", "EVENTS_QUEUE_URL", "IDENTITY_TABLE"]],
    ["deliver-meta", ["DELIVERY_TABLE", "IDENTITY_TABLE", "LANE_DLQ_URL", "LANE_ID", "LANE_QUEUE_URL"]],
    ["detect", ["DELIVERY_TABLE"]],
    ["reconcile", ["ARCHIVE_BUCKET", "DELIVERY_TABLE", "EVENTS_QUEUE_URL"]],
    ["maintain", ["ARCHIVE_BUCKET", "DELIVERY_TABLE", "EVENTS_QUEUE_URL", "IDENTITY_TABLE", "LANE_INTAKES"]],
  ])("%s gets resource names and nothing else from its environment", (name, variables) => {
    const found = development.findResources("AWS::Lambda::Function", {
      Properties: { FunctionName: `tracklayer-development-${name}` },
    });
    const environments = Object.values(found).map(({ Properties }) => Object.keys(Properties.Environment.Variables));
    expect(environments.map((names) => names.sort())).toEqual([variables]);
  });

  test("log into one group that forgets", () => {
    development.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: "/tracklayer/development",
      RetentionInDays: 30,
    });
    development.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
  });
});

describe("the event queue", () => {
  test("is high-throughput FIFO with a FIFO dead-letter queue, kept as long as SQS keeps anything", () => {
    const fifo = {
      FifoQueue: true,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    };
    development.hasResourceProperties("AWS::SQS::Queue", {
      ...fifo,
      QueueName: "tracklayer-development-events.fifo",
      ContentBasedDeduplication: Match.absent(),
      VisibilityTimeout: 180,
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue(), maxReceiveCount: 253 },
    });
    development.hasResourceProperties("AWS::SQS::Queue", {
      ...fifo,
      QueueName: "tracklayer-development-events-dlq.fifo",
    });
  });

  test("gives nothing up in less than twelve and a half hours, however soon the first failures come back", () => {
    const queues = development.findResources("AWS::SQS::Queue", {
      Properties: { QueueName: "tracklayer-development-events.fifo" },
    });
    const { RedrivePolicy, VisibilityTimeout } = Object.values(queues)[0]?.Properties ?? {};
    const waits = Array.from(
      { length: RedrivePolicy.maxReceiveCount },
      (_, index): number => earlyReturnSeconds(index + 1) ?? VisibilityTimeout,
    );
    expect(waits.slice(0, 5)).toEqual([2, 10, 30, 180, 180]);
    expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThanOrEqual(12.5 * 3_600);
  });

  test("is read in partial batches of ten with as few pollers as Lambda allows", () => {
    const mapping = mappingOf("EventsQueue");
    expect(mapping).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    expect(mapping).not.toHaveProperty("ScalingConfig");
    expect(mapping).not.toHaveProperty("MaximumBatchingWindowInSeconds");
  });
});

function mappingOf(queue: string, template = development): Record<string, unknown> {
  const found = Object.values(template.findResources("AWS::Lambda::EventSourceMapping")).filter(({ Properties }) =>
    JSON.stringify(Properties.EventSourceArn).includes(queue),
  );
  expect(found).toHaveLength(1);
  return found[0]?.Properties;
}

describe("a lane", () => {
  test.each([
    ["meta", 1_000],
    ["ga4", 25],
    // It takes one event a request, but a batch is never smaller than what SQS hands out at once.
    ["webhook", 10],
  ])("to %s gathers batches of %i with its own window and concurrency", (lane, batchSize) => {
    expect(mappingOf(`Lane${lane}Queue`)).toMatchObject({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: 5,
      ScalingConfig: { MaximumConcurrency: 5 },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  test("without a window takes no more than ten, as Lambda demands", () => {
    const template = synthTemplate({
      destinations: { meta: { settings: { datasetId: "123456789012345" }, batchWindowSeconds: 0, maxConcurrency: 7 } },
    });
    const mapping = mappingOf("LanemetaQueue", template);
    expect(mapping).toMatchObject({ BatchSize: 10, ScalingConfig: { MaximumConcurrency: 7 } });
    expect(mapping).not.toHaveProperty("MaximumBatchingWindowInSeconds");
  });

  test("never gives up by receive count and hides messages for six timeouts and the window", () => {
    development.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "tracklayer-development-lane-meta",
      FifoQueue: Match.absent(),
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 725,
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { maxReceiveCount: 1_000 },
    });
  });

  test("exists twice when a type is configured twice", () => {
    const settings = { url: "https://hooks.example.com/a" };
    const template = synthTemplate({
      destinations: { webhook: { settings }, "crm-hook": { type: "webhook", settings } },
    });
    expect(physicalNames(template, "AWS::Lambda::Function", "FunctionName")).toContain(
      "tracklayer-development-deliver-crm-hook",
    );
    template.resourceCountIs("AWS::Lambda::EventSourceMapping", 3);
  });
});

test("queues have the names by which functions make their addresses", () => {
  const lanes = ["ga4", "meta", "webhook"].flatMap((lane) => [`lane-${lane}`, `lane-${lane}-dlq`]);
  const names = ["events", "events-dlq", "schedules-dlq", ...lanes].map((name) =>
    physicalQueueName("development", name),
  );
  expect(physicalNames(development, "AWS::SQS::Queue", "QueueName")).toEqual(names.sort());
});

test("every queue and the topic refuse plain text, and alarms may still publish", () => {
  const queues = Object.keys(development.findResources("AWS::SQS::Queue"));
  const policies = Object.values(development.findResources("AWS::SQS::QueuePolicy"));
  const denied = policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.filter(
      (statement: { Effect: string; Condition?: unknown }) =>
        statement.Effect === "Deny" &&
        JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
    ).map(() => Properties.Queues[0].Ref),
  );
  expect(denied.sort()).toEqual(queues.sort());
  development.hasResourceProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        Match.objectLike({
          Effect: "Allow",
          Action: "sns:Publish",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        }),
      ]),
    },
  });
});

describe("tables", () => {
  test("are on demand, recoverable and forget by themselves", () => {
    development.allResourcesProperties("AWS::DynamoDB::Table", {
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      StreamSpecification: Match.absent(),
    });
    development.hasResourceProperties("AWS::DynamoDB::Table", {
      TableName: "tracklayer-development-delivery",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "attention",
          KeySchema: [
            { AttributeName: "attention", KeyType: "HASH" },
            { AttributeName: "attention_at", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
        {
          IndexName: "orders",
          KeySchema: [{ AttributeName: "order", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      AttributeDefinitions: Match.arrayWith([{ AttributeName: "attention_at", AttributeType: "N" }]),
    });
    development.hasResourceProperties("AWS::DynamoDB::Table", {
      TableName: "tracklayer-development-identity",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    });
  });

  test("are protected from deletion in production only", () => {
    production.allResourcesProperties("AWS::DynamoDB::Table", { DeletionProtectionEnabled: true });
    development.allResourcesProperties("AWS::DynamoDB::Table", { DeletionProtectionEnabled: false });
  });
});

test("what holds data is kept when a production stack is deleted, and goes with any other", () => {
  const policies = (template: typeof development) =>
    Object.values(resourcesOf(template))
      .filter(({ Type, Properties }) => STATEFUL.some((type) => type === Type) && !isScheduleQueue(Properties))
      .map(({ DeletionPolicy }) => DeletionPolicy);
  expect(new Set(policies(production))).toEqual(new Set(["Retain"]));
  expect(new Set(policies(development))).toEqual(new Set(["Delete"]));
  expect(policies(production).length).toBeGreaterThan(15);
});

/** It holds failed runs of schedules, which the next run makes up for. */
function isScheduleQueue({ QueueName }: Record<string, unknown>): boolean {
  return typeof QueueName === "string" && QueueName.endsWith("schedules-dlq");
}

describe("secrets", () => {
  test("of sources are generated, long and without characters that need escaping", () => {
    development.hasResourceProperties("AWS::SecretsManager::Secret", {
      Name: "tracklayer/development/source/shop-web",
      GenerateSecretString: {
        SecretStringTemplate: "{}",
        GenerateStringKey: "key",
        PasswordLength: 40,
        ExcludePunctuation: true,
      },
    });
  });

  test("of destinations are empty places with a name: the template holds no credential", () => {
    for (const lane of ["meta", "ga4", "webhook"]) {
      development.hasResourceProperties("AWS::SecretsManager::Secret", {
        Name: `tracklayer/development/destination/${lane}`,
        SecretString: "{}",
        GenerateSecretString: Match.absent(),
      });
    }
  });

  test("are not made for platforms without credentials, and nothing may be read there", () => {
    const template = synthTemplate({ destinations: { taboola: { settings: { accountId: "1234567" } } } });
    const names = Object.values(template.findResources("AWS::SecretsManager::Secret")).map((it) => it.Properties.Name);
    expect(names.filter((name: string) => name.includes("/destination/"))).toEqual([]);
    const secretReads = (of: typeof template) =>
      JSON.stringify(of.toJSON()).split("secretsmanager:GetSecretValue").length;
    expect(secretReads(template)).toBe(secretReads(synthTemplate({ destinations: {} })));
  });

  test("of contacts is one, generated, and ends with the last lane that needs it; no other stack has it", () => {
    const template = synthTemplate({ environment: "production", destinations: { klaviyo: { settings: {} } } });
    template.hasResource("AWS::SecretsManager::Secret", {
      Properties: {
        Name: "tracklayer/production/contacts",
        GenerateSecretString: { SecretStringTemplate: "{}", GenerateStringKey: "key", PasswordLength: 64 },
      },
      DeletionPolicy: "Delete",
      UpdateReplacePolicy: "Delete",
    });
    const hashed = { url: "https://hooks.example.com/in", personalData: "hashed" } as const;
    for (const it of [development, synthTemplate({ destinations: { webhook: { settings: hashed } } })]) {
      expect(JSON.stringify(it.toJSON())).not.toContain("/contacts");
    }
    const raw = synthTemplate({ destinations: { webhook: { settings: { ...hashed, personalData: "raw" } } } });
    expect(JSON.stringify(raw.toJSON())).toContain("tracklayer/development/contacts");
  });

  test("that two lanes share exist once", () => {
    const settings = { datasetId: "123456789012345" };
    const template = synthTemplate({
      destinations: {
        meta: { settings },
        "meta-eu": { type: "meta", settings, secret: "tracklayer/development/destination/meta" },
      },
    });
    template.resourceCountIs("AWS::SecretsManager::Secret", 3);
  });
});

test("outputs say where to send, where to look, and where the keys are", () => {
  const { Outputs } = development.toJSON();
  expect(Object.keys(Outputs).sort()).toEqual([
    "AlarmTopicArn",
    "ArchiveBucket",
    "DashboardUrl",
    "IngestUrl",
    "OpsUrl",
    "SourceKeyShopServer",
    "SourceKeyShopWeb",
  ]);
  expect(Outputs.SourceKeyShopWeb.Value).toBe("tracklayer/development/source/shop-web");
});

test("each address of the configuration gets the alarms", () => {
  const template = synthTemplate({ alarms: { emails: ["a@example.com", "b@example.com"] } });
  template.resourceCountIs("AWS::SNS::Subscription", 2);
  template.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "a@example.com" });
});
