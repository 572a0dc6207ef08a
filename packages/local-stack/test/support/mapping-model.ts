import type { EventSourceMappingModel } from "../../src/model.ts";

/** A mapping as the template has most of them: of a queue `q` to a function `f`, in batches of ten, at once, answered row by row. */
export function mappingModel(uuid = "00000000-0000-4000-8000-000000000000"): EventSourceMappingModel {
  return {
    logicalId: "Mapping",
    uuid,
    arn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`,
    queueArn: "arn:aws:sqs:us-east-1:000000000000:q",
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    batchSize: 10,
    windowSeconds: 0,
    reportBatchItemFailures: true,
    enabled: true,
  };
}
