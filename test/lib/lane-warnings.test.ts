import { App, Stack } from "aws-cdk-lib";
import { addLaneWarnings } from "../../lib/lane-warnings.ts";
import type { TracklayerConfig } from "../../src/config/define-config.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import defaultConfig from "../../tracklayer.config.ts";
import { fakeDestination } from "../support/lane-world.ts";

/** Meta's announced last day of v21.0. */
const SUNSET = Date.parse("2027-01-21T00:00:00Z");

type DestinationConfigs = TracklayerConfig["destinations"];

function warningsOf(destinations: DestinationConfigs, now: number, types = DESTINATIONS): string[] {
  const stack = new Stack(new App(), "Test");
  addLaneWarnings(stack, resolveConfig({ ...defaultConfig, destinations }, DESTINATIONS), types, now);
  return stack.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => String(data));
}

function metaVersion(apiVersion: string): DestinationConfigs {
  return { ads: { type: "meta", settings: { datasetId: "1234567890", apiVersion } } };
}

test("a version that ends within 60 days is a warning with the lane, the day and the remedy; before that it is none", () => {
  expect(warningsOf(metaVersion("v21.0"), SUNSET - 60 * DAY_MS)).toEqual([
    expect.stringMatching(
      /^destinations\.ads: Graph API v21\.0 ends on 2027-01-21, in 60 days: set apiVersion to v\d+/,
    ),
  ]);
  expect(warningsOf(metaVersion("v21.0"), SUNSET - 61 * DAY_MS)).toEqual([]);
});

test("every installed default is far from its end on the day that its table was written", () => {
  expect(warningsOf({ meta: { settings: { datasetId: "1234567890" } } }, Date.parse("2026-07-29"))).toEqual([]);
});

test("a test mode that the platform does not have is a warning: its events are real ones", () => {
  const crm = { type: "webhook", settings: { url: "https://crm.example.com/in" }, testMode: true } as const;
  expect(warningsOf({ crm }, SUNSET)).toEqual([
    expect.stringContaining("destinations.crm: Webhook has no test mode: with testMode, real events are delivered"),
  ]);
  expect(warningsOf({ crm: { ...crm, testMode: false } }, SUNSET)).toEqual([]);
});

test("a platform with a test mode is no reason to warn", () => {
  expect(warningsOf({ ga4: { settings: { measurementId: "G-ABC1234567" }, testMode: true } }, SUNSET)).toEqual([]);
});

test("an override of what a destination declares of consent is a warning with its name and reason, each by itself", () => {
  const stack = new Stack(new App(), "Test");
  const override = { destination: "meta", because: "Contract with the agency.", whenDenied: { ad_user_data: "send" } };
  const consent = {
    overrides: [
      { ...override, name: "one", countries: ["US"] },
      { ...override, name: "two" },
    ],
  };
  const destinations = { meta: { settings: { datasetId: "1234567890" } } };
  const config = resolveConfig({ ...defaultConfig, destinations, consent }, DESTINATIONS);
  addLaneWarnings(stack, config, DESTINATIONS, Date.parse("2026-07-29"));
  const warnings = stack.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => String(data));
  expect(warnings).toEqual(
    ["one", "two"].map((name) =>
      expect.stringContaining(
        `destinations.meta: the consent override ${name} lets more through when ad_user_data is denied: Contract with`,
      ),
    ),
  );
});

test("a default that takes silence for consent in the EEA is a warning with its name and reason", () => {
  const stack = new Stack(new App(), "Test");
  const rule = { name: "counsel", because: "Each visitor has a contract.", countries: ["*"], purposes: "granted" };
  const destinations = { meta: { settings: { datasetId: "1234567890" } } };
  const config = resolveConfig({ ...defaultConfig, destinations, consent: { defaults: [rule] } }, DESTINATIONS);
  addLaneWarnings(stack, config, DESTINATIONS, Date.parse("2026-07-29"));
  const warnings = stack.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => String(data));
  expect(warnings).toEqual([
    expect.stringMatching(/the rule counsel takes silence for consent .*: Each visitor has a contract\./),
  ]);
});

test("an opt-out that is not honoured is a warning", () => {
  const stack = new Stack(new App(), "Test");
  const destinations = { meta: { settings: { datasetId: "1234567890" } } };
  const config = resolveConfig({ ...defaultConfig, destinations, consent: { honourGpc: false } }, DESTINATIONS);
  addLaneWarnings(stack, config, DESTINATIONS, Date.parse("2026-07-29"));
  expect(JSON.stringify(stack.node.metadata)).toContain("consent.honourGpc: opt-outs by Global Privacy Control");
});

test("all warnings of one lane are there, and each lane has its own", () => {
  const fake = fakeDestination({ warnings: () => ["first", "second"] });
  const settings = { datasetId: "1234567890" };
  const lanes = { a: { type: "meta", settings, testMode: true }, b: { type: "meta", settings } } as const;
  expect(warningsOf(lanes, SUNSET, { meta: fake }).map((text) => text.split(": ")[1]?.split(" [")[0])).toEqual([
    "first",
    "second",
    expect.stringContaining("Fake has no test mode"),
    "first",
    "second",
  ]);
});
