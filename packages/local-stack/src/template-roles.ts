import type { PolicyStatementModel, RoleModel } from "./model.ts";
import { isObject, type JsonObject } from "./property-reader.ts";
import { attributeOf, type ResourceSet, type TemplateResource } from "./resource-set.ts";

const LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

/** Actions of the AWS managed policies that stacks of functions use, all on every resource. */
const AWS_MANAGED: Readonly<Record<string, readonly string[]>> = {
  "service-role/AWSLambdaBasicExecutionRole": LOGS,
  "service-role/AWSLambdaSQSQueueExecutionRole": [
    ...LOGS,
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
  ],
  AWSXRayDaemonWriteAccess: [
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
  ],
};

/** Every role by ARN, with the statements of all policies that reach it. */
export function readRoles(resources: ResourceSet): ReadonlyMap<string, RoleModel> {
  const customerPolicies = resources.ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy");
  const roles = resources.ofType("AWS::IAM::Role").map((role): RoleModel => {
    if (role.properties.has("PermissionsBoundary")) {
      throw new Error(`${role.properties.where}: permissions boundaries are not supported`);
    }
    const attached = customerPolicies.filter((policy) => policy.properties.texts("Roles").includes(role.identity.ref));
    return {
      logicalId: role.logicalId,
      arn: attributeOf(role, "Arn"),
      statements: [
        ...role.properties
          .objects("Policies")
          .flatMap((policy) => readStatements(policy.raw("PolicyDocument"), policy.where)),
        ...attached.flatMap((policy) =>
          readStatements(policy.properties.raw("PolicyDocument"), policy.properties.where),
        ),
        ...role.properties.texts("ManagedPolicyArns").flatMap((arn) => managedStatements(arn, role, resources)),
      ],
    };
  });
  return new Map(roles.map((role) => [role.arn, role]));
}

function managedStatements(arn: string, role: TemplateResource, resources: ResourceSet): PolicyStatementModel[] {
  const own = resources.byRef("AWS::IAM::ManagedPolicy", arn);
  if (own !== undefined) return readStatements(own.properties.raw("PolicyDocument"), own.properties.where);
  const actions = AWS_MANAGED[arn.replace(/^arn:aws:iam::aws:policy\//, "")];
  if (actions === undefined) throw new Error(`${role.properties.where}: the managed policy ${arn} is not known here`);
  return [{ effect: "Allow", actions, resources: ["*"], conditions: {} }];
}

/** The statements of an IAM policy document, with every single value made a list. */
function readStatements(document: unknown, where: string): PolicyStatementModel[] {
  const statements = isObject(document) ? document.Statement : undefined;
  return listOf(statements).map((statement) => {
    if (!isObject(statement) || (statement.Effect !== "Allow" && statement.Effect !== "Deny")) {
      throw new Error(`${where}: a policy statement needs an Effect`);
    }
    return {
      effect: statement.Effect,
      actions: textsOf(statement.Action, where),
      resources: textsOf(statement.Resource, where),
      ...(statement.NotAction === undefined ? {} : { notActions: textsOf(statement.NotAction, where) }),
      ...(statement.NotResource === undefined ? {} : { notResources: textsOf(statement.NotResource, where) }),
      conditions: readConditions(statement.Condition, where),
    };
  });
}

function readConditions(condition: unknown, where: string): PolicyStatementModel["conditions"] {
  const blocks = Object.entries(isObject(condition) ? condition : {});
  return Object.fromEntries(
    blocks.map(([operator, keys]) => {
      const entries = Object.entries<unknown>(isObject(keys) ? keys : ({} satisfies JsonObject));
      return [operator, Object.fromEntries(entries.map(([key, values]) => [key, textsOf(values, where)]))];
    }),
  );
}

function textsOf(value: unknown, where: string): string[] {
  return listOf(value).map((item) => {
    if (typeof item === "string") return item;
    if (typeof item === "boolean" || typeof item === "number") return String(item);
    throw new Error(`${where}: a policy statement holds something that is no string`);
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
