import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { buildApp } from "fauxqs";
import { authorize, type Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { Caller } from "./callers.ts";
import { type Faults, faultError } from "./faults.ts";
import type { Meter } from "./meter.ts";
import type { StackModel } from "./model.ts";

/** An answer of a service that speaks XML. */
export interface XmlAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

interface Sorted {
  readonly operation: string;
  readonly need: Need;
}

/** SNS and S3, which fauxqs stands in for, inside this process and without a port of its own. */
export class XmlServices {
  readonly #app = buildApp({ logger: false });
  readonly #meter: Meter;
  readonly #faults: Faults;

  private constructor(meter: Meter, faults: Faults) {
    this.#meter = meter;
    this.#faults = faults;
  }

  /** Creates the topics and buckets of the stack. */
  static async open(model: StackModel, meter: Meter, faults: Faults): Promise<XmlServices> {
    const services = new XmlServices(meter, faults);
    for (const { name } of model.topics) {
      const payload = `Action=CreateTopic&Name=${encodeURIComponent(name)}`;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      await services.#app.inject({ method: "POST", url: "/", headers, payload });
    }
    for (const { name } of model.buckets) await services.#app.inject({ method: "PUT", url: `/${name}` });
    return services;
  }

  async answer(caller: Caller, service: string, request: IncomingMessage, body: Buffer): Promise<XmlAnswer> {
    try {
      const sorted = service === "sns" ? sortSns(body) : service === "s3" ? sortS3(request) : undefined;
      if (sorted === undefined) {
        throw new AwsError("UnknownOperationException", `The local stack has no service "${service}"`);
      }
      return await this.#run(caller, service, sorted, request, body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return xmlError(error, service);
    }
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async #run(
    caller: Caller,
    service: string,
    sorted: Sorted,
    request: IncomingMessage,
    body: Buffer,
  ): Promise<XmlAnswer> {
    const use = { calls: 1, errors: 1, bytes: body.length };
    try {
      authorize(caller, service, [sorted.need]);
      const fault = this.#faults.strike(service, sorted.operation, "before");
      if (fault !== undefined) throw faultError(fault);
      const answer = await this.#app.inject({
        method: (request.method ?? "GET") as "GET",
        url: request.url ?? "/",
        headers: { ...request.headers, host: "127.0.0.1" },
        payload: body,
      });
      if (answer.statusCode < 400) use.errors = 0;
      return { status: answer.statusCode, headers: answer.headers, body: answer.rawPayload };
    } finally {
      this.#meter.add(caller.id, `${service}:${sorted.operation}`, use);
    }
  }
}

function sortSns(body: Buffer): Sorted {
  const form = new URLSearchParams(body.toString());
  const operation = form.get("Action") ?? "";
  // The permission for a batch is that of the single operation.
  const action = `sns:${operation.replace(/^PublishBatch$/, "Publish")}`;
  return { operation, need: { action, resource: form.get("TopicArn") ?? "*" } };
}

/** Reads and writes of objects, and listing; what S3 has beyond that is denied to functions by name. */
function sortS3(request: IncomingMessage): Sorted {
  const [bucket = "", ...rest] = (request.url ?? "/").split("?")[0]?.slice(1).split("/") ?? [];
  const key = decodeURIComponent(rest.join("/"));
  const verbs: Record<string, string> = { GET: "Get", HEAD: "Get", PUT: "Put", POST: "Put", DELETE: "Delete" };
  const verb = verbs[request.method ?? "GET"] ?? "Unknown";
  if (key === "") {
    const operation = verb === "Get" ? "ListBucket" : `${verb}Bucket`;
    return { operation, need: { action: `s3:${operation}`, resource: `arn:aws:s3:::${bucket}` } };
  }
  const operation = `${verb}Object`;
  return { operation, need: { action: `s3:${operation}`, resource: `arn:aws:s3:::${bucket}/${key}` } };
}

function xmlError(error: AwsError, service: string): XmlAnswer {
  const inner = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
  const id = randomUUID();
  const body =
    service === "s3"
      ? `<?xml version="1.0" encoding="UTF-8"?><Error>${inner}<RequestId>${id}</RequestId></Error>`
      : `<ErrorResponse><Error><Type>Sender</Type>${inner}</Error><RequestId>${id}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
