import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  type Metric,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { Identifier } from "../../src/core/destination.ts";
import { type MetricName, metricNamespace, presenceMetric } from "../../src/core/metric-names.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { EventQueue } from "./event-queue.ts";
import type { IngestApi } from "./ingest-api.ts";
import { pipelineMetric } from "./pipeline-metric.ts";
import { resourceName } from "./resource-name.ts";

export interface ServiceDashboardProps {
  readonly config: ResolvedConfig;
  readonly api: IngestApi;
  readonly events: EventQueue;
  /** By lane id. */
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  /** Ids of the lanes whose platform matches on identifiers. */
  readonly matchingLanes: readonly string[];
  readonly detectors: readonly string[];
}

const FULL_WIDTH = 24;
const OUTCOMES = ["delivered", "retry", "rejected", "unauthorized", "expired", "skipped"];
/** The identifiers that move match quality most; a dashboard is free up to 50 metrics. */
const SHOWN_IDENTIFIERS: readonly Identifier[] = ["email", "phone", "external_id", "click_id", "browser_id"];

/** One page: what comes in, what is made of it, and what each destination says. */
export class ServiceDashboard extends Construct {
  private readonly props: ServiceDashboardProps;
  private readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id);
    this.props = props;
    this.dashboard = new Dashboard(this, "Dashboard", {
      dashboardName: resourceName(props.config.environment),
      defaultInterval: Duration.days(1),
    });
    this.addIngestRow();
    this.addPipelineRow();
    for (const [lane, resources] of props.lanes) this.addLaneRow(lane, resources);
    this.addQualityRow();
    this.addDuplicatesAndAnomaliesRow();
    new CfnOutput(this, "DashboardUrl", {
      value: this.url(),
      description: "The dashboard in the CloudWatch console",
    }).overrideLogicalId("DashboardUrl");
  }

  private url(): string {
    const { region } = Stack.of(this);
    return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${this.dashboard.dashboardName}`;
  }

  private addIngestRow(): void {
    const { api } = this.props.api;
    const bySource = (name: MetricName, what: string) =>
      this.props.config.sources.map((source) => this.sum(name, { source: source.id }, `${what} ${source.id}`));
    this.addRow("Ingest", [
      graph("Events by source", [...bySource("EventsAccepted", "accepted"), ...bySource("EventsRejected", "rejected")]),
      graph("Rejected, by the field that was wrong", [this.each("EventsRejectedBy", "field")]),
      graph("Requests", [
        api.metricCount({ statistic: "Sum", label: "requests" }),
        api.metricClientError({ statistic: "Sum", label: "4xx" }),
        api.metricServerError({ statistic: "Sum", label: "5xx" }),
      ]),
      graph("Answer time, ms", [api.metricLatency({ statistic: "p95", label: "p95" })]),
    ]);
  }

  private addPipelineRow(): void {
    const { config, events } = this.props;
    this.addRow("Pipeline", [
      graph("First copies", [
        this.sum("EventsClaimed", {}, "all events"),
        ...config.keyEvents.map((name) => this.sum("KeyEvents", { event_name: name }, name)),
      ]),
      graph("Oldest event waiting, s", [
        events.queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", label: "events" }),
      ]),
      graph("Minutes that lanes were stopped", [this.each("LaneStopped", "destination")]),
      graph("Given up", [
        events.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", label: "events" }),
      ]),
    ]);
  }

  private addLaneRow(lane: string, resources: DeliveryLane): void {
    this.addRow(`Destination: ${lane}`, [
      graph(
        "Deliveries by outcome",
        OUTCOMES.map((outcome) => this.sum("Deliveries", { destination: lane, outcome }, outcome)),
      ),
      graph("From receipt to confirmation, ms", [this.metric("DeliveryLatency", { destination: lane }, "p90", "p90")]),
      graph("Given up", [
        resources.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", label: lane }),
      ]),
    ]);
  }

  private addQualityRow(): void {
    const quality = this.props.matchingLanes.map((lane) =>
      this.metric("MatchQuality", { destination: lane }, "Average", lane),
    );
    const presence = SHOWN_IDENTIFIERS.map((identifier) =>
      this.metric(presenceMetric(identifier), {}, "Average", identifier),
    );
    this.addRow("Match quality", [
      graph("Score, 0 to 10", quality),
      graph("Share of events with identifier", presence),
    ]);
  }

  private addDuplicatesAndAnomaliesRow(): void {
    this.addRow("Duplicates and anomalies", [
      graph("Copies dropped", [this.sum("EventsDuplicate", {}, "duplicates")]),
      graph(
        "Anomalies that began or lasted another day",
        this.props.detectors.map((detector) => this.sum("AnomaliesFound", { detector }, detector)),
      ),
      graph("Runs of the detectors", [this.sum("Heartbeat", {}, "runs")]),
    ]);
  }

  private addRow(title: string, graphs: readonly Graph[]): void {
    const width = FULL_WIDTH / graphs.length;
    this.dashboard.addWidgets(new TextWidget({ markdown: `## ${title}`, width: FULL_WIDTH, height: 1 }));
    this.dashboard.addWidgets(...graphs.map((graph) => new GraphWidget({ ...graph, width, leftYAxis: { min: 0 } })));
  }

  private sum(name: MetricName, dimensions: Record<string, string>, label: string): Metric {
    return this.metric(name, dimensions, "Sum", label);
  }

  /** Every series of a metric, whatever values of the dimension turn up. */
  private each(name: MetricName, dimension: string): MathExpression {
    const namespace = metricNamespace(this.props.config.environment);
    const expression = `SEARCH('{"${namespace}",${dimension}} MetricName="${name}"', 'Sum')`;
    return new MathExpression({ expression, usingMetrics: {}, label: "" });
  }

  private metric(name: MetricName, dimensions: Record<string, string>, statistic: string, label: string): Metric {
    return pipelineMetric({ environment: this.props.config.environment, name, dimensions, statistic, label });
  }
}

interface Graph {
  readonly title: string;
  readonly left: IMetric[];
}

function graph(title: string, left: IMetric[]): Graph {
  return { title, left };
}
