import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type Services, startServices } from "../../src/services.ts";
import { DATA_RESOURCES, temporaryDirectory, writeAssembly } from "./assembly-fixture.ts";

/** The queues of `DATA_RESOURCES` for each test anew, under a clock of its own, asked through Amazon's client. */
export class QueueWorld {
  nowMs = Date.parse("2026-03-01T10:00:00Z");
  #services: Services | undefined;
  #sqs: SQSClient | undefined;

  constructor() {
    beforeEach(() => this.#start());
    afterEach(async () => {
      this.sqs.destroy();
      await this.services.stop();
    });
  }

  get services(): Services {
    if (this.#services === undefined) throw new Error("the services run within a test only");
    return this.#services;
  }

  get sqs(): SQSClient {
    if (this.#sqs === undefined) throw new Error("the client is there within a test only");
    return this.#sqs;
  }

  url(name: string): string {
    return `${this.services.gatewayUrl}/000000000000/${name}`;
  }

  send(queue: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) {
    return this.sqs.send(new SendMessageCommand({ QueueUrl: this.url(queue), MessageBody, ...more }));
  }

  sendFifo(queue: string, MessageBody: string, MessageGroupId: string, MessageDeduplicationId = MessageBody) {
    return this.send(queue, MessageBody, { MessageGroupId, MessageDeduplicationId });
  }

  async receive(queue: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const input = { QueueUrl: this.url(queue), MaxNumberOfMessages: 10, ...more };
    const { Messages } = await this.sqs.send(new ReceiveMessageCommand(input));
    return Messages ?? [];
  }

  remove(queue: string, message: Message | undefined) {
    const input = { QueueUrl: this.url(queue), ReceiptHandle: message?.ReceiptHandle };
    return this.sqs.send(new DeleteMessageCommand(input));
  }

  hide(queue: string, message: Message | undefined, VisibilityTimeout: number) {
    const input = { QueueUrl: this.url(queue), ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout };
    return this.sqs.send(new ChangeMessageVisibilityCommand(input));
  }

  async #start(): Promise<void> {
    this.#services = await startServices({
      cdkOutDir: writeAssembly({ Resources: DATA_RESOURCES }),
      secretsFile: `${temporaryDirectory()}/secrets.json`,
      log: () => {},
      now: () => this.nowMs,
    });
    const { gatewayUrl: endpoint, operatorCredentials: credentials } = this.#services;
    this.#sqs = new SQSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  }
}

/** What messages say, in their order. */
export function bodies(messages: readonly Message[]): (string | undefined)[] {
  return messages.map((message) => message.Body);
}
