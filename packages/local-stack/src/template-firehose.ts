import type { DeliveryStreamModel, RoleModel } from "./model.ts";
import { hasExpressions, type PrefixKind, readPrefix } from "./object-name.ts";
import type { PropertyReader } from "./property-reader.ts";
import { attributeOf, type TemplateResource } from "./resource-set.ts";

/** Properties that change nothing here: what is encrypted, logged and tagged. */
const INERT = ["DeliveryStreamEncryptionConfigurationInput", "Tags"];
const KNOWN = ["DeliveryStreamName", "DeliveryStreamType", "ExtendedS3DestinationConfiguration", ...INERT];

const INERT_OF_DESTINATION = ["CloudWatchLoggingOptions", "EncryptionConfiguration"];
const KNOWN_OF_DESTINATION = [
  "BucketARN",
  "BufferingHints",
  "CompressionFormat",
  "CustomTimeZone",
  "DataFormatConversionConfiguration",
  "DynamicPartitioningConfiguration",
  "ErrorOutputPrefix",
  "FileExtension",
  "Prefix",
  "ProcessingConfiguration",
  "RoleARN",
  "S3BackupMode",
  ...INERT_OF_DESTINATION,
];

/** A delivery stream that takes records by API calls and puts them into a bucket; every other kind is refused. */
export function readDeliveryStream(
  found: TemplateResource,
  roles: ReadonlyMap<string, RoleModel>,
): DeliveryStreamModel {
  const { properties, logicalId, identity } = found;
  refuseUnknown(properties, KNOWN);
  properties.oneOf("DeliveryStreamType", ["DirectPut"], "DirectPut");
  if (!properties.has("ExtendedS3DestinationConfiguration")) {
    throw new Error(`${properties.where}: only ExtendedS3DestinationConfiguration is supported as destination`);
  }
  const destination = properties.object("ExtendedS3DestinationConfiguration");
  refuseUnknown(destination, KNOWN_OF_DESTINATION);
  refuseTransformations(destination);
  const role = roles.get(destination.text("RoleARN"));
  if (role === undefined) throw new Error(`${destination.where}: its role is not in this template`);
  const isGzip = destination.oneOf("CompressionFormat", ["UNCOMPRESSED", "GZIP"], "UNCOMPRESSED") === "GZIP";
  const hints = destination.object("BufferingHints");
  return {
    logicalId,
    name: identity.ref,
    arn: attributeOf(found, "Arn"),
    bucketName: destination.text("BucketARN").replace(/^arn:aws:s3:::/, ""),
    role,
    prefix: checkedPrefixes(destination),
    bufferBytes: inRange(hints, "SizeInMBs", 5, 1, 128) * 2 ** 20,
    bufferSeconds: inRange(hints, "IntervalInSeconds", 300, 0, 900),
    isGzip,
    // Firehose's rule: what compression brings along, unless the stream says otherwise.
    extension: destination.optionalText("FileExtension") || (isGzip ? ".gz" : ""),
  };
}

function refuseUnknown(reader: PropertyReader, known: readonly string[]): void {
  const unknown = reader.keys().find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${reader.where}: ${unknown} is not supported`);
}

function refuseTransformations(destination: PropertyReader): void {
  for (const key of ["DynamicPartitioningConfiguration", "ProcessingConfiguration"]) {
    if (destination.object(key).flag("Enabled", false))
      throw new Error(`${destination.where}: ${key} is not supported`);
  }
  const conversion = "DataFormatConversionConfiguration";
  // Its switch is on unless it says otherwise.
  if (destination.has(conversion) && destination.object(conversion).flag("Enabled", true)) {
    throw new Error(`${destination.where}: ${conversion} is not supported`);
  }
  destination.oneOf("S3BackupMode", ["Disabled"], "Disabled");
  destination.oneOf("CustomTimeZone", ["UTC", ""], "UTC");
}

/** What Firehose refuses when the stream is created must not work here. */
function checkedPrefixes(destination: PropertyReader): string {
  const prefix = destination.optionalText("Prefix") ?? "";
  const errorPrefix = destination.optionalText("ErrorOutputPrefix") ?? "";
  check(destination, prefix, "prefix");
  check(destination, errorPrefix, "error prefix");
  if (hasExpressions(prefix) && errorPrefix.trim() === "") {
    throw new Error(`${destination.where}: a Prefix with expressions needs an ErrorOutputPrefix`);
  }
  if (hasExpressions(errorPrefix) && !errorPrefix.includes("!{firehose:error-output-type}")) {
    throw new Error(`${destination.where}: an ErrorOutputPrefix with expressions needs !{firehose:error-output-type}`);
  }
  return prefix;
}

function check(destination: PropertyReader, prefix: string, kind: PrefixKind): void {
  try {
    readPrefix(prefix, kind);
  } catch (error) {
    throw new Error(`${destination.where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function inRange(hints: PropertyReader, key: string, fallback: number, least: number, most: number): number {
  const value = hints.number(key, fallback);
  return value >= least && value <= most ? value : hints.fail(key, `a number from ${least} to ${most}`);
}
