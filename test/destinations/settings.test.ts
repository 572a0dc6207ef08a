import { ga4 } from "../../src/destinations/ga4.ts";
import { meta } from "../../src/destinations/meta.ts";

test("Meta: defaults", () => {
  expect(meta.settings.parse({ datasetId: "1234567890" })).toEqual({
    datasetId: "1234567890",
    apiVersion: "v26.0",
    incompleteWebsite: "skip",
  });
});

test.each([
  [{}, "datasetId: must be the dataset (pixel) id, digits as text (got nothing)"],
  [{ datasetId: 1234567890 }, "datasetId: must be the dataset (pixel) id, digits as text (got 1234567890)"],
  [{ datasetId: "px/../x" }, "datasetId: must be the dataset"],
  [{ datasetId: "1234567890", apiVersion: "26" }, "apiVersion: must look like v26.0"],
  [{ datasetId: "1234567890", testEventCode: "x" }, "testEventCode: must look like TEST12345"],
  [{ datasetId: "1234567890", pixel: "1" }, "pixel: is no setting (got"],
])("Meta: %j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => meta.settings.parse(settings)).toThrow(message);
});

test("GA4: defaults", () => {
  expect(ga4.settings.parse({ measurementId: "G-ABC1234567" })).toEqual({
    measurementId: "G-ABC1234567",
    endpoint: "global",
    userProvidedData: false,
    ipAndUserAgent: true,
    clientIdFallback: "none",
    eventParameters: [],
  });
});

test.each([
  [{ measurementId: "UA-1-1" }, 'measurementId: must look like G-ABC1234567 (got "UA-1-1")'],
  [{ measurementId: "G-A", endpoint: "us" }, "endpoint: must be one of global, eu"],
  [{ measurementId: "G-A", userProvidedData: "yes" }, "userProvidedData: must be true or false"],
  [{ measurementId: "G-A", eventParameters: [1] }, "eventParameters.0: must be the name of a property"],
])("GA4: %j is refused with the field, the rule and the value", (settings, message) => {
  expect(() => ga4.settings.parse(settings)).toThrow(message);
});

test("what makes a secret useless is said before anything is sent", () => {
  expect(meta.credentialProblem?.({ accessToken: "EAAB\n" })).toContain("accessToken");
  expect(meta.credentialProblem?.({ accessToken: "EAAB" })).toBeUndefined();
  expect(ga4.credentialProblem?.({ apiSecret: " " })).toContain("apiSecret");
  expect(ga4.credentialProblem?.({ apiSecret: "x" })).toBeUndefined();
});
