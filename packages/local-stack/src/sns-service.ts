import { randomUUID } from "node:crypto";
import { buildApp } from "fauxqs";
import { authorize } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import type { Caller } from "./callers.ts";
import { type Faults, faultError } from "./faults.ts";
import type { GatewayAnswer, GatewayRequest } from "./gateway-exchange.ts";
import type { Meter } from "./meter.ts";
import type { TopicModel } from "./model.ts";
import { escapeXml } from "./s3-xml.ts";

/** Topics, which fauxqs stands in for, inside this process and without a port of its own. */
export class SnsService {
  readonly #app = buildApp({ logger: false });
  readonly #meter: Meter;
  readonly #faults: Faults;

  private constructor(meter: Meter, faults: Faults) {
    this.#meter = meter;
    this.#faults = faults;
  }

  /** Creates the topics of the stack. */
  static async open(topics: readonly TopicModel[], meter: Meter, faults: Faults): Promise<SnsService> {
    const service = new SnsService(meter, faults);
    for (const { name } of topics) {
      const payload = `Action=CreateTopic&Name=${encodeURIComponent(name)}`;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      await service.#app.inject({ method: "POST", url: "/", headers, payload });
    }
    return service;
  }

  /** Refusals are answers, too. */
  async answer(caller: Caller, request: GatewayRequest): Promise<GatewayAnswer> {
    try {
      return await this.#run(caller, request);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return snsError(error);
    }
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async #run(caller: Caller, { url, headers, body }: GatewayRequest): Promise<GatewayAnswer> {
    const form = new URLSearchParams(body.toString());
    const operation = form.get("Action") ?? "";
    const use = { calls: 1, errors: 1, bytes: body.length };
    try {
      // The permission for a batch is that of the single operation.
      const action = `sns:${operation.replace(/^PublishBatch$/, "Publish")}`;
      authorize(caller, "sns", [{ action, resource: form.get("TopicArn") ?? "*" }]);
      const fault = this.#faults.strike("sns", operation, "before");
      if (fault !== undefined) throw faultError(fault);
      const answer = await this.#app.inject({
        method: "POST",
        url,
        headers: { ...headers, host: "127.0.0.1" },
        payload: body,
      });
      if (answer.statusCode < 400) use.errors = 0;
      return { status: answer.statusCode, headers: answer.headers, body: answer.rawPayload };
    } finally {
      this.#meter.add(caller.id, `sns:${operation}`, use);
    }
  }
}

function snsError(error: AwsError): GatewayAnswer {
  const inner = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
  const body = `<ErrorResponse><Error><Type>Sender</Type>${inner}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}
