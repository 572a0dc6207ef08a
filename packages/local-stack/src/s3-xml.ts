import { randomUUID } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { ObjectPage } from "./object-store.ts";
import type { S3Request } from "./s3-request.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** Text between tags; a carriage return must be a reference, or the reader's parser makes a line feed of it. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|amp|lt|gt|quot|apos);/gi, (_match, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name] ?? "";
  });
}

/** An error as S3 writes it. */
export function errorXml(error: AwsError): string {
  const inner = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
  return `${DECLARATION}<Error>${inner}<RequestId>${randomUUID()}</RequestId></Error>`;
}

/** The answer of ListObjectsV2, with the request's own parameters said back. */
export function listXml({ bucket, query }: S3Request, maxKeys: number, page: ObjectPage): string {
  const isUrl = query.get("encoding-type") === "url";
  const text = (value: string) => escapeXml(isUrl ? encodeURIComponent(value) : value);
  const echo = (element: string, parameter: string, write = text) => {
    const value = query.get(parameter);
    return value === null ? "" : `<${element}>${write(value)}</${element}>`;
  };
  const parts = [
    `<Name>${bucket}</Name><Prefix>${text(query.get("prefix") ?? "")}</Prefix>`,
    echo("Delimiter", "delimiter"),
    echo("StartAfter", "start-after"),
    echo("ContinuationToken", "continuation-token", escapeXml),
    echo("EncodingType", "encoding-type", escapeXml),
    `<KeyCount>${page.objects.length + page.commonPrefixes.length}</KeyCount><MaxKeys>${maxKeys}</MaxKeys>`,
    `<IsTruncated>${page.next !== undefined}</IsTruncated>`,
    page.next === undefined ? "" : `<NextContinuationToken>${writeToken(page.next)}</NextContinuationToken>`,
    ...page.objects.map(
      ({ key, etag, bytes, modifiedAtMs }) =>
        `<Contents><Key>${text(key)}</Key><LastModified>${new Date(modifiedAtMs).toISOString()}</LastModified>` +
        `<ETag>${escapeXml(etag)}</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...page.commonPrefixes.map((prefix) => `<CommonPrefixes><Prefix>${text(prefix)}</Prefix></CommonPrefixes>`),
  ];
  return `${DECLARATION}<ListBucketResult ${NAMESPACE}>${parts.join("")}</ListBucketResult>`;
}

/** A continuation token: opaque to callers, the last key for us. */
function writeToken(last: string): string {
  return Buffer.from(last).toString("base64");
}

/** Reads what `writeToken` made. */
export function readToken(token: string): string {
  const last = Buffer.from(token, "base64").toString();
  if (writeToken(last) === token) return last;
  throw new AwsError("InvalidArgument", "The continuation token provided is incorrect");
}

/** What DeleteObjects asks for. */
export function readDeletes(body: Buffer): { readonly keys: readonly string[]; readonly isQuiet: boolean } {
  const xml = body.toString();
  const keys = [...xml.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, key = ""]) => unescapeXml(key));
  if (keys.length === 0 || keys.length > 1000) {
    throw new AwsError("MalformedXML", "A DeleteObjects request names 1 to 1000 objects");
  }
  return { keys, isQuiet: /<Quiet>\s*true\s*<\/Quiet>/.test(xml) };
}

/** What became of each key of DeleteObjects. */
export function deletesXml(deleted: readonly string[], refused: readonly (readonly [string, AwsError])[]): string {
  const done = deleted.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  const not = refused.map(
    ([key, { code, message }]) =>
      `<Error><Key>${escapeXml(key)}</Key><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
  );
  return `${DECLARATION}<DeleteResult ${NAMESPACE}>${[...done, ...not].join("")}</DeleteResult>`;
}
