import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type {
  DeliveryContext,
  Destination,
  DestinationResponse,
  Identifier,
  SkipReason,
} from "../../src/core/destination.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

/** One golden case: `test/destinations/<id>/<case>.json`. Events are as ingest makes them, before enrich hashes. */
interface Golden {
  about: string;
  settings: unknown;
  /** Parts of the delivery context that differ from `DEFAULT_CONTEXT`. */
  context?: Partial<Omit<DeliveryContext<unknown>, "settings">>;
  events: CanonicalEvent[];
  /** Why the first event is not sent; then there is no request. */
  skip?: { code: string; detail: string };
  request?: { method: string; url: string; headers: Record<string, string>; body: unknown };
  identifiers?: Identifier[];
  responses?: {
    about: string;
    status: number;
    headers?: Record<string, string>;
    body?: unknown;
    /** Of every event; `outcomes` where the answer speaks of each. */
    outcome?: Outcome;
    outcomes?: Outcome[];
  }[];
}

const root = resolve(import.meta.dirname, "../..");
const ids = Object.keys(DESTINATIONS).sort();

/** What every destination's goldens cover, beside whatever is its own. */
const REQUIRED_CASES = [
  "add-to-cart",
  "answers",
  "custom-event",
  "lead",
  "minimal-identity",
  "non-ascii",
  "pre-hashed",
  "purchase-full",
  "refund",
  "several-items",
  "sign-up",
  "too-old",
  "zero-value",
];

/** Statuses beside 2xx with which a platform says that it took some of the events, and which. */
const PARTLY_TAKEN: Readonly<Record<string, readonly number[]>> = { pinterest: [422] };

function destination(id: string): Destination {
  const found = DESTINATIONS[id];
  if (found === undefined) throw new Error(`no destination ${id}`);
  return found;
}

function goldens(id: string): [string, Golden][] {
  const folder = join(import.meta.dirname, id);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(join(folder, file), "utf8")) as Golden]);
}

function contextOf(id: string, golden: Golden): DeliveryContext<unknown> {
  return deepFreeze({
    lane: id,
    credentials: {},
    now: Math.max(...golden.events.map(({ event_time }) => event_time)) + 60_000,
    testMode: false,
    ...golden.context,
    settings: destination(id).settings.parse(golden.settings),
  });
}

/** JSON where it is, else the text itself: forms, and the empty body of a GET. */
function readable(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** What enrich adds, so that goldens start from raw values. */
function enriched(id: string, { events, settings }: Golden, defaultCountry: string | undefined): CanonicalEvent[] {
  const options = defaultCountry === undefined ? {} : { defaultCountry };
  const { needsRawContact, settings: schema } = destination(id);
  const keepsRaw = needsRawContact(schema.parse(settings));
  return events.map((event) => {
    const { hashes, phoneE164 } = hashVariants(event.user, options);
    const phone = keepsRaw && phoneE164 !== undefined ? { phone_e164: phoneE164 } : {};
    return { ...event, ...phone, hashes: { ...hashes, ...event.hashes } };
  });
}

/** Decided before the lane: the first purpose that the destination asks for and the person refused. */
function refusedPurpose(id: string, { consent }: CanonicalEvent): SkipReason | undefined {
  const refused = destination(id).consent.find((purpose) => consent?.[purpose] === "denied");
  return refused === undefined ? undefined : { code: "consent", detail: `${refused} is denied` };
}

/** The credentials column of the destination's row in the README. */
function credentialsInReadme(id: string): string {
  const rows = readFileSync(join(root, "README.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const column = rows.find((cells) => cells.includes("Credentials"))?.indexOf("Credentials") ?? -1;
  return rows.find((cells) => cells.includes(`\`${id}\``))?.[column] ?? "";
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

function responseOf(answer: { status: number; headers?: Record<string, string>; body?: unknown }): DestinationResponse {
  const { status, headers = {}, body = "" } = answer;
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

describe.each(ids)("%s", (id) => {
  const { limits, ...declared } = destination(id);

  test("is named as its file, and its limits make sense", () => {
    expect(declared.id).toBe(id);
    expect(limits.batchSize).toBeGreaterThanOrEqual(1);
    expect(limits.bodyBytes).toBeGreaterThan(1000);
    expect(limits.timeoutMs).toBeGreaterThan(0);
    const sets = declared.credentialSets ?? [];
    expect(sets.every((fields) => fields.length > 0)).toBe(true);
    // Few platforms take events from anybody; the README says so of each, lest it be a field that was forgotten.
    const needsNone = declared.credentials.length + sets.length === 0;
    expect({ id, needsNone }).toEqual({ id, needsNone: /\bnone\b/i.test(credentialsInReadme(id)) });
  });

  test("says what the platform offers for deletion, and by what it names the person where it takes a request", () => {
    const { afterDays, by, docs, how, identifiers } = declared.catalogue.deletion;
    expect(new URL(docs).protocol).toBe("https:");
    expect(how).toMatch(/^[^\n]{3,400}\.$/);
    const takesRequests = by === "api" || by === "account";
    expect({ by, named: identifiers.length > 0 }).toEqual({ by, named: takesRequests });
    expect({ by, days: afterDays !== undefined }).toEqual({ by, days: by === "expiry" });
    // A reader has to know what to look for: the call, or the right that it takes.
    if (by === "api") expect(how).toMatch(/`[^`]+`/);
    if (by === "undocumented") expect(how).toMatch(/^No documented way.*ask the platform/);
  });

  test("has a golden for everything that every destination meets", () => {
    const consent = declared.consent.length === 0 ? [] : ["consent-refused"];
    const testMode = declared.catalogue.testMode === undefined ? [] : ["test-mode"];
    const required = [...REQUIRED_CASES, ...consent, ...testMode];
    expect(goldens(id).map(([name]) => name)).toEqual(expect.arrayContaining(required));
  });

  test.each(goldens(id))("%s", (_name, golden) => {
    const context = contextOf(id, golden);
    const events = deepFreeze(enriched(id, golden, context.defaultCountry));
    const [first] = events;
    if (first === undefined) throw new Error("a golden needs an event");
    if (golden.skip !== undefined) {
      expect(refusedPurpose(id, first) ?? destination(id).skipReason(first, context)).toEqual(golden.skip);
      return;
    }
    for (const event of events) expect(destination(id).skipReason(event, context)).toBeUndefined();
    expect(new Set(events.map((event) => destination(id).batchKey?.(event, context))).size).toBe(1);
    const request = destination(id).buildRequest(events, context);
    expect({ ...request, body: readable(request.body) }).toEqual(golden.request);
    if (golden.identifiers !== undefined) {
      expect([...destination(id).identifiers(first, context)].sort()).toEqual([...golden.identifiers].sort());
    }
    for (const answer of golden.responses ?? []) {
      expect({ about: answer.about, outcomes: destination(id).classify(responseOf(answer), events, context) }).toEqual({
        about: answer.about,
        outcomes: answer.outcomes ?? events.map(() => answer.outcome),
      });
    }
  });

  test("every status with every body gives each event exactly one outcome", () => {
    const bodies = [
      "",
      "{}",
      "[]",
      "null",
      '"text"',
      '{"events_received":',
      "<html><title>502</title></html>",
      "\u0000\ufffd",
      '{"error":{}}',
      '{"error":"text"}',
      '{"error":{"code":"190","message":7}}',
      '{"events_received":2,"messages":[{}]}',
      '{"validationMessages":[null,{"description":1}]}',
      '{"code":0,"message":"OK","request_id":"r"}',
      '{"code":40002,"message":"data[0].event is invalid","data":null}',
      '{"code":"0","message":7}',
      '{"success":[],"error":[]}',
      '{"success":[{"index":"0"}],"error":[null,{"index":1,"errorCode":7}]}',
      '{"success":true}',
      '{"num_events_received":2,"num_events_processed":1,"events":[{"status":"processed"},{"status":"failed"}]}',
      '{"events":[{"status":"failed"}]}',
      '{"events":[null,7,"x"]}',
      '{"elements":[{"status":201}]}',
      '{"elements":[{"status":201},{"status":422,"error":{"message":"x"}}]}',
      '{"elements":{"0":{"status":201}}}',
      '{"errors":[{"code":"INVALID_ARGUMENT","message":"x"}]}',
      '{"errors":[{"id":"e","status":409,"code":"duplicate","source":{"pointer":"/data/attributes"}}]}',
      '{"errors":[null,7]}',
      '{"errors":"text"}',
      '{"errors":{"0":["x"]}}',
      '{"data":{"conversions_processed":1}}',
      '{"data":{"conversions_processed":"2"}}',
      '{"data":[{"id":"1"}]}',
      '{"status":"VALID"}',
      '{"status":"SUCCESS","reason":"x"}',
      '{"status":"INVALID","reason":{}}',
      '{"status":"error","category":"VALIDATION_ERROR","message":"x","correlationId":"c","errors":[{}]}',
      '{"status":"COMPLETE","results":[{"id":"1"}],"numErrors":1,"errors":[{"context":{"ids":["1"]}}]}',
      '{"requestId":"abc"}',
      '{"error":{"code":3,"status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"events[1].x"}]}]}}',
      '{"error":{"code":8,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"12s"}]}}',
      '{"eventsReceived":1,"error":{"code":"InvalidArgument","details":[{"index":0,"errorMessage":"x"}]}}',
      '{"success":{"index":0},"errors":[{"index":1,"errors":[{"message":"x"}]}]}',
      '{"207":"x","responses":[{"status":200},{"status":422}]}',
      '{"message":"success","events_processed":1,"errors":[{"type":"x","input_array":"events","index":0}]}',
      '{"message":"success","errors":"queued"}',
      '{"meta":{"error":"unauthorized"}}',
      '{"detail":[{"loc":["body"],"msg":"x"}]}',
    ];
    const headers = {
      "retry-after": "x",
      "x-business-use-case-usage": '{"1":[null,{}],"2":7}',
      "x-rate-limit-reset": "soon",
      "x-ratelimit-reset": "-1",
    };
    const events = deepFreeze(
      goldens(id)
        .flatMap(([, golden]) => golden.events)
        .slice(0, 2),
    );
    const kinds = new Set(["delivered", "retry", "rejected", "unauthorized"]);
    for (let status = 100; status <= 599; status += 1) {
      for (const body of bodies) {
        const outcomes = destination(id).classify(deepFreeze({ status, headers, body }), events);
        if (outcomes.length !== 2 || !outcomes.every(({ kind }) => kinds.has(kind))) {
          throw new Error(`status ${status} with ${body} gives ${JSON.stringify(outcomes)}`);
        }
        if ((status >= 300 || status < 200) && !PARTLY_TAKEN[id]?.includes(status)) {
          expect(outcomes.map(({ kind }) => kind)).not.toContain("delivered");
        }
      }
    }
  });

  test("a preview without credentials shows the request", () => {
    const [, golden] = goldens(id).find(([name]) => name === "purchase-full") ?? [];
    if (golden === undefined) throw new Error("no purchase-full");
    const context = { ...contextOf(id, golden), credentials: {} };
    expect(() => destination(id).buildRequest(enriched(id, golden, "US"), context)).not.toThrow();
    const { credentialProblem = () => "declares none" } = destination(id);
    expect(credentialProblem({})).toEqual(expect.any(String));
  });
});

test("registry, files, delivery entries and golden folders are the same list", () => {
  const names = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true });
  const files = (folder: string) =>
    names(folder)
      .filter((entry) => entry.isFile() && entry.name !== "registry.ts")
      .map((entry) => entry.name.replace(/\.ts$/, ""));
  const folders = names("test/destinations").filter((entry) => entry.isDirectory());
  expect(files("src/destinations").sort()).toEqual(ids);
  expect(files("lambdas/deliver").sort()).toEqual(ids);
  expect(folders.map(({ name }) => name).sort()).toEqual(ids);
});

test.each(ids)("the entry of %s fetches access tokens exactly when the platform has short-lived ones", (id) => {
  const entry = readFileSync(join(root, `lambdas/deliver/${id}.ts`), "utf8");
  expect(entry.includes("createAccessTokens")).toBe(destination(id).tokenRequest !== undefined);
});
