import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "./aws-error.ts";
import type { GatewayRequest } from "./gateway-exchange.ts";

/** A request of S3's REST protocol, path style. */
export interface S3Request {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Out of its chunks, where it came in some. */
  readonly body: Buffer;
  /** Checksum headers, also those that trail a chunked body. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Query parameters that make another operation of the same method and path. */
const SUBRESOURCES = new Set(
  "accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle location logging metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent uploadId uploads versionId versioning versions website".split(
    " ",
  ),
);

const OBJECT_OPERATIONS: Readonly<Record<string, string>> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};

/** Reads a request; what does not run here comes out as an operation that says so by its name. */
export function readS3Request({ method, url, headers, body }: GatewayRequest): S3Request {
  const [path = "/", search = ""] = url.split(/\?(.*)/s);
  const [, bucket = "", rest = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const query = new URLSearchParams(search);
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const isChunked = header("x-amz-content-sha256")?.startsWith("STREAMING-") === true;
  const { payload, trailers } = isChunked ? unchunk(body) : { payload: body, trailers: {} };
  const key = decodeURIComponent(rest);
  const operation = operationOf(method, key, query, header);
  return { operation, bucket, key, query, header, body: payload, checksums: checksumsOf(headers, trailers) };
}

function operationOf(
  method: string,
  key: string,
  query: URLSearchParams,
  header: (name: string) => string | undefined,
): string {
  const subresource = [...query.keys()].find((name) => SUBRESOURCES.has(name));
  if (subresource !== undefined) return `${method} ?${subresource}`;
  if (key !== "") {
    if (header("x-amz-copy-source") !== undefined) return "CopyObject";
    return OBJECT_OPERATIONS[method] ?? `${method} of an object`;
  }
  if (method === "GET") return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
  if (method === "HEAD") return "HeadBucket";
  return method === "POST" && query.has("delete") ? "DeleteObjects" : `${method} of a bucket`;
}

/** `size;extension CRLF bytes CRLF ... 0 CRLF trailers`: how clients send what they stream. */
function unchunk(body: Buffer): { payload: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, Math.max(at, end)), 16);
    if (end < 0 || Number.isNaN(size)) throw new AwsError("IncompleteBody", "The chunked body is broken off");
    at = end + 2;
    if (size === 0) break;
    chunks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const lines = body.toString("latin1", at).split("\r\n");
  const pairs = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
  });
  return { payload: Buffer.concat(chunks), trailers: Object.fromEntries(pairs) };
}

const CHECKSUM = /^x-amz-checksum-(?:crc32c?|crc64nvme|sha1|sha256)$/;

function checksumsOf(headers: GatewayRequest["headers"], trailers: Record<string, string>): Record<string, string> {
  const all = Object.entries({ ...headers, ...trailers });
  return Object.fromEntries(
    all.flatMap(([name, value]) => (CHECKSUM.test(name) && typeof value === "string" ? [[name, value]] : [])),
  );
}

/** Holds the body against what the sender says of it. CRC32C and CRC64NVME are kept and given back unchecked. */
export function checkDigests({ header, body, checksums }: S3Request): void {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const known: Readonly<Record<string, string>> = {
    "content-md5": createHash("md5").update(body).digest("base64"),
    "x-amz-checksum-crc32": crc.toString("base64"),
    "x-amz-checksum-sha1": createHash("sha1").update(body).digest("base64"),
    "x-amz-checksum-sha256": createHash("sha256").update(body).digest("base64"),
  };
  for (const [name, digest] of Object.entries(known)) {
    const said = checksums[name] ?? header(name);
    if (said !== undefined && said !== digest) {
      throw new AwsError("BadDigest", `The ${name} you specified did not match what we received.`);
    }
  }
}
