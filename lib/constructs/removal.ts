import { RemovalPolicy } from "aws-cdk-lib";

/** What becomes of events, receipts and keys when the stack is deleted: kept in production, gone elsewhere. */
export function dataRemovalPolicy(production: boolean): RemovalPolicy {
  return production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
