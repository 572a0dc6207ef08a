import type { EventSourceMappingModel, FunctionModel, RoleModel, ScheduleModel } from "./model.ts";
import type { PropertyReader } from "./property-reader.ts";
import { attributeOf, type ResourceSet, type TemplateResource } from "./resource-set.ts";

/** A function whose code is a directory asset of the assembly. */
export function readFunction(
  found: TemplateResource,
  roles: ReadonlyMap<string, RoleModel>,
  assetPaths: ReadonlyMap<string, string>,
): FunctionModel {
  const { properties, logicalId, identity } = found;
  const role = roles.get(properties.text("Role"));
  if (role === undefined) throw new Error(`${properties.where}: its role is not in this template`);
  const codePath = assetPaths.get(properties.object("Code").optionalText("S3Key") ?? "");
  if (codePath === undefined || codePath.endsWith(".zip")) {
    throw new Error(
      `${properties.where}: its code must be a directory asset; inline code, images and zips do not run here`,
    );
  }
  if (!properties.text("Runtime").startsWith("nodejs")) {
    throw new Error(`${properties.where}: runtime ${properties.text("Runtime")} does not run here, only nodejs does`);
  }
  if (properties.has("Layers")) throw new Error(`${properties.where}: layers are not supported`);
  const reserved = properties.optionalNumber("ReservedConcurrentExecutions");
  return {
    logicalId,
    name: identity.ref,
    arn: attributeOf(found, "Arn"),
    codePath,
    handler: properties.text("Handler"),
    environment: properties.object("Environment").textMap("Variables"),
    memoryMb: properties.number("MemorySize", 128),
    timeoutSeconds: properties.number("Timeout", 3),
    ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
    role,
    logGroupName: properties.object("LoggingConfig").optionalText("LogGroup") ?? `/aws/lambda/${identity.ref}`,
  };
}

/** A mapping from a queue; other event sources are refused. */
export function readEventSourceMapping(found: TemplateResource): EventSourceMappingModel {
  const { properties, logicalId } = found;
  const queueArn = properties.text("EventSourceArn");
  if (!queueArn.startsWith("arn:aws:sqs:"))
    throw new Error(`${properties.where}: only queues can be event sources here`);
  if (properties.has("FilterCriteria")) throw new Error(`${properties.where}: filter criteria are not supported`);
  const isFifo = queueArn.endsWith(".fifo");
  const batchSize = properties.number("BatchSize", 10);
  const windowSeconds = properties.number("MaximumBatchingWindowInSeconds", 0);
  // What Lambda refuses at deployment must not work here.
  if (isFifo && (batchSize > 10 || windowSeconds > 0)) {
    throw new Error(`${properties.where}: a FIFO queue takes batches of at most 10 and no batching window`);
  }
  if (batchSize > 10 && windowSeconds < 1) {
    throw new Error(`${properties.where}: a batch size over 10 needs a batching window of at least one second`);
  }
  const maximumConcurrency = properties.object("ScalingConfig").optionalNumber("MaximumConcurrency");
  return {
    logicalId,
    uuid: attributeOf(found, "Id"),
    arn: attributeOf(found, "EventSourceMappingArn"),
    queueArn,
    functionArn: functionArnOf(properties.text("FunctionName")),
    batchSize,
    windowSeconds,
    ...(maximumConcurrency === undefined ? {} : { maximumConcurrency }),
    reportBatchItemFailures: properties.texts("FunctionResponseTypes").includes("ReportBatchItemFailures"),
    enabled: properties.flag("Enabled", true),
  };
}

/** Schedules of EventBridge Scheduler, and rules of EventBridge that run on a schedule. */
export function readSchedules(resources: ResourceSet): ScheduleModel[] {
  return [
    ...resources.ofType("AWS::Scheduler::Schedule").map(readSchedule),
    ...resources.ofType("AWS::Events::Rule").flatMap(readRule),
  ];
}

function readSchedule(found: TemplateResource): ScheduleModel {
  const { properties, logicalId, identity } = found;
  const timezone = properties.optionalText("ScheduleExpressionTimezone") ?? "UTC";
  if (timezone !== "UTC" && timezone !== "Etc/UTC") throw new Error(`${properties.where}: schedules run in UTC here`);
  return {
    logicalId,
    name: identity.ref,
    expression: properties.text("ScheduleExpression"),
    ...readTarget(properties.object("Target"), attributeOf(found, "Arn"), "aws.scheduler"),
    enabled: properties.oneOf("State", ["ENABLED", "DISABLED"], "ENABLED") === "ENABLED",
  };
}

function readRule(found: TemplateResource): ScheduleModel[] {
  const { properties, logicalId, identity } = found;
  if (properties.has("EventPattern")) throw new Error(`${properties.where}: rules on event patterns are not supported`);
  return properties.objects("Targets").map((target) => ({
    logicalId,
    name: identity.ref,
    expression: properties.text("ScheduleExpression"),
    ...readTarget(target, attributeOf(found, "Arn"), "aws.events"),
    enabled: properties.oneOf("State", ["ENABLED", "DISABLED"], "ENABLED") === "ENABLED",
  }));
}

function readTarget(
  target: PropertyReader,
  scheduleArn: string,
  source: string,
): { functionArn: string; input: string } {
  const functionArn = target.text("Arn");
  if (!functionArn.startsWith("arn:aws:lambda:"))
    throw new Error(`${target.where}: only functions can be targets here`);
  // Without an input of its own a target gets the event that EventBridge makes.
  const event = { version: "0", "detail-type": "Scheduled Event", source, resources: [scheduleArn], detail: {} };
  return { functionArn, input: target.optionalText("Input") ?? JSON.stringify(event) };
}

/** Mappings and integrations may name a function by name, ARN, or API Gateway's invocation ARN. */
export function functionArnOf(reference: string): string {
  const found = /arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+/.exec(reference);
  return found?.[0] ?? `arn:aws:lambda:us-east-1:000000000000:function:${reference}`;
}
