import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { createCloudWatchLogReader } from "../../src/adapters/cloudwatch-log-reader.ts";

test("one group is read between two times, the second left out, and pages are told", async () => {
  const asked: unknown[] = [];
  const client = {
    send: async ({ input }: { input: { nextToken?: string } }) => {
      asked.push(input);
      const events = [{ timestamp: 5, message: "a" }];
      return input.nextToken === undefined ? { events, nextToken: "more" } : { events };
    },
  } as unknown as Pick<CloudWatchLogsClient, "send">;
  const reader = createCloudWatchLogReader({ logGroup: "/tracklayer/production", client });
  expect(await reader.read(1, 10, undefined)).toEqual({ lines: [{ at: 5, text: "a" }], token: "more" });
  expect(await reader.read(1, 10, "more")).toEqual({ lines: [{ at: 5, text: "a" }] });
  expect(asked).toMatchObject([
    { logGroupName: "/tracklayer/production", startTime: 1, endTime: 9 },
    { nextToken: "more" },
  ]);
});
