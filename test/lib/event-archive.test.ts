import { resourcesOf, synthTemplate } from "../support/synth-stack.ts";

const resources = resourcesOf(synthTemplate({ archive: { days: 45, bufferSeconds: 120 } }));

function only(type: string) {
  const found = Object.values(resources).filter(({ Type }) => Type === type);
  expect(found).toHaveLength(1);
  return found[0]?.Properties ?? {};
}

test("the bucket is encrypted, closed, and empties itself after the configured days", () => {
  const bucket = only("AWS::S3::Bucket");
  expect(bucket.BucketEncryption).toMatchObject({
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
  });
  expect(Object.values(bucket.PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true]);
  expect(bucket).not.toHaveProperty("VersioningConfiguration");
  expect(bucket.LifecycleConfiguration).toMatchObject({
    Rules: [
      { ExpirationInDays: 45, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      { Prefix: "exports/", ExpirationInDays: 7, Status: "Enabled" },
    ],
  });
  const denied = JSON.stringify(only("AWS::S3::BucketPolicy").PolicyDocument);
  expect(denied).toContain('"aws:SecureTransport":"false"');
});

test("the stream gathers events by the hour, compressed and encrypted", () => {
  const stream = only("AWS::KinesisFirehose::DeliveryStream");
  expect(stream.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: "AWS_OWNED_CMK" });
  expect(stream.ExtendedS3DestinationConfiguration).toMatchObject({
    Prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 120 },
    CompressionFormat: "GZIP",
  });
});

test("turned off there is no bucket, no stream, and nobody who could use them", () => {
  const without = resourcesOf(synthTemplate({ archive: false }));
  const text = JSON.stringify(without);
  for (const word of ["AWS::S3::Bucket", "AWS::KinesisFirehose", "ARCHIVE_", "firehose:", "s3:", "REPLAY#*"]) {
    expect({ word, isThere: text.includes(word) }).toEqual({ word, isThere: word === "REPLAY#*" });
  }
});

test("the archive of production outlasts its stack", () => {
  const bucketOf = (environment: string) =>
    Object.values(resourcesOf(synthTemplate({ environment }))).find(({ Type }) => Type === "AWS::S3::Bucket");
  expect(bucketOf("production")?.DeletionPolicy).toBe("Retain");
  expect(bucketOf("development")?.DeletionPolicy).toBe("Delete");
});
