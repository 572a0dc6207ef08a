import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

export interface TableProps {
  readonly environment: string;
  readonly production: boolean;
}

/** Partitions that the ops API writes. */
const OPS_KEYS = ["OPSKEY#*", "AUDIT", "LANE#*", "REPLAY#*", "PRIVACY#*", "ERASED#*", "ERASURES"];

/** Of erased people. */
const TOMBSTONES = ["ERASED#*", "ERASURES"];

/**
 * What is known of events (claims, stories, receipts, quarantine; `src/core/delivery-record.ts` has the shapes), and what
 * functions and people keep beside it: lanes' controls, jobs, findings, keys, the audit log. The index `attention` is
 * sparse: only what a person or a job looks for is in it. `orders` finds the events of an order.
 *
 * Permissions name the table and the actions, not the items: keys begin with the event's id, so that one query tells
 * its whole story, and `dynamodb:LeadingKeys` cannot tell lanes apart by the sort key.
 */
export class DeliveryTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: resourceName(props.environment, "delivery"),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expires_at",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.production,
      removalPolicy: dataRemovalPolicy(props.production),
    });
    this.table.addGlobalSecondaryIndex({
      indexName: "attention",
      partitionKey: { name: "attention", type: AttributeType.STRING },
      sortKey: { name: "attention_at", type: AttributeType.NUMBER },
      // A quarantined event is up to 32 KB: copying it would double its price. Readers fetch the items they show.
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: "orders",
      partitionKey: { name: "order", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }

  /** Lets enrich claim events and keep what ingest refused. */
  grantClaims(enrich: LambdaFunction): void {
    // Of many at once it reads tombstones of erased people.
    this.grant(enrich, ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]);
  }

  /** Lets enrich ask whose an order was: the index tells the order's events, and their items the person. */
  grantOrderLookups(enrich: LambdaFunction): void {
    const { tableArn, tableName } = this.table;
    enrich.allow(
      { DELIVERY_TABLE: tableName },
      new PolicyStatement({ actions: ["dynamodb:Query"], resources: [`${tableArn}/index/orders`] }),
      new PolicyStatement({ actions: ["dynamodb:BatchGetItem"], resources: [tableArn] }),
    );
  }

  /** Lets a lane read and write the receipts of its events. */
  grantReceipts(deliver: LambdaFunction): void {
    this.grant(deliver, ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]);
  }

  /** Lets maintain see how lanes stand, and nothing else of the table. */
  grantLaneControls(maintain: LambdaFunction): void {
    maintain.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem"],
        resources: [this.table.tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["LANE#*"] } },
      }),
    );
  }

  /** Lets reconcile read receipts, how lanes stand and its own accounts, and write accounts and findings: of events it changes nothing. */
  grantReconciliation(reconcile: LambdaFunction): void {
    const { tableArn } = this.table;
    reconcile.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({ actions: ["dynamodb:BatchGetItem"], resources: [tableArn] }),
      new PolicyStatement({
        actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources: [tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["RECONCILIATION#*", "FINDING#*"] } },
      }),
    );
  }

  /** Lets a function find and work on replays: it reads receipts, and writes nothing but how far its jobs are. */
  grantReplays(user: LambdaFunction): void {
    const { tableArn, tableName } = this.table;
    user.allow(
      { DELIVERY_TABLE: tableName },
      new PolicyStatement({ actions: ["dynamodb:BatchGetItem", "dynamodb:GetItem"], resources: [tableArn] }),
      new PolicyStatement({ actions: ["dynamodb:Query"], resources: [`${tableArn}/index/attention`] }),
      new PolicyStatement({
        actions: ["dynamodb:PutItem"],
        resources: [tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["REPLAY#*"] } },
      }),
    );
  }

  /** Lets a function find and work on what people ask for their data. */
  grantPrivacyJobs(user: LambdaFunction): void {
    const { tableArn, tableName } = this.table;
    user.allow(
      { DELIVERY_TABLE: tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"],
        resources: [tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["PRIVACY#*"] } },
      }),
      new PolicyStatement({ actions: ["dynamodb:Query"], resources: [`${tableArn}/index/attention`] }),
    );
  }

  /**
   * Lets a function take people out of events, and events of theirs out of quarantine. Keys begin with the event's dedup
   * scope; beside events it reaches tombstones, and what was refused without a scope.
   */
  grantErasure(eraser: LambdaFunction, scopes: readonly string[]): void {
    const { tableArn, tableName } = this.table;
    const ofEvents = [...new Set([...scopes, "unreadable"])].map((scope) => `${scope}#*`);
    const limited = (actions: string[], keys: string[]) =>
      new PolicyStatement({
        actions,
        resources: [tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } },
      });
    eraser.allow(
      { DELIVERY_TABLE: tableName },
      limited(["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], [...ofEvents, ...TOMBSTONES]),
      limited(["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query"], ofEvents),
    );
  }

  /** Lets read-back keep what platforms say of match quality, and touch nothing else of the table. */
  grantReadBacks(readBack: LambdaFunction): void {
    readBack.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources: [this.table.tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["QUALITY#*"] } },
      }),
    );
  }

  /** Lets detect keep its findings and read which of them last, and nothing else. */
  grantFindings(detect: LambdaFunction): void {
    detect.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        resources: [this.table.tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["FINDING#*"] } },
      }),
    );
  }

  /** Lets ingest add up what limited sources send, and touch no other item: it is the one function that strangers reach. */
  grantRateCounts(ingest: LambdaFunction): void {
    ingest.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:UpdateItem"],
        resources: [this.table.tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["RATE#*"] } },
      }),
    );
  }

  /**
   * Lets the ops API read everything, and write what is its own: keys, the audit log, lanes' controls and replays. Of
   * events it changes nothing.
   */
  grantOps(ops: LambdaFunction): void {
    const { tableArn } = this.table;
    ops.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
        resources: [tableArn],
      }),
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        resources: [`${tableArn}/index/attention`, `${tableArn}/index/orders`],
      }),
      new PolicyStatement({
        actions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources: [tableArn],
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": OPS_KEYS } },
      }),
    );
  }

  /**
   * Lets the ops API take events out of quarantine. Keys begin with the event's dedup scope, so that this reaches no key,
   * no audit line and no lane's control.
   */
  grantQuarantineRemoval(ops: LambdaFunction, scopes: readonly string[]): void {
    ops.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:DeleteItem"],
        resources: [this.table.tableArn],
        conditions: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [...new Set(scopes)].map((scope) => `${scope}#*`) },
        },
      }),
    );
  }

  private grant(user: LambdaFunction, actions: string[]): void {
    user.allow(
      { DELIVERY_TABLE: this.table.tableName },
      new PolicyStatement({ actions, resources: [this.table.tableArn] }),
    );
  }
}
