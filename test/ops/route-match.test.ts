import { matchRoute } from "../../src/ops/route-match.ts";
import { OPS_ROUTES } from "../../src/ops/routes.ts";

const found = (method: string, path: string) => matchRoute(OPS_ROUTES, method, path).route?.path;

test("what people ask of their data has an address beside the ops API", () => {
  expect(found("POST", "/v1/privacy/erase")).toBe("/privacy/erase");
  expect(found("POST", "/v1/privacy/export")).toBe("/privacy/export");
  expect(matchRoute(OPS_ROUTES, "GET", "/v1/privacy/jobs/j-1")).toMatchObject({ segments: { id: "j-1" } });
  expect(found("POST", "/v1/ops/privacy/erase")).toBe("/privacy/erase");
});

test.each(["/v1/privacy/keys", "/v1/privacy/../keys", "/v1/privacy", "/v1/privacyerase", "/v1/ops/v1/privacy/erase"])(
  "and %s is no way to anything else",
  (path) => {
    for (const method of ["GET", "POST"]) expect(found(method, path)).toBeUndefined();
  },
);
