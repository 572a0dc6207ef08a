import { Duration, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledgeDeadLetterQueue } from "./acknowledgements.ts";
import { LambdaFunction, type LambdaFunctionProps } from "./lambda-function.ts";
import { resourceName } from "./resource-name.ts";

export interface ScheduledFunctionProps extends Omit<LambdaFunctionProps, "asyncFailures"> {
  /** `rate(1 minute)`, `cron(5 * * * ? *)`. */
  readonly schedule: string;
  /** Shared by all schedules: see `scheduleDeadLetters`. */
  readonly deadLetters: Queue;
  /** How long a start that could not be made is worth making late. Not at all when absent. */
  readonly startWithin?: Duration;
  /**
   * How often λ runs it again after a failure, and until when.
   * @default 2 times within 6 hours
   */
  readonly again?: { readonly times: number; readonly within: Duration };
}

/** A λ that a schedule starts, and no one else. */
export class ScheduledFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: ScheduledFunctionProps) {
    super(scope, id);
    this.lambda = new LambdaFunction(this, "Run", { ...props, asyncFailures: props.deadLetters });
    const { again } = props;
    if (again !== undefined) {
      this.lambda.function.configureAsyncInvoke({ retryAttempts: again.times, maxEventAge: again.within });
      Validations.of(this.lambda.function).acknowledge({
        id: "Serverless-LambdaAsyncFailureDestination",
        reason: "The function's dead-letter queue takes what failed; a destination would be a second place for it.",
      });
    }
    this.addSchedule(props);
  }

  // The L2 target would grant every version of the function by a wildcard; this role can start the function, no more.
  private addSchedule({ config, deadLetters, description, name, schedule, startWithin }: ScheduledFunctionProps): void {
    const role = new Role(this, "ScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    const { functionArn } = this.lambda.function;
    const start = [
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [functionArn] }),
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }),
    ];
    for (const statement of start) role.addToPrincipalPolicy(statement);
    const resource = new CfnSchedule(this, "Schedule", {
      name: resourceName(config.environment, name),
      description,
      scheduleExpression: schedule,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: deadLetters.queueArn },
        retryPolicy:
          startWithin === undefined
            ? { maximumEventAgeInSeconds: Duration.minutes(1).toSeconds(), maximumRetryAttempts: 0 }
            : { maximumEventAgeInSeconds: startWithin.toSeconds(), maximumRetryAttempts: 5 },
      },
    });
    // Scheduler checks at creation that the role may do what the target needs.
    resource.node.addDependency(role);
  }
}

/**
 * For runs that could not be started (the schedules) and runs that failed (the λs' asynchronous invocations). One for
 * all schedules: each of its own would be one more alarm to pay for, and what is in it says whose it is.
 */
export function scheduleDeadLetters(scope: Construct, environment: string): Queue {
  const queue = new Queue(scope, "ScheduleDeadLetters", {
    queueName: resourceName(environment, "schedules-dlq"),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledgeDeadLetterQueue(queue);
  return queue;
}
