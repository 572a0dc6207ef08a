import { Match } from "aws-cdk-lib/assertions";
import { synthTemplate } from "../support/synth-stack.ts";

const development = synthTemplate();

test("reconcile runs each hour, when the hour before the last has settled", () => {
  development.hasResourceProperties("AWS::Scheduler::Schedule", {
    Name: "tracklayer-development-reconcile",
    ScheduleExpression: "cron(25 * * * ? *)",
  });
  development.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "tracklayer-development-reconciliation",
    MetricName: "ReconciliationDifferences",
    Statistic: "Sum",
    Period: 3_600,
    Threshold: 0,
    TreatMissingData: "notBreaching",
  });
});

test("without an archive reconcile is told of none, and still runs", () => {
  const template = synthTemplate({ archive: false });
  const [found] = Object.values(
    template.findResources("AWS::Lambda::Function", {
      Properties: { FunctionName: "tracklayer-development-reconcile" },
    }),
  );
  expect(found?.Properties.Environment.Variables).not.toHaveProperty("ARCHIVE_BUCKET");
  expect(found?.Properties.Environment.Variables).toHaveProperty("EVENTS_QUEUE_URL");
});

test("detect runs each hour, after the hour's metrics are in, and its failures are kept", () => {
  development.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "cron(5 * * * ? *)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: { RetryPolicy: { MaximumRetryAttempts: 5 }, DeadLetterConfig: { Arn: Match.anyValue() } },
  });
  development.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "tracklayer-development-detect",
    DeadLetterConfig: { TargetArn: Match.anyValue() },
  });
});

test("maintain runs each minute, and a start that comes late is dropped: the next one does the same", () => {
  development.hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "rate(1 minute)",
    Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } },
  });
  development.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "tracklayer-development-maintain",
    Timeout: 55,
  });
  development.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
    FunctionName: { Ref: Match.stringLikeRegexp("^MaintenanceMaintain") },
    MaximumEventAgeInSeconds: 180,
    MaximumRetryAttempts: 1,
  });
});
