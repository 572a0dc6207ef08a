import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { LogReader } from "../ops/tail.ts";
import { AWS_ATTEMPTS, AWS_REQUEST_HANDLER } from "./aws-timeouts.ts";

/** Lines of one answer: CloudWatch would send up to 1 MB of them. */
const LINES = 2_000;

/** A search over a busy group takes longer than other calls. */
const CALL_TIMEOUT_MS = 10_000;

/** Which log, and the client to read it with. */
export interface CloudWatchLogReaderOptions {
  readonly logGroup: string;
  readonly client?: Pick<CloudWatchLogsClient, "send">;
}

/** The log group that all functions share. */
export function createCloudWatchLogReader({ logGroup, client = newClient() }: CloudWatchLogReaderOptions): LogReader {
  return {
    async read(from, to, token) {
      const { events = [], nextToken } = await client.send(
        new FilterLogEventsCommand({
          logGroupName: logGroup,
          startTime: from,
          // CloudWatch counts the end in.
          endTime: to - 1,
          limit: LINES,
          ...(token === undefined ? {} : { nextToken: token }),
        }),
      );
      const lines = events.map(({ timestamp = 0, message = "" }) => ({ at: timestamp, text: message }));
      return nextToken === undefined ? { lines } : { lines, token: nextToken };
    },
  };
}

function newClient(): CloudWatchLogsClient {
  return new CloudWatchLogsClient({
    maxAttempts: AWS_ATTEMPTS.other,
    requestHandler: { ...AWS_REQUEST_HANDLER, requestTimeout: CALL_TIMEOUT_MS },
  });
}
