import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { ResolvedConfig, ResolvedDestination } from "../../src/config/resolved-config.ts";
import type { AlarmTopic } from "./alarm-topic.ts";
import { pipelineMetric } from "./pipeline-metric.ts";
import { addBacklogAlarm, addDeadLetterAlarm } from "./queue-alarms.ts";
import { resourceName } from "./resource-name.ts";

export interface LaneAlarmsProps {
  readonly config: ResolvedConfig;
  readonly lane: ResolvedDestination;
  readonly matchesPeople: boolean;
  readonly alarms: AlarmTopic;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
}

/** Share of attempts that failed, percent. */
const FAILURE_PERCENT = 20;
/** Under this many outcomes in a period a share says nothing. */
const FEWEST_OUTCOMES = 10;

/** The last hour's match quality in relation to the day's. */
const QUALITY_RATIO = 0.8;
/** Under this many events in the last hour its average says nothing. */
const FEWEST_SCORES = 20;

/**
 * From here on a lane's backlog alarms. A function that crashes on every batch counts no outcome, so that the failure
 * share is silent, and its `Errors` in there would be one more metric for each lane: over the idle stack's budget. The
 * age of its messages tells: they come again each visibility timeout (twelve minutes), and leave the metric after three
 * receives. An hour would never be seen. Nor is the wait of an event for its other copy, which is 15 minutes at most.
 */
const BACKLOG = Duration.minutes(20);

/** Alarms of one destination. Each metric in an expression is billed like an alarm: see `idle-cost.test.ts`. */
export function addLaneAlarms(scope: Construct, props: LaneAlarmsProps): void {
  const { alarms, lane } = props;
  addFailureAlarm(scope, props);
  // With an archive a detector compares each identifier with past weeks, and names it: see `src/detectors/quality-drop.ts`.
  if (props.matchesPeople && props.config.archive === undefined) addQualityAlarm(scope, props);
  addBacklogAlarm(scope, alarms, { name: `lane-${lane.id}`, queue: props.queue, oldest: BACKLOG });
  const queue = resourceName(props.config.environment, "lane", lane.id);
  addDeadLetterAlarm(scope, alarms, {
    name: `lane-${lane.id}`,
    queue: props.deadLetterQueue,
    // The λ put them there itself, so SQS does not know where they came from: the destination has to be named.
    description: `Events that could not be delivered to ${lane.id} in time, or messages that are no events, wait in ${queue}-dlq; their attribute \`reason\` says why. Mend the cause, then redrive with ${queue} as the destination: what the platform still takes is tried for another ${props.config.delivery.retryWindowMs / 3_600_000} h, what was delivered is not sent again.`,
  });
}

/**
 * Of failures the share counts, and of a stopped lane every minute: nothing of it passes, and on a quiet lane what failed
 * would never be a share of anything. Credentials that are refused stop a lane at once, so that they need no metric of
 * their own; an alarm of its own would put the idle stack over its budget.
 *
 * Expired deliveries are left out: each is a message on the DLQ, which has its own alarm.
 */
function addFailureAlarm(scope: Construct, { config, lane, alarms }: LaneAlarmsProps): void {
  const period = Duration.minutes(15);
  const outcome = (name: string) =>
    pipelineMetric({
      environment: config.environment,
      name: "Deliveries",
      dimensions: { destination: lane.id, outcome: name },
      statistic: "Sum",
      period,
    });
  const failed = "(FILL(retried, 0) + FILL(rejected, 0))";
  const all = `(${failed} + FILL(delivered, 0))`;
  alarms.addAlarm(scope, "FailureShare", {
    name: `${lane.id}-failure-share`,
    description: `More than ${FAILURE_PERCENT} % of the attempts to deliver to ${lane.id} failed in two quarters of the last hour, or the lane was stopped in both: by its breaker (the platform is down, asks to wait, or refuses the credentials in ${lane.secretName}) or by a person. Events wait until it flows again. \`npx tracklayer destinations\` says which, and why. Mend the cause: the breaker tries by itself, at most 15 minutes apart; \`npx tracklayer resume ${lane.id}\` tries at once, and ends a pause.`,
    metric: new MathExpression({
      label: `failed attempts of ${lane.id}, percent; 100 while it is stopped`,
      expression: `IF(FILL(stopped, 0) > 0, 100, IF(${all} >= ${FEWEST_OUTCOMES}, 100 * ${failed} / ${all}, 0))`,
      usingMetrics: {
        delivered: outcome("delivered"),
        retried: outcome("retry"),
        rejected: outcome("rejected"),
        stopped: pipelineMetric({
          environment: config.environment,
          name: "LaneStopped",
          dimensions: { destination: lane.id },
          statistic: "Sum",
          period,
        }),
      },
      period,
    }),
    threshold: FAILURE_PERCENT,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 4,
    datapointsToAlarm: 2,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/**
 * For stacks without an archive, where nothing is known event by event: a coarse look at the average.
 *
 * The last hour against the lane's own last day, in one alarm. All metrics of an alarm share its period, so the day is
 * not a second metric of another period; it is the alarm's evaluation range: 24 periods of an hour. `AVG` of a series
 * is one number over that range. Hours are numbered by a running sum of ones, so that only the newest is compared and
 * the 23 others stand at 1: one breaching hour out of 24 is then the newest one.
 *
 * The average includes the hour itself, and each hour weighs the same however many events it had: a real drop shows a
 * little smaller than it is. No anomaly detection band: it costs three metrics and learns for two weeks.
 */
function addQualityAlarm(scope: Construct, { config, lane, alarms }: LaneAlarmsProps): void {
  const period = Duration.hours(1);
  const quality = (statistic: string) =>
    pipelineMetric({
      environment: config.environment,
      name: "MatchQuality",
      dimensions: { destination: lane.id },
      statistic,
      period,
    });
  const scores = quality("SampleCount");
  const hour = new MathExpression({
    label: "number of the hour",
    expression: "RUNNING_SUM(FILL(scores, 0) * 0 + 1)",
    usingMetrics: { scores },
    period,
  });
  alarms.addAlarm(scope, "QualityDrop", {
    name: `${lane.id}-match-quality`,
    description: `In the last hour the events for ${lane.id} carried clearly fewer identifiers than over the last day: a form, a cookie banner or a tag has probably changed. Which identifier, and in which source, is only known with an archive.`,
    metric: new MathExpression({
      label: `match quality of ${lane.id}, last hour / last day`,
      expression: `IF((hour == MAX(hour)) AND (scores >= ${FEWEST_SCORES}), quality / AVG(quality), 1)`,
      usingMetrics: { quality: quality("Average"), scores, hour },
      period,
    }),
    threshold: QUALITY_RATIO,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 24,
    datapointsToAlarm: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
