import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { EVENT_NAMES } from "../src/core/event.ts";
import { EVENT_NAME_ALIASES } from "../src/core/event-names.ts";
import { EVENT_INPUT } from "../src/core/event-schema.ts";
import { MAX_EVENTS } from "../src/sources/tracklayer.ts";
import { API_EXAMPLES, FIELD_NOTES } from "./api-docs-texts.ts";
import { writeCatalogue } from "./generate-catalogue.ts";
import { writeCliDocs } from "./generate-cli-docs.ts";
import { writeFailures } from "./generate-failures.ts";
import { writeOpsApi } from "./generate-ops-api.ts";

type Json = { [key: string]: unknown };

const ROOT = join(import.meta.dirname, "..");

/** JSON Schema of one event as `POST /v1/events` takes it, from the schema that checks it. */
export function eventSchema(): Json {
  const { $schema, ...schema } = z.toJSONSchema(EVENT_INPUT, { io: "input" }) as Json;
  annotate(schema, "");
  return {
    $schema,
    $id: "urn:tracklayer:event:1",
    title: "TrackLayer event",
    description: `null and blank text count as absent; unknown keys are ignored with a warning, and so is a broken field of page, campaign, app, device, user, browser_ids, click_ids or items that is not an id, and a broken consent string. Canonical event names: ${EVENT_NAMES.filter((name) => name !== "custom").join(", ")}. Also taken: ${Object.entries(
      EVENT_NAME_ALIASES,
    )
      .map(([alias, name]) => `${alias} (${name})`)
      .join(
        ", ",
      )}. Other spellings (Purchase, AddToCart, Order Completed) are taken as the canonical name with a warning; any other name is a custom event.`,
    ...schema,
    examples: [API_EXAMPLES.purchase, API_EXAMPLES.lead],
  };
}

/** The OpenAPI 3.1 description of the first-party API. */
export function openApi(): Json {
  const { $schema: _schema, $id: _id, ...event } = eventSchema();
  return {
    openapi: "3.1.0",
    info: {
      title: "TrackLayer ingest API",
      version: "1",
      description: "Takes conversion events. Segment and RudderStack SDKs use their own routes on the same host.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "https://{host}", variables: { host: { default: "ingest.example.com" } } }],
    security: [{ bearer: [] }, { basic: [] }, { header: [] }, { query: [] }],
    paths: { "/v1/events": { post: eventsOperation() } },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The source's key." },
        basic: {
          type: "http",
          scheme: "basic",
          description: "The source's key as user name; the password is ignored.",
        },
        header: { type: "apiKey", in: "header", name: "X-TrackLayer-Key" },
        query: { type: "apiKey", in: "query", name: "key", description: "Browser and app keys only, for sendBeacon." },
      },
      schemas: { Event: event, Problem: PROBLEM, Result: RESULT, Error: ERROR },
    },
  };
}

const PROBLEM = {
  type: "object",
  required: ["field", "rule", "got"],
  properties: {
    field: { type: "string", description: "Path of the field, such as items[0].price." },
    rule: { type: "string" },
    got: { type: "string", description: "Kind and size of what came, never the value." },
  },
};

const RESULT = {
  type: "object",
  required: ["index", "event_id", "status"],
  properties: {
    index: { type: "integer", description: "Position in the request." },
    event_id: { type: "string" },
    event_id_origin: {
      enum: ["given", "order_id", "generated"],
      description:
        "order_id: made of the order id because none was given (purchase-<order_id>; refund-<order_id>-<value>-<epoch seconds>, the last two when given).",
    },
    status: {
      enum: ["accepted", "rejected", "unavailable"],
      description:
        "accepted: durably queued. rejected: broken, kept in quarantine, sending it again does not help. unavailable: neither; send it again with this event_id.",
    },
    errors: { type: "array", items: { $ref: "#/components/schemas/Problem" } },
    warnings: { type: "array", items: { $ref: "#/components/schemas/Problem" } },
  },
};

const ERROR = {
  type: "object",
  required: ["success", "error", "message", "request_id"],
  properties: {
    success: { const: false },
    error: { type: "string", description: "Code for programs." },
    message: { type: "string", description: "Sentence for people." },
    request_id: { type: "string" },
    results: { type: "array", items: { $ref: "#/components/schemas/Result" } },
  },
};

function eventsOperation(): Json {
  const event = { $ref: "#/components/schemas/Event" };
  const batch = {
    type: "object",
    required: ["events"],
    properties: {
      events: { type: "array", minItems: 1, maxItems: MAX_EVENTS, items: event },
      sent_at: {
        type: ["string", "number"],
        description: "The sender's clock at this moment; corrects device clocks.",
      },
    },
  };
  const { purchase, batch: batchExample, accepted } = API_EXAMPLES;
  return {
    operationId: "sendEvents",
    summary: "Send one event or up to 500",
    description:
      "At most 1 MB inflated and 64 KB an event; gzip is taken. Never redirects. The content type is not looked at.",
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: { anyOf: [event, batch] },
          examples: { one: { value: purchase }, batch: { value: batchExample } },
        },
      },
    },
    responses: {
      202: {
        headers: RETRY_AFTER,
        description:
          "Read. Each event has its own result, and one may be rejected or unavailable beside others that are accepted.",
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: ["results", "accepted", "rejected", "request_id"],
              properties: {
                results: { type: "array", items: { $ref: "#/components/schemas/Result" } },
                accepted: { type: "integer" },
                rejected: { type: "integer" },
                request_id: { type: "string" },
              },
            },
            examples: { accepted: { value: accepted } },
          },
        },
      },
      400: errorAnswer("Not JSON, not an event, or an empty list. Nothing was taken."),
      401: errorAnswer(
        "key_missing, key_unknown, secret_key_in_browser (a server key with an Origin header) or secret_key_in_url.",
      ),
      403: errorAnswer(
        "origin_not_allowed: a browser key from an origin, or a Referer without one, that is not listed; or an app key from a page.",
      ),
      413: errorAnswer("too_large or too_many_events."),
      429: { description: "Too many requests; answered by the gateway.", headers: RETRY_AFTER },
      503: {
        ...errorAnswer("Nothing was taken. Send the same events again, with the ids in results where there are any."),
        headers: RETRY_AFTER,
      },
    },
  };
}

const RETRY_AFTER = {
  "Retry-After": {
    description: "Whole seconds; on a 202 when some events are unavailable.",
    schema: { type: "integer" },
  },
};

function errorAnswer(description: string): Json {
  return { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };
}

/** Puts the notes of `FIELD_NOTES` on the fields that they name, and fails on one that names no field. */
function annotate(schema: Json, path: string): void {
  const fields = (schema.properties ?? {}) as Record<string, Json>;
  for (const [name, field] of Object.entries(fields)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (FIELD_NOTES[at] !== undefined) field.description = FIELD_NOTES[at];
    annotate(field, at);
    if (typeof field.items === "object" && field.items !== null) annotate(field.items as Json, `${at}[]`);
  }
}

/** The generated files by path, as they must be on disk. */
export function generatedDocs(): Record<string, string> {
  const text = (value: Json) => `${JSON.stringify(value, null, 2)}\n`;
  return { "docs/event.schema.json": text(eventSchema()), "docs/openapi.json": text(openApi()) };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(generatedDocs())) writeFileSync(join(ROOT, path), content);
  writeCatalogue();
  writeFailures();
  writeOpsApi();
  writeCliDocs();
}
