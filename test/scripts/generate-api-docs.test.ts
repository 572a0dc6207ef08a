import { readFileSync } from "node:fs";
import { join } from "node:path";
import { API_EXAMPLES, FIELD_NOTES } from "../../scripts/api-docs-texts.ts";
import { eventSchema, generatedDocs, openApi } from "../../scripts/generate-api-docs.ts";
import { ingestWorld, send } from "../support/ingest-world.ts";

const root = join(import.meta.dirname, "../..");

test.each(Object.entries(generatedDocs()))(
  "%s is what the schema generates (run scripts/generate-api-docs.ts)",
  (path, content) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(content);
  },
);

test("the examples are true", async () => {
  const world = ingestWorld();
  expect((await send(world, { body: API_EXAMPLES.batch })).json).toEqual(API_EXAMPLES.accepted);
  for (const body of [API_EXAMPLES.purchase, API_EXAMPLES.lead]) {
    expect((await send(world, { body })).json.results).toMatchObject([{ status: "accepted" }]);
  }
});

test("every note is about a field that exists, and has reached it", () => {
  const schema = JSON.stringify(eventSchema());
  for (const note of Object.values(FIELD_NOTES)) expect(schema).toContain(JSON.stringify(note));
});

test("every reference in the API description resolves", () => {
  const api = openApi() as { components: { schemas: object } };
  const names = [...JSON.stringify(api).matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1] ?? "");
  expect(Object.keys(api.components.schemas)).toEqual(expect.arrayContaining(names));
});
