import { App, Stack } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from "cdk-nag";
import defaultConfig from "../../tracklayer.config.ts";
import { synthStack } from "../support/synth-stack.ts";

/** Rules of both packs that are broken without an acknowledgement, as `rule at construct`. */
function findings(app: App): string[] {
  const packs: NagPack[] = [new AwsSolutionsChecks(app), new ServerlessChecks(app)];
  return packs.flatMap((pack) =>
    pack
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
      ),
  );
}

test.each(["development", "production"])("the %s stack has no finding without a written reason", (environment) => {
  const { app } = synthStack({ environment, alarms: { emails: ["ops@example.com"] } });
  expect(findings(app)).toEqual([]);
});

test("neither has the stack that asks platforms for their scores", () => {
  const { destinations } = defaultConfig;
  const meta = { settings: { datasetId: "1234567890123456" }, readBackQuality: true };
  expect(findings(synthStack({ destinations: { ...destinations, meta } }).app)).toEqual([]);
});

test("nor the stack that keeps contacts in clear", () => {
  expect(findings(synthStack({ destinations: { klaviyo: { settings: {} } } }).app)).toEqual([]);
});

test("the check would see a finding, of either pack", () => {
  const app = new App();
  new Queue(new Stack(app, "Careless"), "Queue");
  const rules = findings(app).map((finding) => finding.split(" at ")[0]);
  expect(rules).toEqual(expect.arrayContaining(["AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"]));
});

test("every acknowledgement says why in a sentence", () => {
  const { app } = synthStack();
  const reasons = app.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === "aws:cdk:acknowledged-rules")
    .flatMap(({ data }) => Object.values(data as Record<string, string>));
  expect(reasons.length).toBeGreaterThan(10);
  for (const reason of reasons) expect(String(reason).split(" ").length).toBeGreaterThan(8);
});
