import { roleCaller } from "./callers.ts";
import type { DeliveryJournal } from "./delivery-journal.ts";
import { DeliveryStream } from "./delivery-stream.ts";
import type { MetricStore } from "./metrics.ts";
import type { StackModel } from "./model.ts";
import type { S3Service } from "./s3-service.ts";

/** What the delivery streams of a stack are made with. */
export interface DeliveryParts {
  readonly s3: S3Service;
  readonly store: MetricStore;
  readonly journal: DeliveryJournal | undefined;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** Each stream writes with its own role, under its own name on the bill. */
export function deliveryStreams({ deliveryStreams: models }: StackModel, parts: DeliveryParts): DeliveryStream[] {
  const { s3, store, journal, now, log } = parts;
  return models.map((model) => {
    const caller = roleCaller(model.arn, model.role, "AWSFirehoseToS3");
    return new DeliveryStream({
      model,
      write: (bucket, key, body, headers) => s3.write(caller, bucket, key, body, headers),
      journal,
      now,
      record: (name, value) => store.record("AWS/Firehose", name, { DeliveryStreamName: model.name }, value),
      onProblem: log,
    });
  });
}
