import type { Need } from "./authorization.ts";
import type { RequestContext } from "./iam.ts";
import type { TableModel } from "./model.ts";
import { isObject, type JsonObject } from "./property-reader.ts";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "./resource-identity.ts";

const ARN_REST = `${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}`;

/** What an SQS operation must be allowed. */
export function queueNeeds(operation: string, input: JsonObject): Need[] {
  // The permission for a batch is that of the single operation.
  const action = `sqs:${operation.replace(/(Message|Visibility)Batch$/, "$1")}`;
  if (operation === "ListQueues") return [{ action, resource: "*" }];
  if (operation === "StartMessageMoveTask") {
    const source = String(input.SourceArn);
    const reads = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    const needs = reads.map((needed) => ({ action: needed, resource: source }));
    const target = input.DestinationArn;
    return typeof target === "string" ? [...needs, { action: "sqs:SendMessage", resource: target }] : needs;
  }
  if (typeof input.SourceArn === "string") return [{ action, resource: input.SourceArn }];
  return [{ action, resource: `arn:aws:sqs:${ARN_REST}:${queueNameOf(input)}` }];
}

/** The queue that an SQS request is about: its name, or the last part of its URL. */
export function queueNameOf({ QueueUrl, QueueName }: JsonObject): string {
  const reference = String(QueueUrl ?? QueueName ?? "");
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** What a Secrets Manager operation must be allowed. */
export function secretNeeds(operation: string, input: JsonObject, arnOf: (secretId: string) => string): Need[] {
  const action = `secretsmanager:${operation}`;
  if (operation === "BatchGetSecretValue") {
    const ids = Array.isArray(input.SecretIdList) ? input.SecretIdList.map(String) : [];
    const each = ids.map((id) => ({ action: "secretsmanager:GetSecretValue", resource: arnOf(id) }));
    return [{ action, resource: "*" }, ...each];
  }
  return [{ action, resource: typeof input.SecretId === "string" ? arnOf(input.SecretId) : "*" }];
}

/** What a CloudWatch operation must be allowed. */
export function metricNeeds(operation: string, input: JsonObject): Need[] {
  const context: RequestContext =
    typeof input.Namespace === "string" ? { "cloudwatch:namespace": [input.Namespace] } : {};
  return [{ action: `cloudwatch:${operation}`, resource: "*", context }];
}

/** What a DynamoDB operation must be allowed, table by table; `withContext` when the role's policy has conditions. */
export function tableNeeds(
  operation: string,
  input: JsonObject,
  modelOf: (tableName: string) => TableModel | undefined,
  withContext: boolean,
): Need[] {
  const action = `dynamodb:${operation}`;
  if (operation === "ListTables") return [{ action, resource: "*" }];
  return requestsPerTable(operation, input).map(([tableName, request]) => {
    const table = `arn:aws:dynamodb:${ARN_REST}:table/${tableName}`;
    const resource = typeof input.IndexName === "string" ? `${table}/index/${input.IndexName}` : table;
    const model = withContext ? modelOf(tableName) : undefined;
    return model === undefined ? { action, resource } : { action, resource, context: tableContext(request, model) };
  });
}

function requestsPerTable(operation: string, input: JsonObject): [string, JsonObject][] {
  if (operation !== "BatchGetItem" && operation !== "BatchWriteItem") return [[String(input.TableName), input]];
  const tables = isObject(input.RequestItems) ? Object.entries(input.RequestItems) : [];
  return tables.map(([name, request]) => [name, isObject(request) ? request : { Writes: request }]);
}

/** `dynamodb:LeadingKeys` and `dynamodb:Attributes`, as far as the request itself tells them. */
function tableContext(request: JsonObject, model: TableModel): RequestContext {
  const index = model.globalSecondaryIndexes.find(({ IndexName }) => IndexName === request.IndexName);
  const keys = index?.KeySchema ?? model.keySchema;
  const hashKey = keys.find((key) => key.KeyType === "HASH")?.AttributeName ?? "";
  const items = itemsOf(request);
  const leading = items.map((item) => scalarOf(item[hashKey])).filter((value) => value !== undefined);
  const queried = queriedKey(request, hashKey);
  const attributes = new Set(items.flatMap((item) => Object.keys(item)));
  for (const name of namesInExpressions(request)) attributes.add(name);
  return {
    "dynamodb:LeadingKeys": queried === undefined ? leading : [...leading, queried],
    "dynamodb:Attributes": [...attributes],
    ...(typeof request.Select === "string" ? { "dynamodb:Select": [request.Select] } : {}),
    ...(typeof request.ReturnValues === "string" ? { "dynamodb:ReturnValues": [request.ReturnValues] } : {}),
  };
}

function itemsOf(request: JsonObject): JsonObject[] {
  const writes = Array.isArray(request.Writes) ? request.Writes.filter(isObject) : [];
  const keys = Array.isArray(request.Keys) ? request.Keys : [];
  const puts = writes.map(({ PutRequest }) => (isObject(PutRequest) ? PutRequest.Item : undefined));
  const deletes = writes.map(({ DeleteRequest }) => (isObject(DeleteRequest) ? DeleteRequest.Key : undefined));
  return [request.Key, request.Item, ...keys, ...puts, ...deletes].filter(isObject);
}

/** The partition key's value in a `KeyConditionExpression`. */
function queriedKey(request: JsonObject, hashKey: string): string | undefined {
  const names = isObject(request.ExpressionAttributeNames) ? request.ExpressionAttributeNames : {};
  const values = isObject(request.ExpressionAttributeValues) ? request.ExpressionAttributeValues : {};
  for (const [, name = "", value = ""] of String(request.KeyConditionExpression ?? "").matchAll(
    /([#\w.-]+)\s*=\s*(:\w+)/g,
  )) {
    if ((names[name] ?? name) === hashKey) return scalarOf(values[value]);
  }
  return undefined;
}

function scalarOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const scalar = value.S ?? value.N ?? value.B;
  return typeof scalar === "string" ? scalar : undefined;
}

const EXPRESSIONS = [
  "ConditionExpression",
  "FilterExpression",
  "KeyConditionExpression",
  "ProjectionExpression",
  "UpdateExpression",
];
const KEYWORDS = new Set(
  "SET ADD REMOVE DELETE AND OR NOT IN BETWEEN if_not_exists list_append attribute_exists attribute_not_exists attribute_type begins_with contains size".split(
    " ",
  ),
);

function namesInExpressions(request: JsonObject): string[] {
  const names = isObject(request.ExpressionAttributeNames) ? request.ExpressionAttributeNames : {};
  const found: string[] = [];
  for (const key of EXPRESSIONS) {
    // Values begin with a colon, nested members with a dot: neither is an attribute of the item.
    for (const [word] of String(request[key] ?? "").matchAll(/(?<![:.\w#])[#A-Za-z_][\w-]*/g)) {
      if (!KEYWORDS.has(word)) found.push(String(names[word] ?? word));
    }
  }
  return found;
}
