import { type CfnElement, CfnOutput, Duration, Size, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnDeliveryStream } from "aws-cdk-lib/aws-kinesisfirehose";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { EXPORT_DAYS } from "../../src/core/export-document.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { dataRemovalPolicy } from "./removal.ts";
import { resourceName } from "./resource-name.ts";

export interface EventArchiveProps extends Pick<ResolvedConfig, "environment" | "production"> {
  readonly archive: NonNullable<ResolvedConfig["archive"]>;
}

/** Firehose writes an object when it has gathered this much, or after the configured seconds. */
const BUFFER = Size.mebibytes(64);

/**
 * Every accepted event, as compressed lines in a bucket, by the hour in which it was archived. Enrich puts events on a
 * delivery stream, which gathers them: an object for each batch would cost more than everything else that happens to an
 * event, and another queue would be polled while nobody sends. Idle it costs nothing.
 */
export class EventArchive extends Construct {
  private readonly bucket: Bucket;
  private readonly stream: CfnDeliveryStream;

  constructor(scope: Construct, id: string, props: EventArchiveProps) {
    super(scope, id);
    this.bucket = this.addBucket(props);
    this.stream = this.addStream(props);
    new CfnOutput(this, "Bucket", {
      value: this.bucket.bucketName,
      description: "Where every accepted event is kept",
    }).overrideLogicalId("ArchiveBucket");
  }

  /** Lets enrich put events there; it can read none of them. */
  grantPut(enrich: LambdaFunction): void {
    enrich.allow(
      { ARCHIVE_STREAM: this.stream.ref },
      new PolicyStatement({ actions: ["firehose:PutRecordBatch"], resources: [this.stream.attrArn] }),
    );
  }

  /** Lets a function find and read what was archived. */
  grantRead(reader: LambdaFunction): void {
    reader.allow(
      { ARCHIVE_BUCKET: this.bucket.bucketName },
      new PolicyStatement({ actions: ["s3:ListBucket"], resources: [this.bucket.bucketArn] }),
      new PolicyStatement({ actions: ["s3:GetObject"], resources: [this.bucket.arnForObjects("events/*")] }),
    );
    this.acknowledgeObjects(reader, "events");
  }

  /** Lets one function write people's exports, and another one hand them out. */
  grantExports({ writer, reader }: { readonly writer: LambdaFunction; readonly reader: LambdaFunction }): void {
    const resources = [this.bucket.arnForObjects("exports/*")];
    const bucket = { ARCHIVE_BUCKET: this.bucket.bucketName };
    writer.allow(bucket, new PolicyStatement({ actions: ["s3:PutObject"], resources }));
    reader.allow(bucket, new PolicyStatement({ actions: ["s3:GetObject"], resources }));
    for (const user of [writer, reader]) this.acknowledgeObjects(user, "exports");
  }

  /** Lets a function rewrite objects without the events of somebody, and delete exports. */
  grantErasure(eraser: LambdaFunction): void {
    eraser.allow(
      { ARCHIVE_BUCKET: this.bucket.bucketName },
      new PolicyStatement({
        actions: ["s3:DeleteObject"],
        resources: [this.bucket.arnForObjects("events/*"), this.bucket.arnForObjects("exports/*")],
      }),
      new PolicyStatement({ actions: ["s3:PutObject"], resources: [this.bucket.arnForObjects("events/*")] }),
    );
    this.acknowledgeObjects(eraser, "events", "exports");
  }

  private addBucket({ archive, production }: EventArchiveProps): Bucket {
    const bucket = new Bucket(this, "Events", {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // An object that is deleted is gone: what is kept of people is kept for the days that the config says, not longer.
      versioned: false,
      lifecycleRules: [
        { expiration: Duration.days(archive.days), abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { prefix: "exports/", expiration: Duration.days(Math.min(EXPORT_DAYS, archive.days)) },
      ],
      removalPolicy: dataRemovalPolicy(production),
    });
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "Two functions and the stream are all that may use it, and each replay is in the audit log; access logs would be a second bucket, with names of objects that say nothing of the events in them.",
    });
    return bucket;
  }

  private addStream({ archive, environment }: EventArchiveProps): CfnDeliveryStream {
    const role = new Role(this, "StreamRole", {
      assumedBy: new ServicePrincipal("firehose.amazonaws.com", {
        // How Firehose says for whom it acts; it is not known to send the keys that other services do.
        conditions: { StringEquals: { "sts:ExternalId": Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        resources: [this.bucket.bucketArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
        resources: [this.bucket.arnForObjects("events/*"), this.bucket.arnForObjects("errors/*")],
      }),
    );
    this.acknowledgeObjects(role, "events", "errors");
    const stream = new CfnDeliveryStream(this, "Stream", {
      deliveryStreamName: resourceName(environment, "events"),
      deliveryStreamType: "DirectPut",
      deliveryStreamEncryptionConfigurationInput: { keyType: "AWS_OWNED_CMK" },
      extendedS3DestinationConfiguration: {
        bucketArn: this.bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
        errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
        bufferingHints: { sizeInMBs: BUFFER.toMebibytes(), intervalInSeconds: archive.bufferSeconds },
        compressionFormat: "GZIP",
      },
    });
    // Firehose tries the role when the stream is made.
    stream.node.addDependency(role);
    return stream;
  }

  private acknowledgeObjects(user: Construct, ...folders: readonly string[]): void {
    const bucket = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnElement);
    const reason = "Objects are named by time and chance, so that a permission can only be on a folder of the bucket.";
    const ids = folders.map((folder) => `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/${folder}/*]`);
    Validations.of(user).acknowledge(...ids.map((id) => ({ id, reason })));
  }
}
