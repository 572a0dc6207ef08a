import { createHash } from "node:crypto";
import { join } from "node:path";
import { AssetHashType, type Duration, Stack, Validations } from "aws-cdk-lib";
import { type IGrantable, type IPrincipal, type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Function as CdkFunction, Code, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { bundleLambda, entryPath, PROJECT_ROOT } from "./bundle-lambda.ts";
import { resourceName } from "./resource-name.ts";

export interface LambdaFunctionProps {
  /** What the function does, after the environment in its name: `ingest`, `deliver-meta`. */
  readonly name: string;
  /** Entry file, from the root of the repository. */
  readonly entry: string;
  /** What the function may know; shipped beside its bundle. */
  readonly config: ResolvedConfig;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Shared by all functions of the environment. */
  readonly logGroup: ILogGroup;
  readonly description: string;
  /**
   * Where events of failed asynchronous invocations go; only for functions that are invoked so.
   * @default none: an event source mapping or the HTTP API waits for the answer
   */
  readonly asyncFailures?: IQueue;
}

/**
 * One λ: a bundle of its own, a role that may only write its logs, and one way to give it more: `allow`, which takes
 * the environment variable and the permission together so that they cannot drift apart.
 */
export class LambdaFunction extends Construct implements IGrantable {
  readonly function: CdkFunction;
  readonly grantPrincipal: IPrincipal;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: LambdaFunctionProps) {
    super(scope, id);
    const functionName = resourceName(props.config.environment, props.name);

    // A role without the AWS managed policy, which lets a function write to every log group of the account.
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    props.logGroup.grantWrite(this.role);
    this.grantPrincipal = this.role;

    this.function = new CdkFunction(this, "Function", {
      functionName,
      description: props.description,
      code: lambdaCode(this, props),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role: this.role,
      logGroup: props.logGroup,
      // Lambda's JSON format wraps each line in an envelope of its own, and would drop levels it does not like. Our
      // lines are JSON already, and metrics are found in them only when the line itself is the EMF document.
      loggingFormat: LoggingFormat.TEXT,
      ...(props.asyncFailures === undefined ? {} : { deadLetterQueue: props.asyncFailures }),
    });
    this.acknowledge(props);
  }

  /** Sets environment variables and adds the permissions that their use needs, in one call. */
  allow(environment: Readonly<Record<string, string>>, ...statements: readonly PolicyStatement[]): void {
    for (const [name, value] of Object.entries(environment)) this.function.addEnvironment(name, value);
    for (const statement of statements) this.role.addToPrincipalPolicy(statement);
  }

  private acknowledge(props: LambdaFunctionProps): void {
    Validations.of(this.function).acknowledge({
      id: "Serverless-LambdaTracing",
      reason:
        "The story of every event is kept with its receipts and shown by `npx tracklayer trace`; X-Ray would add a price per request and a permission on all resources, and would sample.",
    });
    if (props.asyncFailures === undefined) {
      Validations.of(this.function).acknowledge({
        id: "Serverless-LambdaDLQ",
        reason:
          "Never invoked asynchronously: the HTTP API answers its caller with the failure, and an event source mapping puts the messages back on a queue that has its own dead-letter queue.",
      });
    }
  }
}

function lambdaCode(scope: Construct, props: LambdaFunctionProps): Code {
  // Fail while the app is built, with the name of the missing file, and not inside of the bundler.
  if (Stack.of(scope).bundlingRequired) entryPath(props);
  return Code.fromAsset(join(PROJECT_ROOT, "lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: Runtime.NODEJS_24_X.bundlingImage,
      // Never run: it makes the bundles of different functions differ in the key under which CDK caches assets, for
      // which the function below does not count.
      command: [props.entry, createHash("sha256").update(JSON.stringify(props.config)).digest("hex")],
      local: {
        tryBundle(directory) {
          bundleLambda(props, directory);
          return true;
        },
      },
    },
  });
}
