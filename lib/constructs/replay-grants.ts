import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { DeliveryTable } from "./delivery-table.ts";
import type { EventArchive } from "./event-archive.ts";
import type { EventQueue } from "./event-queue.ts";
import type { IdentityTable } from "./identity-table.ts";
import type { LambdaFunction } from "./lambda-function.ts";

/** What a replay touches. */
export interface ReplayResources {
  readonly archive: EventArchive;
  readonly events: EventQueue;
  readonly identity: IdentityTable;
  /** By id. */
  readonly lanes: ReadonlyMap<string, DeliveryLane>;
  readonly table: DeliveryTable;
}

/** Lets a function work on replays: read events, receipts and persons, put messages on lanes, and write down how far it is. */
export function grantReplays(user: LambdaFunction, { archive, events, identity, lanes, table }: ReplayResources): void {
  archive.grantRead(user);
  identity.grantReading(user);
  grantLaneQueues(user, { events, lanes });
  table.grantReplays(user);
}

/** Lets a function put messages on the lanes, whose addresses it makes of that of the events queue. */
export function grantLaneQueues(
  user: LambdaFunction,
  { events, lanes }: Pick<ReplayResources, "events" | "lanes">,
): void {
  user.allow({ EVENTS_QUEUE_URL: events.queue.queueUrl });
  if (lanes.size === 0) return;
  const resources = [...lanes.values()].map((lane) => lane.queue.queueArn);
  user.allow({}, new PolicyStatement({ actions: ["sqs:SendMessage"], resources }));
}
