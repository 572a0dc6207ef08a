import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod/mini";
import { OPS_PERMISSIONS } from "../src/ops/contract/keys.ts";
import { fieldsOf } from "../src/ops/route-input.ts";
import { OPS_ROOT } from "../src/ops/route-match.ts";
import type { AnyOpsRoute } from "../src/ops/router.ts";
import { OPS_ROUTES } from "../src/ops/routes.ts";

const ROOT = join(import.meta.dirname, "..");
const PATH = "docs/ops-openapi.json";

type Json = Record<string, unknown>;
/** As much of a route as is described. */
type DescribedRoute = Omit<AnyOpsRoute<never>, "run">;

const DESCRIPTION =
  "For people and their tools. Times are epoch milliseconds. Personal data is masked unless a request says " +
  "`personal=true` with a key that has the permission `personal`. What is marked as audited is written to the audit " +
  "log before it happens, and does not happen when it cannot be written.";

/** What any operation may answer beside its own answer. */
const ERRORS: Readonly<Record<string, string>> = {
  "400": "A field is wrong, unknown or missing; the message names it, never its value.",
  "401": "No ops key, or one that does not work.",
  "403": "The key lacks the permission.",
  "404": "There is no such thing.",
  "409": "Not now: something of the kind is under way.",
  "413": "The body is larger than 256 KB.",
  "415": "The body is not sent as application/json.",
  "422": "Understood and refused; the message says why.",
  "429": "Too many wrong keys came from this address; `Retry-After` says how long to wait.",
  "500": "Our own defect; the log has it under the request id.",
  "503": "Keys, the audit log or what was asked for cannot be reached; nothing was done.",
};

/** The OpenAPI document of these routes. */
export function opsOpenApi(routes: readonly DescribedRoute[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `${OPS_ROOT}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  return {
    openapi: "3.1.0",
    info: { title: "TrackLayer ops API", version, description: DESCRIPTION },
    servers: [
      { url: "{url}", variables: { url: { default: "https://example.execute-api.eu-central-1.amazonaws.com" } } },
    ],
    security: [{ opsKey: [] }],
    paths,
    components: {
      securitySchemes: {
        opsKey: {
          type: "http",
          scheme: "bearer",
          description: `\`tlo_<id>_<secret>\`, with some of ${OPS_PERMISSIONS.join(", ")}`,
        },
      },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [status, errorAnswer(description)]),
      ),
      schemas: { Error: ERROR },
    },
  };
}

const ERROR: Json = {
  type: "object",
  properties: {
    error: { type: "string", description: "For programs." },
    message: { type: "string", description: "For people." },
    todo: { type: "string", description: "What to do, where that is known." },
    request_id: { type: "string" },
  },
  required: ["error", "message", "request_id"],
};

function operation(route: DescribedRoute): Json {
  const fields = fieldsOf(route.input);
  const segments = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const others = Object.keys(fields).filter((name) => !segments.includes(name));
  const inBody = route.method === "POST";
  const { properties = {}, required = [] } = schemaOf(route.input, "input") as {
    properties?: Json;
    required?: string[];
  };
  const parameters = [
    ...segments.map((name) => ({ name, in: "path", required: true, schema: properties[name] })),
    ...(inBody ? [] : others.map((name) => query(name, properties[name], required.includes(name)))),
    ...(route.personal === undefined ? [] : [query("personal", { type: "boolean", default: false }, false)]),
  ];
  const body = {
    type: "object",
    properties: Object.fromEntries(others.map((name) => [name, properties[name]])),
    required: required.filter((name) => others.includes(name)),
    additionalProperties: false,
  };
  return {
    operationId: operationIdOf(route),
    tags: [route.path.split("/")[1]],
    summary: route.summary,
    description: descriptionOf(route),
    "x-permission": route.permission,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(inBody && others.length > 0
      ? { requestBody: { required: body.required.length > 0, content: { "application/json": { schema: body } } } }
      : {}),
    responses: {
      "200": { description: "Done.", content: { "application/json": { schema: answerOf(route) } } },
      ...Object.fromEntries(
        Object.keys(ERRORS).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

/** `POST /dlq/{queue}/redrive` as `post_dlq_queue_redrive`: unique, and the same as long as the path is. */
function operationIdOf({ method, path }: DescribedRoute): string {
  return `${method.toLowerCase()}${path.replaceAll(/[/{}]+/g, "_").replace(/_$/, "")}`;
}

function descriptionOf({ permission, audit, personal }: DescribedRoute): string {
  const sentences = [`Needs the permission \`${permission}\`.`];
  if (audit !== undefined) sentences.push("Audited.");
  if (personal !== undefined) sentences.push("With `personal=true` it needs `personal` as well, and is audited.");
  return sentences.join(" ");
}

function query(name: string, schema: unknown, required: boolean): Json {
  return { name, in: "query", required, schema, ...(isList(schema) ? { style: "form", explode: false } : {}) };
}

function isList(schema: unknown): boolean {
  return (schema as Json | undefined)?.type === "array";
}

function answerOf({ answer }: DescribedRoute): Json {
  return answer === undefined ? { type: "object" } : schemaOf(answer, "output");
}

function schemaOf(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io }) as Json;
  return cleaned(json, io) as Json;
}

/** Without what only zod means by it: its mark of a readonly type, the largest safe number, and closed answers. */
function cleaned(value: unknown, io: "input" | "output"): unknown {
  if (Array.isArray(value)) return value.map((item) => cleaned(item, io));
  if (typeof value !== "object" || value === null) return value;
  const dropped = (name: string, field: unknown) =>
    (name === "readOnly" && field === true) ||
    (io === "output" && name === "additionalProperties" && field === false) ||
    (Math.abs(Number(field)) === Number.MAX_SAFE_INTEGER && ["minimum", "maximum"].includes(name));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, field]) => !dropped(name, field))
      .map(([name, field]) => [name, cleaned(field, io)]),
  );
}

function errorAnswer(description: string): Json {
  return { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };
}

/** The document by its path, as it must be on disk. */
export function opsApiDocs(): Record<string, string> {
  return { [PATH]: `${JSON.stringify(opsOpenApi(OPS_ROUTES), null, 2)}\n` };
}

/** Writes it. */
export function writeOpsApi(): void {
  for (const [path, content] of Object.entries(opsApiDocs())) writeFileSync(join(ROOT, path), content);
}

if (import.meta.main) writeOpsApi();
