import { apiVersionWarning, DEFAULT_API_VERSION } from "../../src/destinations/meta/api-version.ts";
import { meta } from "../../src/destinations/meta.ts";

const at = (date: string) => Date.parse(`${date}T12:00:00Z`);

test.each([
  ["v21.0", "2026-11-20", undefined],
  ["v21.0", "2026-11-23", "ends on 2027-01-21, in 58 days"],
  ["v21.0", "2027-01-20", "in 0 days"],
  ["v21.0", "2027-01-22", "was retired on 2027-01-21"],
  ["v16.0", "2026-11-23", "was retired years ago"],
  [DEFAULT_API_VERSION, "2026-11-23", undefined],
  ["v31.0", "2026-11-23", undefined],
])("%s on %s: %s", (version, today, warning) => {
  const words = apiVersionWarning(version, at(today));
  if (warning === undefined) expect(words).toBeUndefined();
  else expect(words).toContain(warning);
});

test("the lane warns with it", () => {
  const settings = meta.settings.parse({ datasetId: "1234567890", apiVersion: "v20.0" });
  expect(meta.warnings?.(settings, at("2026-11-23"))).toEqual([expect.stringContaining("v20.0 was retired")]);
  expect(meta.warnings?.(meta.settings.parse({ datasetId: "1234567890" }), at("2026-11-23"))).toEqual([]);
});
