import { Stack, Validations } from "aws-cdk-lib";
import { Alarm, type AlarmProps } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { resourceName } from "./resource-name.ts";

export interface AlarmTopicProps {
  readonly environment: string;
  readonly emails: readonly string[];
}

export type PipelineAlarmProps = Omit<AlarmProps, "alarmName" | "alarmDescription"> & {
  /** After the environment in the alarm's name. */
  readonly name: string;
  /** What it means and what to do; the mail shows it. */
  readonly description: string;
};

/** The one place where alarms go. Subscribers get a mail when an alarm starts and when it ends. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;
  private readonly environment: string;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    this.environment = props.environment;
    this.topic = new Topic(this, "Topic", { topicName: resourceName(props.environment, "alarms"), enforceSSL: true });
    this.allowCloudWatch();
    for (const email of props.emails) {
      const subscription = this.topic.addSubscription(new EmailSubscription(email));
      Validations.of(subscription).acknowledge({
        id: "Serverless-SNSRedrivePolicy",
        reason: "A mail that cannot be delivered is of no use in a queue; the alarm's state and history keep it.",
      });
    }
  }

  /** An alarm that reports here. */
  addAlarm(scope: Construct, id: string, props: PipelineAlarmProps): Alarm {
    const { name, description, ...rest } = props;
    const alarm = new Alarm(scope, id, {
      ...rest,
      alarmName: resourceName(this.environment, name),
      alarmDescription: description,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  }

  // A topic's default policy lets its own account publish. Requiring TLS adds a policy, which replaces the default
  // one: without this statement every alarm would be silently refused.
  private allowCloudWatch(): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}
