import { RemovalPolicy } from "aws-cdk-lib";

/**
 * What becomes of events, receipts and keys when the stack is deleted: kept in production, gone elsewhere. What was
 * kept keeps its name: before the same environment is deployed again it must be imported (`cdk import`) or deleted.
 */
export function dataRemovalPolicy(production: boolean): RemovalPolicy {
  return production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
