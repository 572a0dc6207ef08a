/**
 * One synthesised stack, resolved: every `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join` ... replaced by the local value.
 * `assembly.ts` makes it from `cdk.out`; everything else in this package runs it. ARNs are real in form
 * (`arn:aws:sqs:us-east-1:000000000000:name`).
 */
export interface StackModel {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly tables: readonly TableModel[];
  readonly httpApis: readonly HttpApiModel[];
  readonly eventSourceMappings: readonly EventSourceMappingModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly secrets: readonly SecretModel[];
  readonly topics: readonly TopicModel[];
  readonly buckets: readonly { logicalId: string; name: string; arn: string }[];
  readonly deliveryStreams: readonly DeliveryStreamModel[];
  readonly alarms: readonly AlarmModel[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Directory of the unpacked asset. */
  readonly codePath: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Undefined: unreserved. */
  readonly reservedConcurrency?: number;
  readonly role: RoleModel;
  readonly logGroupName: string;
}

/** A role with every statement of its inline and attached customer policies; AWS managed policies are expanded. */
export interface RoleModel {
  readonly logicalId: string;
  readonly arn: string;
  readonly statements: readonly PolicyStatementModel[];
}

export interface PolicyStatementModel {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources: readonly string[];
  readonly notResources?: readonly string[];
  /** As in IAM JSON: operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface QueueModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Attribute names and values as `CreateQueue` takes them, RedrivePolicy as JSON text. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface TableModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly keySchema: readonly { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  readonly attributeDefinitions: readonly { AttributeName: string; AttributeType: "S" | "N" | "B" }[];
  readonly globalSecondaryIndexes: readonly {
    IndexName: string;
    KeySchema: readonly { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
    Projection: { ProjectionType: "ALL" | "KEYS_ONLY" | "INCLUDE"; NonKeyAttributes?: readonly string[] };
  }[];
  readonly ttlAttribute?: string;
}

export interface HttpApiModel {
  readonly logicalId: string;
  readonly name: string;
  readonly routes: readonly {
    routeKey: string;
    functionArn: string;
    payloadFormat: "1.0" | "2.0";
    timeoutMs: number;
    /** In place of the stage's, and counted apart. */
    throttling?: { rateLimit: number; burstLimit: number };
  }[];
  readonly cors?: {
    allowOrigins: readonly string[];
    allowMethods: readonly string[];
    allowHeaders: readonly string[];
    exposeHeaders: readonly string[];
    maxAgeSeconds: number;
    allowCredentials: boolean;
  };
  readonly throttling?: { rateLimit: number; burstLimit: number };
  /** `$context` format of the stage's access log and its log group, when on. */
  readonly accessLog?: { format: string; logGroupName: string };
}

export interface EventSourceMappingModel {
  readonly logicalId: string;
  readonly uuid: string;
  readonly arn: string;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  readonly enabled: boolean;
}

export interface ScheduleModel {
  readonly logicalId: string;
  readonly name: string;
  /** `rate(5 minutes)` or `cron(...)`, as in EventBridge. */
  readonly expression: string;
  readonly functionArn: string;
  /** JSON text given to the function. */
  readonly input: string;
  readonly enabled: boolean;
}

export interface SecretModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** CloudFormation `GenerateSecretString`, when the template asks for a generated value. */
  readonly generate?: Readonly<Record<string, unknown>>;
  /** CloudFormation `SecretString`, when the template holds a literal. */
  readonly literal?: string;
}

export interface TopicModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly subscriptions: readonly { protocol: string; endpoint: string }[];
}

/** A Firehose stream with direct puts and a bucket behind it. */
export interface DeliveryStreamModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly bucketName: string;
  /** What writes the objects. */
  readonly role: RoleModel;
  /** With its `!{...}` expressions. */
  readonly prefix: string;
  /** Records are written out once they are this many bytes, before compression, or this old. */
  readonly bufferBytes: number;
  readonly bufferSeconds: number;
  readonly isGzip: boolean;
  /** Of object names, with its dot; empty for none. */
  readonly extension: string;
}

/** `AWS::CloudWatch::Alarm` properties, resolved; metric math included. */
export interface AlarmModel {
  readonly logicalId: string;
  readonly name: string;
  readonly description: string;
  readonly metrics: readonly MetricDataQuery[];
  readonly threshold: number;
  /** Of an anomaly or ratio alarm that compares two series. */
  readonly thresholdMetricId?: string;
  readonly comparison:
    | "GreaterThanOrEqualToThreshold"
    | "GreaterThanThreshold"
    | "LessThanThreshold"
    | "LessThanOrEqualToThreshold";
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: "breaching" | "notBreaching" | "ignore" | "missing";
  readonly alarmActions: readonly string[];
}

/** One entry of `GetMetricData`: a stat on a metric, or an expression over other ids. */
export interface MetricDataQuery {
  readonly id: string;
  readonly returnData: boolean;
  readonly expression?: string;
  readonly stat?: {
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly stat: string;
    readonly periodSeconds: number;
  };
}

/** A function's way in, shared by the HTTP API, the event source mappings and the schedules. */
export interface Invoker {
  /** Runs one invocation; resolves with what the handler returned, or with the error Lambda would report. */
  invoke(functionArn: string, payload: unknown): Promise<InvokeResult>;
}

export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      /** `throttled`: no concurrency left, the handler did not run. */
      readonly error: "throttled" | "timeout" | "out_of_memory" | "handler_error" | "init_error";
      readonly message: string;
    };

/** Receives every log line of every function and every access log line, for EMF extraction, metering and display. */
export interface LogSink {
  write(logGroupName: string, line: string, atMs: number): void;
}
