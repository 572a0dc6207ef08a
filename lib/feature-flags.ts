/**
 * CDK's behaviours that are off by default only for the sake of older apps. They are here and not in `cdk.json`, which
 * the CDK CLI alone reads: the template must be the same for `cdk deploy`, the local stack and the tests.
 */
export const FEATURE_FLAGS = {
  "@aws-cdk/core:checkSecretUsage": true,
  "@aws-cdk/aws-iam:minimizePolicies": true,
  "@aws-cdk/core:validateAgainstDefaultRules": true,
} as const;
