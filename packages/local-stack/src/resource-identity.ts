import { createHash } from "node:crypto";
import type { ResourceIdentity } from "./intrinsics.ts";
import type { PropertyReader } from "./property-reader.ts";

/** Names of the one account and region that a local stack lives in; emulators answer with the same. */
export const LOCAL_ACCOUNT_ID = "000000000000";
/** See LOCAL_ACCOUNT_ID. */
export const LOCAL_REGION = "us-east-1";

/** Secrets Manager ends every secret's ARN in six characters of its own. */
const SECRET_SUFFIX = "-LOCAL0";

/** What identities depend on beside the resource itself. */
export interface IdentityContext {
  readonly stackName: string;
  readonly gatewayUrl: string;
}

type Identify = (name: string, logicalId: string, context: IdentityContext) => ResourceIdentity;

interface NamedType {
  /** The property that holds the explicit name. */
  readonly nameProperty?: string;
  readonly identify: Identify;
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${resource}`;
}

function named(nameProperty: string, service: string, resourcePrefix = "", refIsArn = false): NamedType {
  return {
    nameProperty,
    identify: (name) => {
      const own = arn(service, resourcePrefix + name);
      return { ref: refIsArn ? own : name, attributes: { Arn: own } };
    },
  };
}

/** The same UUID for the same text: what AWS draws once, a local stack must find again after a restart. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

const global = (resource: string) => `arn:aws:iam::${LOCAL_ACCOUNT_ID}:${resource}`;

/** Opaque ids that nothing resolves further: a policy, a route, a permission. */
const opaque: NamedType = {
  identify: (name, logicalId) => ({ ref: logicalId, attributes: { Id: logicalId, Arn: name } }),
};

const TYPES: Readonly<Record<string, NamedType>> = {
  "AWS::Lambda::Function": named("FunctionName", "lambda", "function:"),
  "AWS::Lambda::EventSourceMapping": {
    identify: (_name, logicalId, { stackName }) => {
      const uuid = uuidOf(`${stackName}/${logicalId}`);
      return {
        ref: uuid,
        attributes: { Id: uuid, EventSourceMappingArn: arn("lambda", `event-source-mapping:${uuid}`) },
      };
    },
  },
  "AWS::KinesisFirehose::DeliveryStream": named("DeliveryStreamName", "firehose", "deliverystream/"),
  "AWS::DynamoDB::Table": named("TableName", "dynamodb", "table/"),
  "AWS::DynamoDB::GlobalTable": named("TableName", "dynamodb", "table/"),
  "AWS::CloudWatch::Alarm": named("AlarmName", "cloudwatch", "alarm:"),
  "AWS::Events::Rule": named("Name", "events", "rule/"),
  "AWS::Scheduler::Schedule": named("Name", "scheduler", "schedule/default/"),
  "AWS::Scheduler::ScheduleGroup": named("Name", "scheduler", "schedule-group/"),
  "AWS::SQS::Queue": {
    nameProperty: "QueueName",
    identify: (name, _logicalId, { gatewayUrl }) => {
      const url = `${gatewayUrl}/${LOCAL_ACCOUNT_ID}/${name}`;
      return { ref: url, attributes: { Arn: arn("sqs", name), QueueName: name, QueueUrl: url } };
    },
  },
  "AWS::SNS::Topic": {
    nameProperty: "TopicName",
    identify: (name) => ({ ref: arn("sns", name), attributes: { TopicArn: arn("sns", name), TopicName: name } }),
  },
  "AWS::SecretsManager::Secret": {
    nameProperty: "Name",
    identify: (name) => {
      const own = arn("secretsmanager", `secret:${name}${SECRET_SUFFIX}`);
      return { ref: own, attributes: { Id: own } };
    },
  },
  "AWS::S3::Bucket": {
    nameProperty: "BucketName",
    identify: (name) => ({ ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } }),
  },
  "AWS::Logs::LogGroup": {
    nameProperty: "LogGroupName",
    identify: (name) => ({ ref: name, attributes: { Arn: `${arn("logs", `log-group:${name}`)}:*` } }),
  },
  "AWS::IAM::Role": {
    nameProperty: "RoleName",
    identify: (name) => ({ ref: name, attributes: { Arn: global(`role/${name}`), RoleId: name } }),
  },
  "AWS::IAM::ManagedPolicy": {
    nameProperty: "ManagedPolicyName",
    identify: (name) => ({ ref: global(`policy/${name}`), attributes: { PolicyArn: global(`policy/${name}`) } }),
  },
  "AWS::ApiGatewayV2::Api": {
    identify: (_name, logicalId) => {
      const id = logicalId.toLowerCase();
      return {
        ref: id,
        attributes: { ApiId: id, ApiEndpoint: `https://${id}.execute-api.${LOCAL_REGION}.amazonaws.com` },
      };
    },
  },
  "AWS::ApiGatewayV2::Stage": {
    nameProperty: "StageName",
    identify: (name) => ({ ref: name, attributes: {} }),
  },
  "AWS::CloudWatch::Dashboard": {
    nameProperty: "DashboardName",
    identify: (name) => ({ ref: name, attributes: {} }),
  },
};

/** Queues of the FIFO kind must end so; a name made from a logical id has to be given it. */
function madeUpName(type: string, properties: PropertyReader, logicalId: string, stackName: string): string {
  const name = `${stackName}-${logicalId}-local`;
  const isFifo =
    (type === "AWS::SQS::Queue" || type === "AWS::SNS::Topic") &&
    `${properties.raw("FifoQueue") ?? properties.raw("FifoTopic") ?? false}` === "true";
  if (isFifo) return `${name}.fifo`;
  return type === "AWS::S3::Bucket" ? name.toLowerCase() : name;
}

/** What `Ref` and `Fn::GetAtt` of a resource give, as the local stack will name it. */
export function identifyResource(
  type: string,
  logicalId: string,
  properties: PropertyReader,
  context: IdentityContext,
): ResourceIdentity {
  const known = TYPES[type] ?? opaque;
  const explicit = known.nameProperty === undefined ? undefined : properties.optionalText(known.nameProperty);
  const name = explicit ?? madeUpName(type, properties, logicalId, context.stackName);
  return known.identify(name, logicalId, context);
}

/** The properties that an identity is made of: only these are resolved for it, so that a policy may point at its queue. */
export function identityProperties(type: string): readonly string[] {
  const name = TYPES[type]?.nameProperty;
  return [...(name === undefined ? [] : [name]), "FifoQueue", "FifoTopic"];
}
