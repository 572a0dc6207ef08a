import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { BufferedRecord, DeliveryJournal } from "./delivery-journal.ts";
import type { DeliveryStreamModel } from "./model.ts";
import { objectName, readPrefix } from "./object-name.ts";

const compress = promisify(gzip);
/** After a refusal by S3 the stream tries again this much later. */
const RETRY_MS = 10_000;

/** An object that a stream wrote. */
export interface DeliveredObject {
  readonly streamName: string;
  readonly bucket: string;
  readonly key: string;
  readonly records: number;
  /** Before compression. */
  readonly bytes: number;
}

/** What a stream stands on. */
export interface DeliveryStreamOptions {
  readonly model: DeliveryStreamModel;
  /** Puts an object with the rights of the stream's role; throws the service's error. */
  readonly write: (bucket: string, key: string, body: Buffer, headers: Readonly<Record<string, string>>) => void;
  readonly journal: DeliveryJournal | undefined;
  readonly now: () => number;
  /** Metrics of `AWS/Firehose` for this stream. */
  readonly record: (metricName: string, value: number) => void;
  readonly onProblem: (line: string) => void;
}

/** One delivery stream: gathers records by size and time and writes them to its bucket, one object at a time. */
export class DeliveryStream {
  readonly #options: DeliveryStreamOptions;
  readonly #prefixAt: (atMs: number) => string;
  #buffer: BufferedRecord[] = [];
  #bytes = 0;
  #lastId = 0;
  #notBeforeMs = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: DeliveryStreamOptions) {
    const { model, journal } = options;
    this.#options = options;
    this.#prefixAt = readPrefix(model.prefix, "prefix");
    for (const record of journal?.load(model.name) ?? []) this.#keep(record);
  }

  get model(): DeliveryStreamModel {
    return this.#options.model;
  }

  put(data: Buffer): void {
    const { model, journal, now, record } = this.#options;
    const kept = { id: this.#lastId + 1, atMs: now(), data };
    journal?.save(model.name, kept);
    this.#keep(kept);
    record("IncomingRecords", 1);
    record("IncomingBytes", data.length);
  }

  /** Writes what is full or old enough. Told often: the stream has no timer of its own. */
  async deliverDue(): Promise<void> {
    const { now, record } = this.#options;
    const [oldest] = this.#buffer;
    if (oldest === undefined) return;
    record("DeliveryToS3.DataFreshness", (now() - oldest.atMs) / 1000);
    if (now() >= this.#notBeforeMs) await this.#inTurn(() => this.#isDue());
  }

  /** Writes everything that is buffered; what S3 refuses stays. Gives the objects it wrote. */
  flush(): Promise<readonly DeliveredObject[]> {
    return this.#inTurn(() => true);
  }

  #isDue(): boolean {
    const { model, now } = this.#options;
    const [oldest] = this.#buffer;
    if (oldest === undefined) return false;
    return this.#bytes >= model.bufferBytes || now() - oldest.atMs >= model.bufferSeconds * 1000;
  }

  /** One object after the other: two at once would put refused records back in the wrong order. */
  #inTurn(isWanted: () => boolean): Promise<readonly DeliveredObject[]> {
    const written = this.#writing.then(() => this.#writeWhile(isWanted));
    this.#writing = written;
    return written;
  }

  async #writeWhile(isWanted: () => boolean): Promise<readonly DeliveredObject[]> {
    const delivered: DeliveredObject[] = [];
    while (this.#buffer.length > 0 && isWanted()) {
      const object = await this.#writeOne(this.#take());
      if (object === undefined) break;
      delivered.push(object);
    }
    return delivered;
  }

  /** Up to the size of a buffer; a record is never cut. */
  #take(): BufferedRecord[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#buffer.length && (count === 0 || bytes < this.#options.model.bufferBytes)) {
      bytes += this.#buffer[count]?.data.length ?? 0;
      count += 1;
    }
    this.#bytes -= bytes;
    return this.#buffer.splice(0, count);
  }

  async #writeOne(records: BufferedRecord[]): Promise<DeliveredObject | undefined> {
    const { model, write, journal, now, record, onProblem } = this.#options;
    const oldestAtMs = records[0]?.atMs ?? now();
    const whole = Buffer.concat(records.map(({ data }) => data));
    const key = this.#prefixAt(oldestAtMs) + objectName(model.name, oldestAtMs, model.extension);
    const headers = {
      "content-type": "application/octet-stream",
      ...(model.isGzip ? { "content-encoding": "gzip" } : {}),
    };
    try {
      write(model.bucketName, key, model.isGzip ? await compress(whole) : whole, headers);
    } catch (error) {
      this.#buffer = [...records, ...this.#buffer];
      this.#bytes += whole.length;
      this.#notBeforeMs = now() + RETRY_MS;
      record("DeliveryToS3.Success", 0);
      const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      onProblem(`${model.logicalId}: ${records.length} records could not be written to ${model.bucketName}: ${words}`);
      return undefined;
    }
    journal?.forget(model.name, records.at(-1)?.id ?? 0);
    record("DeliveryToS3.Success", 1);
    record("DeliveryToS3.Records", records.length);
    record("DeliveryToS3.Bytes", whole.length);
    record("DeliveryToS3.DataFreshness", (now() - oldestAtMs) / 1000);
    return { streamName: model.name, bucket: model.bucketName, key, records: records.length, bytes: whole.length };
  }

  #keep(record: BufferedRecord): void {
    this.#lastId = record.id;
    this.#bytes += record.data.length;
    this.#buffer.push(record);
  }
}
