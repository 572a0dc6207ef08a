import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own, that the system's temporary directory forgets in time. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "local-stack-"));
}

/** Writes a cloud assembly of one stack, as `cdk synth` would, and returns its directory. */
export function writeAssembly(template: object, stackName = "Shop"): string {
  const directory = temporaryDirectory();
  const artifacts = {
    [stackName]: { type: "aws:cloudformation:stack", properties: { templateFile: `${stackName}.template.json` } },
  };
  const files = {
    abc: { source: { path: "asset.abc", packaging: "zip" }, destinations: { here: { objectKey: "abc.zip" } } },
  };
  mkdirSync(join(directory, "asset.abc"));
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ artifacts }));
  writeFileSync(join(directory, `${stackName}.template.json`), JSON.stringify(template));
  writeFileSync(join(directory, `${stackName}.assets.json`), JSON.stringify({ files }));
  return directory;
}

/** A function with a role that has these statements. */
export function functionResources(logicalId: string, statements: readonly object[]): Record<string, object> {
  return {
    [`${logicalId}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: {
        Policies: [{ PolicyName: "own", PolicyDocument: { Statement: statements } }],
        ManagedPolicyArns: [
          { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":iam::aws:policy/AWSXRayDaemonWriteAccess"]] },
        ],
      },
    },
    [logicalId]: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: logicalId.toLowerCase(),
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Code: { S3Bucket: { "Fn::Join": ["-", ["assets", { Ref: "AWS::AccountId" }]] }, S3Key: "abc.zip" },
        Role: { "Fn::GetAtt": [`${logicalId}Role`, "Arn"] },
        Environment: { Variables: { QUEUE_URL: { Ref: "Jobs" } } },
      },
    },
  };
}

/** A standard queue with a dead-letter queue, two FIFO queues of either scope with one, and a table with an index. */
export const DATA_RESOURCES: Record<string, object> = {
  Jobs: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: "jobs",
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["JobsDead", "Arn"] }, maxReceiveCount: 2 },
    },
  },
  JobsDead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "jobs-dead" } },
  PerGroup: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: "per-group.fifo",
      FifoQueue: true,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["PerGroupDead", "Arn"] }, maxReceiveCount: 1 },
    },
  },
  PerGroupDead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "per-group-dead.fifo", FifoQueue: true } },
  PerQueue: {
    Type: "AWS::SQS::Queue",
    Properties: { QueueName: "per-queue.fifo", FifoQueue: true, ContentBasedDeduplication: true },
  },
  Items: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: "items",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: "attention", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "attention",
          KeySchema: [{ AttributeName: "attention", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
    },
  },
};
