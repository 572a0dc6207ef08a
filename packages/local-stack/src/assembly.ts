import { findStack } from "./cloud-assembly.ts";
import { IntrinsicResolver, type ResourceIdentity } from "./intrinsics.ts";
import type { StackModel } from "./model.ts";
import { isObject, type JsonObject, PropertyReader } from "./property-reader.ts";
import { identifyResource, identityProperties, LOCAL_ACCOUNT_ID, LOCAL_REGION } from "./resource-identity.ts";
import { ResourceSet, type TemplateResource } from "./resource-set.ts";
import { readAlarm } from "./template-alarms.ts";
import { readBucket, readQueue, readSecret, readTable, readTopics } from "./template-data.ts";
import { readDeliveryStream } from "./template-firehose.ts";
import { readEventSourceMapping, readFunction, readSchedules } from "./template-functions.ts";
import { readHttpApis } from "./template-http-api.ts";
import { readRoles } from "./template-roles.ts";

/** How the assembly is read. */
export interface AssemblyOptions {
  /** Needed when the assembly holds several stacks. */
  readonly stackName?: string;
  /** Origin of the local gateway: queue URLs begin with it. */
  readonly gatewayUrl: string;
}

/** Types that are modelled: on their own, or folded into the model of another resource. */
const MODELLED_TYPES = new Set([
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::CloudWatch::Alarm",
  "AWS::DynamoDB::GlobalTable",
  "AWS::DynamoDB::Table",
  "AWS::Events::Rule",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KinesisFirehose::DeliveryStream",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Function",
  "AWS::S3::Bucket",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SQS::Queue",
  "AWS::Scheduler::Schedule",
  "AWS::SecretsManager::Secret",
]);

/** Types that change nothing about how the stack behaves on one machine. Every type on neither list is refused. */
const INERT_TYPES = new Set([
  "AWS::ApiGateway::Account",
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Dashboard",
  // Where a failed asynchronous invocation goes; local schedules report their failures in the log instead.
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
  "AWS::Logs::LogStream",
  "AWS::Logs::QueryDefinition",
  "AWS::Logs::ResourcePolicy",
  "AWS::S3::BucketPolicy",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
  "AWS::Scheduler::ScheduleGroup",
  "AWS::SecretsManager::ResourcePolicy",
]);

/** Reads a synthesised stack; throws, naming type and logical id, on what the local stack could not run faithfully. */
export function readAssembly(cdkOutDir: string, options: AssemblyOptions): StackModel {
  const { stackName, template, assetPaths } = findStack(cdkOutDir, options.stackName);
  const raw = presentResources(template);
  refuseUnknownTypes(raw);
  const identities = new Map<string, ResourceIdentity>();
  const resolver: IntrinsicResolver = new IntrinsicResolver({
    parameters: parameterValues(template, stackName),
    conditions: section(template, "Conditions"),
    mappings: section(template, "Mappings"),
    identify,
  });

  function identify(logicalId: string): ResourceIdentity | undefined {
    const resource = section(template, "Resources")[logicalId];
    if (!isObject(resource)) return undefined;
    let identity = identities.get(logicalId);
    if (identity === undefined) {
      const properties = isObject(resource.Properties) ? resource.Properties : {};
      const type = String(resource.Type);
      const naming = Object.fromEntries(identityProperties(type).map((key) => [key, properties[key]]));
      const reader = new PropertyReader(logicalId, asObject(resolver.resolve(naming, logicalId)));
      identity = identifyResource(type, logicalId, reader, { stackName, gatewayUrl: options.gatewayUrl });
      identities.set(logicalId, identity);
    }
    return identity;
  }

  const included = [...raw].filter(
    ([, { Condition }]) => typeof Condition !== "string" || resolver.condition(Condition),
  );
  const resources = new ResourceSet(
    included
      .filter(([, { Type }]) => MODELLED_TYPES.has(String(Type)))
      .map(([logicalId, { Type, Properties }]): TemplateResource => {
        const identity = identify(logicalId) ?? { ref: logicalId, attributes: {} };
        const properties = asObject(resolver.resolve(Properties ?? {}, `${logicalId}.Properties`));
        return {
          type: String(Type),
          logicalId,
          identity,
          properties: new PropertyReader(`${logicalId} (${Type})`, properties),
        };
      }),
  );
  return buildModel(stackName, resources, assetPaths, readOutputs(template, resolver));
}

function buildModel(
  stackName: string,
  resources: ResourceSet,
  assetPaths: ReadonlyMap<string, string>,
  outputs: Record<string, string>,
): StackModel {
  const roles = readRoles(resources);
  return {
    stackName,
    region: LOCAL_REGION,
    accountId: LOCAL_ACCOUNT_ID,
    functions: resources.ofType("AWS::Lambda::Function").map((found) => readFunction(found, roles, assetPaths)),
    queues: resources.ofType("AWS::SQS::Queue").map(readQueue),
    tables: resources.ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable").map(readTable),
    httpApis: readHttpApis(resources),
    eventSourceMappings: resources.ofType("AWS::Lambda::EventSourceMapping").map(readEventSourceMapping),
    schedules: readSchedules(resources),
    secrets: resources.ofType("AWS::SecretsManager::Secret").map(readSecret),
    topics: readTopics(resources),
    buckets: resources.ofType("AWS::S3::Bucket").map(readBucket),
    deliveryStreams: resources
      .ofType("AWS::KinesisFirehose::DeliveryStream")
      .map((found) => readDeliveryStream(found, roles)),
    alarms: resources.ofType("AWS::CloudWatch::Alarm").map(readAlarm),
    outputs,
  };
}

function presentResources(template: JsonObject): Map<string, JsonObject> {
  const found = Object.entries(section(template, "Resources"));
  return new Map(found.map(([logicalId, resource]) => [logicalId, asObject(resource)]));
}

function refuseUnknownTypes(resources: ReadonlyMap<string, JsonObject>): void {
  const unknown = [...resources]
    .filter(([, { Type }]) => !MODELLED_TYPES.has(String(Type)) && !INERT_TYPES.has(String(Type)))
    .map(([logicalId, { Type }]) => `${logicalId} (${Type})`);
  if (unknown.length > 0) throw new Error(`The local stack cannot run these resources: ${unknown.join(", ")}`);
}

function parameterValues(template: JsonObject, stackName: string): Record<string, unknown> {
  const values: Record<string, unknown> = {
    "AWS::AccountId": LOCAL_ACCOUNT_ID,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": LOCAL_REGION,
    "AWS::StackId": `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:stack/${stackName}/local`,
    "AWS::StackName": stackName,
    "AWS::URLSuffix": "amazonaws.com",
  };
  for (const [name, definition] of Object.entries(section(template, "Parameters"))) {
    const { Default, Type } = asObject(definition);
    if (Default === undefined) throw new Error(`Parameters.${name} has no default, and the local stack asks no one`);
    const isList = Type === "CommaDelimitedList" || String(Type).startsWith("List<");
    values[name] = isList ? String(Default).split(",") : Default;
  }
  return values;
}

function readOutputs(template: JsonObject, resolver: IntrinsicResolver): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(section(template, "Outputs"))) {
    const { Value, Condition } = asObject(output);
    if (typeof Condition === "string" && !resolver.condition(Condition)) continue;
    outputs[name] = String(resolver.resolve(Value, `Outputs.${name}`));
  }
  return outputs;
}

function section(template: JsonObject, name: string): JsonObject {
  return asObject(template[name]);
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
