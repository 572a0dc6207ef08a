import type { QueueModel, SecretModel, StackModel, TableModel, TopicModel } from "./model.ts";
import { isObject, type PropertyReader } from "./property-reader.ts";
import { attributeOf, type ResourceSet, type TemplateResource } from "./resource-set.ts";

const QUEUE_ATTRIBUTES = [
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "DelaySeconds",
  "FifoQueue",
  "FifoThroughputLimit",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
];

/** A queue, its properties turned into the attributes of `CreateQueue`. */
export function readQueue(found: TemplateResource): QueueModel {
  const { properties, logicalId } = found;
  const name = attributeOf(found, "QueueName");
  const attributes: Record<string, string> = {};
  for (const attribute of QUEUE_ATTRIBUTES) {
    const value = properties.optionalText(attribute);
    if (value !== undefined) attributes[attribute] = value;
  }
  for (const policy of ["RedrivePolicy", "RedriveAllowPolicy"]) {
    if (properties.has(policy)) attributes[policy] = JSON.stringify(properties.raw(policy));
  }
  if ((attributes.FifoQueue === "true") !== name.endsWith(".fifo")) {
    throw new Error(`${properties.where}: the name of a FIFO queue, and only of one, ends in .fifo`);
  }
  return { logicalId, name, arn: attributeOf(found, "Arn"), attributes };
}

/** A table of one region; streams, local indexes and replicas elsewhere are refused. */
export function readTable(found: TemplateResource): TableModel {
  const { properties, logicalId, identity } = found;
  for (const unsupported of ["LocalSecondaryIndexes", "StreamSpecification", "KinesisStreamSpecification"]) {
    if (properties.has(unsupported)) throw new Error(`${properties.where}: ${unsupported} is not supported`);
  }
  if (properties.objects("Replicas").length > 1) throw new Error(`${properties.where}: replicas are not supported`);
  const ttl = properties.object("TimeToLiveSpecification");
  const ttlAttribute = ttl.flag("Enabled", false) ? ttl.text("AttributeName") : undefined;
  return {
    logicalId,
    name: identity.ref,
    arn: attributeOf(found, "Arn"),
    keySchema: readKeySchema(properties),
    attributeDefinitions: properties.objects("AttributeDefinitions").map((definition) => ({
      AttributeName: definition.text("AttributeName"),
      AttributeType: definition.oneOf("AttributeType", ["S", "N", "B"]),
    })),
    globalSecondaryIndexes: properties.objects("GlobalSecondaryIndexes").map((index) => {
      const projection = index.object("Projection");
      const nonKey = projection.texts("NonKeyAttributes");
      return {
        IndexName: index.text("IndexName"),
        KeySchema: readKeySchema(index),
        Projection: {
          ProjectionType: projection.oneOf("ProjectionType", ["ALL", "KEYS_ONLY", "INCLUDE"]),
          ...(nonKey.length === 0 ? {} : { NonKeyAttributes: nonKey }),
        },
      };
    }),
    ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
  };
}

function readKeySchema(owner: PropertyReader): TableModel["keySchema"] {
  return owner.objects("KeySchema").map((key) => ({
    AttributeName: key.text("AttributeName"),
    KeyType: key.oneOf("KeyType", ["HASH", "RANGE"]),
  }));
}

/** A secret; what it holds is decided by the secrets file, then by the template. */
export function readSecret({ properties, logicalId, identity }: TemplateResource): SecretModel {
  const generate = properties.raw("GenerateSecretString");
  const literal = properties.optionalText("SecretString");
  const name = /:secret:(.*)-[^-]{6}$/.exec(identity.ref)?.[1] ?? identity.ref;
  return {
    logicalId,
    name,
    arn: identity.ref,
    description: properties.optionalText("Description") ?? "",
    ...(isObject(generate) ? { generate } : {}),
    ...(literal === undefined ? {} : { literal }),
  };
}

/** Topics with their subscriptions, whether given inside the topic or as resources of their own. */
export function readTopics(resources: ResourceSet): TopicModel[] {
  const subscriptions = resources.ofType("AWS::SNS::Subscription");
  return resources.ofType("AWS::SNS::Topic").map((topic) => {
    const arn = topic.identity.ref;
    const own = topic.properties.objects("Subscription");
    const apart = subscriptions.map((found) => found.properties).filter((found) => found.text("TopicArn") === arn);
    return {
      logicalId: topic.logicalId,
      name: attributeOf(topic, "TopicName"),
      arn,
      subscriptions: [...own, ...apart].map((found) => ({
        protocol: found.text("Protocol"),
        endpoint: found.text("Endpoint"),
      })),
    };
  });
}

/** A bucket; lifecycle, encryption and the like change nothing here. */
export function readBucket(found: TemplateResource): StackModel["buckets"][number] {
  return { logicalId: found.logicalId, name: found.identity.ref, arn: attributeOf(found, "Arn") };
}
