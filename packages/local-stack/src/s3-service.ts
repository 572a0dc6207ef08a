import { randomUUID } from "node:crypto";
import { authorize, type Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { Caller } from "./callers.ts";
import { type Faults, faultError } from "./faults.ts";
import type { GatewayAnswer, GatewayRequest } from "./gateway-exchange.ts";
import type { Meter } from "./meter.ts";
import type { ObjectHead, ObjectStore } from "./object-store.ts";
import { checkDigests, readS3Request, type S3Request } from "./s3-request.ts";
import { deletesXml, errorXml, listXml, readDeletes, readToken } from "./s3-xml.ts";

/** What the buckets stand on. */
export interface S3ServiceOptions {
  readonly buckets: readonly { readonly name: string }[];
  readonly store: ObjectStore;
  readonly meter: Meter;
  readonly faults: Faults;
  readonly now: () => number;
}

/** Headers of an upload that come back with every download. */
const KEPT_HEADERS = /^(content-(type|encoding|language|disposition)|cache-control|expires|x-amz-meta-.+)$/;
const EMPTY = Buffer.alloc(0);

/** The operations on objects that run here; everything else S3 has is refused by name. */
export class S3Service {
  readonly #options: S3ServiceOptions;
  readonly #buckets: ReadonlySet<string>;

  constructor(options: S3ServiceOptions) {
    this.#options = options;
    this.#buckets = new Set(options.buckets.map(({ name }) => name));
  }

  /** Never throws: what goes wrong is an answer. */
  answer(caller: Caller, http: GatewayRequest): GatewayAnswer {
    const use = { calls: 1, errors: 1, bytes: http.body.length };
    let operation = http.method;
    try {
      const request = readS3Request(http);
      operation = request.operation;
      const answer = this.#withFaults(operation, () => this.#run(caller, request, http));
      if (answer.status < 400) use.errors = 0;
      return answer;
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError("InternalError", String(error), { status: 500 });
      // The answer to a HEAD has no body, and clients know its error by the status alone.
      const body = http.method === "HEAD" ? EMPTY : Buffer.from(errorXml(known));
      return answerOf(known.status, body, { "content-type": "application/xml" });
    } finally {
      this.#options.meter.add(caller.id, `s3:${operation}`, use);
    }
  }

  /** Writes an object as another service of AWS would, with the rights of `caller`; throws AwsError. */
  write(caller: Caller, bucket: string, key: string, body: Buffer, headers: Readonly<Record<string, string>>): void {
    const use = { calls: 1, errors: 1, bytes: body.length };
    try {
      authorize(caller, "s3", [objectNeed("PutObject", bucket, key)]);
      this.#withFaults("PutObject", () => {
        this.#checkBucket(bucket);
        this.#options.store.put(bucket, key, body, headers, this.#options.now());
      });
      use.errors = 0;
    } finally {
      this.#options.meter.add(caller.id, "s3:PutObject", use);
    }
  }

  #withFaults<T>(operation: string, run: () => T): T {
    const before = this.#options.faults.strike("s3", operation, "before");
    if (before !== undefined) throw faultError(before);
    const done = run();
    const after = this.#options.faults.strike("s3", operation, "after");
    if (after !== undefined) throw faultError(after);
    return done;
  }

  #run(caller: Caller, request: S3Request, http: GatewayRequest): GatewayAnswer {
    const { operation, bucket, key } = request;
    switch (operation) {
      case "PutObject":
        return this.#allowed(caller, request, () => this.#put(request, http));
      case "GetObject":
      case "HeadObject":
        authorize(caller, "s3", [objectNeed("GetObject", bucket, key)]);
        this.#checkBucket(bucket);
        return this.#get(caller, request);
      case "DeleteObject":
        return this.#allowed(caller, request, () => {
          this.#options.store.remove(bucket, key);
          return answerOf(204, EMPTY);
        });
      case "DeleteObjects":
        this.#checkBucket(bucket);
        return this.#deleteAll(caller, request);
      case "HeadBucket":
        authorize(caller, "s3", [listNeed(request)]);
        this.#checkBucket(bucket);
        return answerOf(200, EMPTY, { "x-amz-bucket-region": "us-east-1" });
      case "ListObjectsV2":
        authorize(caller, "s3", [listNeed(request)]);
        this.#checkBucket(bucket);
        return this.#list(request);
      default:
        throw new AwsError("NotImplemented", `s3: ${operation} does not run in the local stack`, { status: 501 });
    }
  }

  #allowed(caller: Caller, { operation, bucket, key }: S3Request, run: () => GatewayAnswer): GatewayAnswer {
    authorize(caller, "s3", [objectNeed(operation, bucket, key)]);
    this.#checkBucket(bucket);
    return run();
  }

  #put(request: S3Request, http: GatewayRequest): GatewayAnswer {
    const { bucket, key, header, body, checksums } = request;
    checkDigests(request);
    const { store, now } = this.#options;
    const present = store.head(bucket, key);
    const [ifMatch, ifNoneMatch] = [header("if-match"), header("if-none-match")];
    if (ifNoneMatch === "*" && present !== undefined) throw preconditionFailed();
    if (ifMatch !== undefined && ifMatch !== present?.etag) throw preconditionFailed();
    const kept = Object.entries(http.headers).flatMap(([name, value]) =>
      KEPT_HEADERS.test(name) && typeof value === "string" ? [[name, value] as const] : [],
    );
    const headers: Record<string, string> = { ...Object.fromEntries(kept), ...checksums };
    headers["content-type"] ??= "application/octet-stream";
    const encodings = headers["content-encoding"]?.split(",").map((encoding) => encoding.trim());
    const left = encodings?.filter((encoding) => encoding !== "aws-chunked").join(",");
    if (left) headers["content-encoding"] = left;
    else delete headers["content-encoding"];
    const { etag } = store.put(bucket, key, body, headers, now());
    return answerOf(200, EMPTY, { etag, ...checksums });
  }

  #get(caller: Caller, { operation, bucket, key, header }: S3Request): GatewayAnswer {
    const { store } = this.#options;
    const head = store.head(bucket, key);
    if (head === undefined) {
      // Who may not list is not told what is not there, on AWS as here.
      authorize(caller, "s3", [{ action: "s3:ListBucket", resource: bucketArn(bucket) }]);
      throw new AwsError("NoSuchKey", "The specified key does not exist.", { status: 404 });
    }
    const ifMatch = header("if-match");
    if (ifMatch !== undefined && ifMatch !== head.etag) throw preconditionFailed();
    if (header("if-none-match") === head.etag) return answerOf(304, EMPTY, { etag: head.etag });
    const headers = headersOf(head, header("x-amz-checksum-mode") === "ENABLED");
    if (operation === "HeadObject") {
      return { status: 200, headers: { ...headers, "content-length": head.bytes }, body: EMPTY };
    }
    const body = store.body(bucket, key);
    const range = header("range");
    return range === undefined ? answerOf(200, body, headers) : partOf(body, range, headersOf(head, false));
  }

  /** The permission is that of the single operation, key by key. */
  #deleteAll(caller: Caller, request: S3Request): GatewayAnswer {
    checkDigests(request);
    const { keys, isQuiet } = readDeletes(request.body);
    const deleted: string[] = [];
    const refused: (readonly [string, AwsError])[] = [];
    for (const key of keys) {
      try {
        authorize(caller, "s3", [objectNeed("DeleteObject", request.bucket, key)]);
        this.#options.store.remove(request.bucket, key);
        deleted.push(key);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        refused.push([key, error]);
      }
    }
    const body = Buffer.from(deletesXml(isQuiet ? [] : deleted, refused));
    return answerOf(200, body, { "content-type": "application/xml" });
  }

  #list(request: S3Request): GatewayAnswer {
    const { bucket, query } = request;
    const asked = Number(query.get("max-keys") ?? 1000);
    if (!Number.isInteger(asked) || asked < 0) throw new AwsError("InvalidArgument", "max-keys must be a number");
    const maxKeys = Math.min(1000, asked);
    const token = query.get("continuation-token");
    const page = this.#options.store.list(bucket, {
      prefix: query.get("prefix") ?? "",
      delimiter: query.get("delimiter") ?? undefined,
      startAfter: query.get("start-after") ?? "",
      continueFrom: token === null ? undefined : readToken(token),
      maxKeys,
    });
    return answerOf(200, Buffer.from(listXml(request, maxKeys, page)), { "content-type": "application/xml" });
  }

  #checkBucket(bucket: string): void {
    if (!this.#buckets.has(bucket)) {
      throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, { status: 404 });
    }
  }
}

function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

function objectNeed(operation: string, bucket: string, key: string): Need {
  return { action: `s3:${operation}`, resource: `${bucketArn(bucket)}/${key}` };
}

/** A condition on `s3:prefix` holds against what was asked for; who asks for everything has no prefix at all. */
function listNeed({ bucket, query }: S3Request): Need {
  const keys = { "s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys" };
  const context: Record<string, string[]> = {};
  for (const [key, parameter] of Object.entries(keys)) {
    const value = query.get(parameter);
    if (value !== null) context[key] = [value];
  }
  return { action: "s3:ListBucket", resource: bucketArn(bucket), context };
}

function preconditionFailed(): AwsError {
  const message = "At least one of the pre-conditions you specified did not hold";
  return new AwsError("PreconditionFailed", message, { status: 412 });
}

function headersOf({ etag, modifiedAtMs, headers }: ObjectHead, withChecksum: boolean): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => withChecksum || !name.startsWith("x-amz-checksum-"));
  return {
    ...Object.fromEntries(kept),
    etag,
    "last-modified": new Date(modifiedAtMs).toUTCString(),
    "accept-ranges": "bytes",
  };
}

function partOf(body: Buffer, range: string, headers: Record<string, string>): GatewayAnswer {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const from = first === "" ? Math.max(0, body.length - Number(last)) : Number(first);
  const to = first === "" || last === "" ? body.length - 1 : Math.min(Number(last), body.length - 1);
  if ((first === "" && last === "") || from > to) {
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", { status: 416 });
  }
  return answerOf(206, body.subarray(from, to + 1), {
    ...headers,
    "content-range": `bytes ${from}-${to}/${body.length}`,
  });
}

function answerOf(status: number, body: Buffer, headers: Record<string, string> = {}): GatewayAnswer {
  const id = { "x-amz-request-id": randomUUID() };
  // A 204 and a 304 have no length.
  const length = status === 204 || status === 304 ? {} : { "content-length": body.length };
  return { status, headers: { ...headers, ...id, ...length }, body };
}
