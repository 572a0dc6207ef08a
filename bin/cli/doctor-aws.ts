import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { resourceName } from "../../lib/constructs/resource-name.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "../../src/adapters/aws-timeouts.ts";
import { createDynamoClient } from "../../src/adapters/dynamo-client.ts";
import { type Check, fail, ok, skipped, warn } from "./doctor-check.ts";
import type { StackAccess } from "./stack-access.ts";

/** Concurrent λs below which a busy hour of an ordinary shop is throttled; new accounts begin with 10. */
const FEW_CONCURRENT = 100;

/** Whether the person's AWS credentials reach the stack, and what the account allows. */
export async function checkAws(access: StackAccess): Promise<readonly Check[]> {
  if (access.local !== undefined) return [skipped("aws", "the local stack needs no account")];
  return [await checkTable(access), await checkConcurrency(access)];
}

/** The table's ARN names account and region; STS, which would name the user too, is not asked. */
async function checkTable({ client: place, environment, where }: StackAccess): Promise<Check> {
  const client = createDynamoClient(place);
  try {
    const TableName = resourceName(environment, "delivery");
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const [, , , region, account] = (Table?.TableArn ?? "").split(":");
    return ok("aws", `account ${account}, region ${region}; the delivery table is ${Table?.TableStatus}`);
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    if (name === "ResourceNotFoundException") {
      return fail(
        "aws",
        `the account and region of your credentials have no ${where}`,
        "Check AWS_PROFILE and --region, or deploy.",
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    return fail("aws", `${name}: ${reason}`, "Sign in to the AWS account, and set the region.");
  } finally {
    client.destroy();
  }
}

async function checkConcurrency({ client: place }: StackAccess): Promise<Check> {
  const client = new LambdaClient({ maxAttempts: AWS_ATTEMPTS.other, requestHandler: AWS_REQUEST_HANDLER, ...place });
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    const limit = AccountLimit?.ConcurrentExecutions ?? 0;
    const says = `${limit} concurrent λs in the account`;
    if (limit >= FEW_CONCURRENT) return ok("concurrency", says);
    return warn("concurrency", says, "Ask for more in Service Quotas: it costs nothing, and throttling delays events.");
  } catch (error) {
    return skipped(
      "concurrency",
      `not readable with these credentials: ${error instanceof Error ? error.name : "unknown"}`,
    );
  } finally {
    client.destroy();
  }
}
