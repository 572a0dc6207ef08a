import { Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LambdaFunction } from "./lambda-function.ts";

/** Lets a function read CloudWatch's metrics, of which AWS can only allow all or none. */
export function grantMetricReading(reader: LambdaFunction): void {
  reader.allow({}, new PolicyStatement({ actions: ["cloudwatch:GetMetricData"], resources: ["*"] }));
  const reason =
    "CloudWatch has no permissions on single metrics: GetMetricData is granted on everything or not at all.";
  Validations.of(reader).acknowledge(
    { id: "AwsSolutions-IAM5[Resource::*]", reason },
    { id: "Serverless-StarPermissions", reason },
  );
}
