import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { EventArchive } from "./event-archive.ts";
import type { IdentityTable } from "./identity-table.ts";
import type { LambdaFunction } from "./lambda-function.ts";

/** What a replay touches. */
export interface ReplayResources {
  readonly archive: EventArchive;
  readonly identity: IdentityTable;
  /** By id. */
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly table: DeliveryTable;
}

/** Lets a function work on replays: read events, receipts and persons, put messages on lanes, and write down how far it is. */
export function grantReplays(user: LambdaFunction, { archive, identity, lanes, table }: ReplayResources): void {
  archive.grantRead(user);
  identity.grantReading(user);
  grantLaneQueues(user, lanes);
  table.grantReplays(user);
}

/** Lets a function put messages on the lanes. */
export function grantLaneQueues(user: LambdaFunction, lanes: ReplayResources["lanes"]): void {
  const urls = Object.fromEntries([...lanes].map(([id, lane]) => [id, lane.queue.queueUrl]));
  user.allow({ LANE_QUEUE_URLS: Stack.of(user).toJsonString(urls) });
  if (lanes.size === 0) return;
  const resources = [...lanes.values()].map((lane) => lane.queue.queueArn);
  user.allow({}, new PolicyStatement({ actions: ["sqs:SendMessage"], resources }));
}
