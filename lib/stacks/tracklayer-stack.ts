import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { type Destination, needsSecret } from "../../src/core/destination.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { AnomalySchedule } from "../constructs/anomaly-schedule.ts";
import { ContactsKey } from "../constructs/contacts-key.ts";
import { DeliveryLane, type DeliveryLaneProps } from "../constructs/delivery-lane.ts";
import { DeliveryTable } from "../constructs/delivery-table.ts";
import { DestinationSecrets } from "../constructs/destination-secrets.ts";
import { EventArchive } from "../constructs/event-archive.ts";
import { EventQueue } from "../constructs/event-queue.ts";
import { IdentityTable } from "../constructs/identity-table.ts";
import { IngestApi } from "../constructs/ingest-api.ts";
import { LambdaFunction } from "../constructs/lambda-function.ts";
import { Maintenance } from "../constructs/maintenance.ts";
import { OpsApi } from "../constructs/ops-api.ts";
import { PipelineAlarms } from "../constructs/pipeline-alarms.ts";
import { QualityReadBacks } from "../constructs/quality-read-backs.ts";
import { Reconciliation } from "../constructs/reconciliation.ts";
import { dataRemovalPolicy } from "../constructs/removal.ts";
import { grantLaneQueues, grantReplays } from "../constructs/replay-grants.ts";
import { scheduleDeadLetters } from "../constructs/scheduled-function.ts";
import { ServiceDashboard } from "../constructs/service-dashboard.ts";
import { SourceKeys } from "../constructs/source-keys.ts";

/** As much of a destination as its resources depend on. */
type DeployableDestination = Pick<Destination, "limits" | "matchKeys" | "credentials" | "credentialSets">;

export interface TracklayerStackProps extends StackProps {
  readonly config: ResolvedConfig;
  /** Every destination type by id. */
  readonly destinations: Readonly<Record<string, DeployableDestination>>;
  /** Ids of the detectors. */
  readonly detectors: readonly string[];
}

const INGEST_TIMEOUT = Duration.seconds(15);
const ENRICH_TIMEOUT = Duration.seconds(30);

/** One environment of TrackLayer, whole. */
export class TracklayerStack extends Stack {
  private readonly config: ResolvedConfig;
  private readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: TracklayerStackProps) {
    super(scope, id, { description: "TrackLayer: server-side conversion delivery", ...props });
    const { config } = props;
    this.config = config;
    const table = new DeliveryTable(this, "Delivery", config);
    const identity = new IdentityTable(this, "Identity", config);
    const events = new EventQueue(this, "Events", { ...config, consumerTimeout: ENRICH_TIMEOUT });
    const alarms = new AlarmTopic(this, "Alarms", { environment: config.environment, emails: config.alarms.emails });
    this.logGroup = this.addLogGroup();

    const ingest = this.addIngest(events, table);
    const api = new IngestApi(this, "IngestApi", { config, ingest });
    const lanes = this.addLanes(props, { table, identity, alarms });
    const archive = this.addArchive();
    const enrich = this.addEnrich({ events, table, identity, lanes, archive });
    const contactsKey = this.addContactsKey();
    contactsKey?.grantRead(enrich);
    const { logGroup } = this;
    const deadLetters = scheduleDeadLetters(this, config.environment);
    const opsProps = { config, api, table, identity, events, lanes, scheduleDeadLetters: deadLetters, logGroup };
    const { ops } = new OpsApi(this, "OpsApi", opsProps);
    new AnomalySchedule(this, "Anomalies", { config, table, deadLetters, logGroup });
    const shared = { config, alarms, deadLetters, events, lanes, logGroup, table };
    new Reconciliation(this, "Reconciliation", { ...shared, ...(archive === undefined ? {} : { archive }) });
    if (config.destinations.some(({ readBackQuality }) => readBackQuality === true))
      new QualityReadBacks(this, "ReadBacks", { config, deadLetters, lanes, logGroup, table });
    const { maintain } = new Maintenance(this, "Maintenance", { config, deadLetters, lanes, logGroup, table });
    // The request itself works on a new replay for some seconds; what is longer is left to the run of each minute.
    if (archive !== undefined)
      for (const it of [ops, maintain]) {
        grantReplays(it, { archive, events, identity, lanes, table });
        contactsKey?.grantRead(it);
      }
    archive?.grantExports({ writer: maintain, reader: ops });
    table.grantPrivacyJobs(maintain);
    // The request itself takes the person out of the graph, so that nothing is filled from it any more.
    for (const it of [ops, maintain]) identity.grantErasure(it);
    table.grantErasure(
      maintain,
      config.sources.map(({ dedupScope }) => dedupScope),
    );
    archive?.grantErasure(maintain);

    const { detectors } = props;
    new PipelineAlarms(this, "PipelineAlarms", {
      config,
      alarms,
      api,
      ingest,
      enrich,
      events,
      scheduleDeadLetters: deadLetters,
      detectors,
      logGroup,
    });
    const matchingLanes = [...lanes.keys()].filter((lane) => matchesPeople(destinationOf(props, lane)));
    new ServiceDashboard(this, "Dashboard", { config, api, events, lanes, matchingLanes, detectors });
    this.output("AlarmTopicArn", alarms.topic.topicArn, "Subscribe to it for alarms");
  }

  // One group for all functions: one query sees an event's way through them, and the two alarms on unreadable metrics
  // exist once and not once per function.
  private addLogGroup(): LogGroup {
    return new LogGroup(this, "Logs", {
      logGroupName: `/tracklayer/${this.config.environment}`,
      retention: this.config.retention.logDays satisfies RetentionDays,
      removalPolicy: dataRemovalPolicy(this.config.production),
    });
  }

  private addContactsKey(): ContactsKey | undefined {
    const { contactsSecretName: secretName } = this.config;
    return secretName === undefined ? undefined : new ContactsKey(this, "ContactsKey", { secretName });
  }

  private addArchive(): EventArchive | undefined {
    const { archive, environment, production } = this.config;
    return archive === undefined ? undefined : new EventArchive(this, "Archive", { archive, environment, production });
  }

  private addIngest(events: EventQueue, table: DeliveryTable): LambdaFunction {
    const ingest = new LambdaFunction(this, "Ingest", {
      name: "ingest",
      description: "Takes events in and puts them on the queue",
      entry: "lambdas/ingest.ts",
      config: this.config,
      memoryMb: 512,
      timeout: INGEST_TIMEOUT,
      logGroup: this.logGroup,
    });
    events.grantSend(ingest);
    new SourceKeys(this, "SourceKeys", this.config).grantRead(ingest);
    if (this.config.sources.some(({ rateLimit }) => rateLimit !== undefined)) table.grantRateCounts(ingest);
    for (const source of this.config.sources) {
      this.output(`SourceKey${pascalCase(source.id)}`, source.keySecretName, `Secret with the key of ${source.id}`);
    }
    return ingest;
  }

  private addLanes(
    props: TracklayerStackProps,
    around: Pick<DeliveryLaneProps, "alarms" | "identity" | "table">,
  ): Map<string, DeliveryLane> {
    const { config, logGroup } = this;
    // A secret costs money every month, also one that nobody will fill.
    const withSecret = config.destinations.filter((lane) => needsSecret(destinationOf(props, lane.id)));
    const secrets = new DestinationSecrets(this, "DestinationSecrets", { ...config, destinations: withSecret });
    return new Map(
      config.destinations.map((lane) => {
        const destination = destinationOf(props, lane.id);
        const { limits } = destination;
        const shared = { ...around, config, logGroup, ...(withSecret.includes(lane) ? { secrets } : {}) };
        const laneProps = { ...shared, lane, limits, matchesPeople: matchesPeople(destination) };
        return [lane.id, new DeliveryLane(this, `Lane-${lane.id}`, laneProps)];
      }),
    );
  }

  private addEnrich(props: {
    readonly events: EventQueue;
    readonly table: DeliveryTable;
    readonly identity: IdentityTable;
    readonly lanes: ReadonlyMap<string, DeliveryLane>;
    readonly archive: EventArchive | undefined;
  }): LambdaFunction {
    const enrich = new LambdaFunction(this, "Enrich", {
      name: "enrich",
      description: "Claims, stitches, decides and fans out",
      entry: "lambdas/enrich.ts",
      config: this.config,
      memoryMb: 512,
      timeout: ENRICH_TIMEOUT,
      logGroup: this.logGroup,
    });
    props.events.consumeBy(enrich);
    props.table.grantClaims(enrich);
    props.table.grantOrderLookups(enrich);
    props.identity.grantGraph(enrich);
    props.archive?.grantPut(enrich);
    grantLaneQueues(enrich, props);
    return enrich;
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

function destinationOf(props: TracklayerStackProps, lane: string): DeployableDestination {
  const type = props.config.destinations.find(({ id }) => id === lane)?.type ?? lane;
  const destination = props.destinations[type];
  if (destination === undefined) throw new Error(`the lane ${lane} has the unknown destination type ${type}`);
  return destination;
}

function matchesPeople(destination: DeployableDestination): boolean {
  return Object.keys(destination.matchKeys).length > 0;
}

function pascalCase(id: string): string {
  return id
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
