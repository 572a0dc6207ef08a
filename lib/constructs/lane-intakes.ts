import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { LambdaFunction } from "./lambda-function.ts";

/** Lets a function see and switch the event source mappings of these lanes, by lane id, and no others. */
export function grantLaneIntakes(user: LambdaFunction, lanes: ReadonlyMap<string, DeliveryLane>): void {
  const stack = Stack.of(user);
  const ids = Object.fromEntries([...lanes].map(([id, lane]) => [id, lane.intakeId]));
  user.allow({ LANE_INTAKES: stack.toJsonString(ids) });
  if (lanes.size === 0) return;
  const resources = Object.values(ids).map((resourceName) =>
    stack.formatArn({
      service: "lambda",
      resource: "event-source-mapping",
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const actions = ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"];
  user.allow({}, new PolicyStatement({ actions, resources }));
}
