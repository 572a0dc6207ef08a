import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";

/** S3 and SQS on a free loopback port, with the ordinary clients pointed at them. */
export interface Fauxqs {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Endpoint for clients that are made elsewhere, from the environment. */
  readonly url: string;
  /** Creates an empty bucket with a name of its own and answers the name. */
  createBucket(): Promise<string>;
  /** Creates an empty queue with a name of its own and answers the URL. */
  createQueue(attributes?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** Starts one; close it in `afterAll`. */
export async function startQueuesAndBuckets(): Promise<Fauxqs> {
  const server = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const there = { endpoint: url, region: "us-east-1", credentials };
  const s3 = new S3Client({ ...there, forcePathStyle: true });
  const sqs = new SQSClient(there);
  let made = 0;
  return {
    s3,
    sqs,
    url,
    async createBucket() {
      made += 1;
      const Bucket = `bucket-${made}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    async createQueue(attributes = {}) {
      made += 1;
      const QueueName = `queue-${made}${attributes.FifoQueue === "true" ? ".fifo" : ""}`;
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes }));
      // Not the URL that it answers: that one names a host (sqs.us-east-1.127.0.0.1) which does not resolve.
      return `${url}/000000000000/${QueueName}`;
    },
    async close() {
      s3.destroy();
      sqs.destroy();
      await server.stop();
    },
  };
}
