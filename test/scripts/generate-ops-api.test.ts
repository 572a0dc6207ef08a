import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod/mini";
import { opsApiDocs, opsOpenApi } from "../../scripts/generate-ops-api.ts";
import { defineRoute } from "../../src/ops/route.ts";
import { OPS_ROUTES } from "../../src/ops/routes.ts";

const root = join(import.meta.dirname, "../..");

test.each(Object.entries(opsApiDocs()))("%s is what the routes say (run npm run docs)", (path, content) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(content);
});

test("no two routes answer the same request, and what changes something is audited", () => {
  const requests = OPS_ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
  expect(new Set(requests).size).toBe(requests.length);
  const unwritten = OPS_ROUTES.filter(({ method, permission, audit }) => {
    return (method !== "GET" || permission === "operate") && audit === undefined;
  });
  expect(unwritten.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test("segments stand in the path, fields of a GET in the query, those of a POST in the body", () => {
  const input = z.object({ id: z.string(), names: z.optional(z.array(z.string())), count: z.number().check(z.int()) });
  const answer = z.object({ done: z.boolean(), at: z.exactOptional(z.number()) });
  const rest = { path: "/things/{id}", summary: "A thing", input, answer, run: async () => ({ done: true }) };
  const document = opsOpenApi([
    defineRoute({ ...rest, method: "GET", permission: "read", personal: () => ({ action: "a", target: "b" }) }),
    defineRoute({ ...rest, method: "POST", permission: "operate", audit: () => ({ action: "a", target: "b" }) }),
  ]);
  expect(document.paths).toMatchObject({
    "/v1/ops/things/{id}": {
      get: {
        operationId: "get_things_id",
        "x-permission": "read",
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "string" } },
          { name: "names", in: "query", required: false, explode: false },
          { name: "count", in: "query", required: true, schema: { type: "integer" } },
          { name: "personal", in: "query", required: false },
        ],
      },
      post: {
        description: "Needs the permission `operate`. Audited.",
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: { required: ["count"], properties: { count: { type: "integer" } } } },
          },
        },
        responses: {
          "200": {
            content: { "application/json": { schema: { required: ["done"], properties: { at: { type: "number" } } } } },
          },
        },
      },
    },
  });
});
