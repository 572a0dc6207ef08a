import { join } from "node:path";
import { MappingSwitches } from "../src/mapping-switches.ts";
import type { EventSourceMappingModel } from "../src/model.ts";
import { temporaryDirectory } from "./support/assembly-fixture.ts";

const MODEL: EventSourceMappingModel = {
  logicalId: "Mapping",
  uuid: "a",
  arn: "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:a",
  queueArn: "arn:aws:sqs:us-east-1:000000000000:q",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
  batchSize: 10,
  windowSeconds: 0,
  reportBatchItemFailures: true,
  enabled: true,
};

test("a switch holds over a restart, until a deployment says otherwise", () => {
  const file = join(temporaryDirectory(), "mappings.json");
  new MappingSwitches(file).set(MODEL, false);
  const restarted = new MappingSwitches(file);
  expect(restarted.isEnabled(MODEL)).toBe(false);
  expect(restarted.isEnabled({ ...MODEL, uuid: "b" })).toBe(true);
  // The template turned it off itself: its word is the newer one, and so is the one that takes it back.
  expect(restarted.isEnabled({ ...MODEL, enabled: false })).toBe(false);
  restarted.set({ ...MODEL, enabled: false }, true);
  expect(restarted.isEnabled({ ...MODEL, enabled: false })).toBe(true);
  expect(new MappingSwitches(file).isEnabled({ ...MODEL, enabled: true })).toBe(true);
});

test("without a file nothing is kept", () => {
  new MappingSwitches(undefined).set(MODEL, false);
  expect(new MappingSwitches(undefined).isEnabled(MODEL)).toBe(true);
});
