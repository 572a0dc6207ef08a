import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { TableProps } from "./delivery-table.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

/**
 * The identity graph: identifier → person, and person → known identifiers. Enrich writes it, the ops function when somebody
 * undoes a merge, and ops and maintain take erased people out of it.
 */
export class IdentityTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: resourceName(props.environment, "identity"),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expires_at",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.production,
      removalPolicy: dataRemovalPolicy(props.production),
    });
  }

  /** Lets a function look people up, and learn nothing. */
  grantReading(reader: LambdaFunction): void {
    reader.allow(
      { IDENTITY_TABLE: this.table.tableName },
      new PolicyStatement({ actions: ["dynamodb:BatchGetItem"], resources: [this.table.tableArn] }),
    );
  }

  /** Lets a function take people out of the graph for good. */
  grantErasure(eraser: LambdaFunction): void {
    eraser.allow(
      { IDENTITY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"],
        resources: [this.table.tableArn],
      }),
    );
  }

  /** Lets enrich look people up and learn, and the ops function undo a merge. */
  grantGraph(writer: LambdaFunction): void {
    writer.allow(
      { IDENTITY_TABLE: this.table.tableName },
      new PolicyStatement({
        actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
        resources: [this.table.tableArn],
      }),
    );
  }
}
