import type { DestinationRequest } from "../core/destination.ts";
import type { Problem } from "../core/event-input.ts";
import type { Explain, Explanation } from "../core/explanation.ts";
import { consentLine } from "./consent-words.ts";
import { explanationLines } from "./explanation-text.ts";
import type { LaneTest, ShownExchange } from "./lane-test.ts";
import type { PlaceReport, Preview } from "./preview.ts";
import type { IdentifierOrigin, IdentifierReport } from "./preview-identifiers.ts";
import { createPaint, type Paint, type Tone } from "./tone.ts";

/** Colours of a terminal, or none. */
export interface TextOptions {
  readonly colours: boolean;
}

/** What is wrong or odd about the given event, a line each. */
export function problemLines(word: "error" | "warning", problems: readonly Problem[]): string[] {
  return problems.map(({ field, rule, got }) => `  ${word}    ${field === "" ? "event" : field}: ${rule} (got ${got})`);
}

/** The preview for a terminal; `warnings` are those of reading the event. */
export function previewLines(
  preview: Preview,
  lane: LaneName,
  {
    warnings,
    explain,
    ...options
  }: TextOptions & { readonly warnings: readonly Problem[]; readonly explain?: Explain },
): string[] {
  const paint = createPaint(options);
  const { event, decision, defect, sentAs, testMode } = preview;
  const why = decision.send ? undefined : explain?.({ lane: lane.id, state: "skipped", skip: decision.skip });
  const name = event.custom_name ?? event.event_name;
  const mode = testMode ? ", in test mode" : "";
  const verdict = !decision.send
    ? `${paint("bad", "would not be sent")}: ${decision.skip.code}: ${decision.skip.detail}`
    : defect === undefined
      ? `${paint("good", "would be sent")}${sentAs === undefined ? "" : ` as ${sentAs}`}${mode}`
      : `${paint("bad", "would wait for a new version")}: the destination's code fails on this event: ${defect}`;
  return [
    paint("strong", `${name}  ${event.event_id}  to ${lane.id} (${lane.name})`),
    `  decision   ${verdict}`,
    ...(why === undefined ? [] : [`  means      ${why.means}`, `  do         ${why.todo}`]),
    ...consentLines(preview),
    ...qualityLines(preview),
    ...problemLines("warning", warnings),
    ...preview.problems.map((problem) => `  problem    ${problem}`),
    ...section(
      "What the person is found by",
      preview.identifiers.map((it) => identifierLine(it, paint)),
      paint,
    ),
    ...(preview.request === undefined
      ? []
      : [...section("Request (not sent; credentials by name)", requestLines(preview.request), paint)]),
    ...section("Where each part comes from", placeLines(preview.places, paint), paint),
    ...section(
      "Nothing is sent without",
      preview.needed.map(({ field, because }) => `${field}: ${because}`),
      paint,
    ),
    ...section("Not used for this request", preview.unused.length === 0 ? [] : [preview.unused.join(", ")], paint),
  ];
}

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ["", paint("strong", title), ...lines.map((line) => `  ${line}`)];
}

function consentLines({ consent }: Preview): string[] {
  return consent === undefined ? [] : [`  consent    ${consentLine(consent)}`];
}

function qualityLines({ quality }: Preview): string[] {
  if (quality === undefined) return [];
  const doubted = Object.entries(quality.doubts ?? {}).map(([it, { factor, reason }]) => {
    return `  counts     ${it} by ${Math.round(factor * 100)} %: ${reason}`;
  });
  return [`  match      ${quality.score.toFixed(1)} of 10`, ...doubted];
}

const ORIGINS: Readonly<Record<IdentifierOrigin, string>> = {
  event: "the event",
  graph: "the identity graph",
  sender_digest: "the sender's digest, its rule unknown",
};

function identifierLine({ identifier, weight, sent, from, remedies }: IdentifierReport, paint: Paint): string {
  const label = `${identifier.padEnd(18)} ${String(weight).padStart(3)}  `;
  if (sent) {
    const sources = [...Map.groupBy(from, ({ origin }) => origin)].map(
      ([origin, fields]) => `${ORIGINS[origin]} (${fields.map(({ field }) => field).join(", ")})`,
    );
    return `${label}${paint("good", "sent")}, from ${sources.join(" and ") || "the event"}`;
  }
  const remedy =
    remedies.length === 0
      ? "not sent with these settings"
      : `send ${remedies.map((fields) => fields.join(" with ")).join(", or ")}`;
  return `${label}${paint("wait", "missing")}: ${remedy}`;
}

function placeLines(places: readonly PlaceReport[], paint: Paint): string[] {
  const width = Math.min(48, Math.max(0, ...places.map(({ place }) => place.length)));
  return places.map(({ place, from, hash }) => {
    const origin = from.length === 0 ? paint("dim", "the same for every event, or from settings") : from.join(", ");
    return `${place.padEnd(width)}  ${origin}${hash === undefined ? "" : `  [${hash}]`}`;
  });
}

/** A request as lines: method and address, headers, and the body set out when it is JSON. */
function requestLines({ method, url, headers, body }: DestinationRequest): string[] {
  return [`${method} ${url}`, ...headerLines(headers), ...bodyLines(body)];
}

function headerLines(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}

function bodyLines(body: string): string[] {
  if (body === "") return [];
  try {
    return ["", ...JSON.stringify(JSON.parse(body), null, 2).split("\n")];
  } catch {
    return ["", ...body.split("\n")];
  }
}

/** What each end of a test means, for the person who has to do something about it. */
const MEANINGS: Readonly<Record<LaneTest["state"], string>> = {
  delivered: "the platform answered with its success",
  rejected: "the platform will never take this event as it is; other events may pass",
  retry: "not now; a lane would try it again",
  unauthorized: "the credentials or the permission are wrong; no event of this lane can pass until that is mended",
  skipped: "it was not sent",
  expired: "it is older than the platform takes",
  attempting: "a request went out, and its answer is not known",
  pending: "nothing was tried",
  not_sent: "nothing was tried; see the messages above",
};

/** The three parts of a test that the platform did not confirm. */
function explanationOf(result: LaneTest, lane: LaneName, explain: Explain): Explanation | undefined {
  const { state, reason, skip, exchanges } = result;
  if (state === "delivered" || state === "pending") return undefined;
  const status = exchanges.at(-1)?.response?.status;
  return explain({
    lane: lane.id,
    state,
    test: true,
    ...(reason === undefined ? {} : { reason }),
    ...(skip === undefined ? {} : { skip }),
    ...(status === undefined ? {} : { status }),
  });
}

/** The test for a terminal. */
export function testLines(
  result: LaneTest,
  lane: LaneName,
  options: TextOptions & { readonly explain: Explain },
): string[] {
  const paint = createPaint(options);
  const { event, state, skip, exchanges, testMode } = result;
  const explanation = explanationOf(result, lane, options.explain);
  const words = skip === undefined;
  const tone: Tone = state === "delivered" ? "good" : state === "retry" ? "wait" : "bad";
  const mode = testMode ? "in test mode" : "as a real event";
  return [
    paint(
      "strong",
      `${event.custom_name ?? event.event_name}  ${event.event_id}  to ${lane.id} (${lane.name}), ${mode}`,
    ),
    ...exchanges.flatMap((exchange, index) => exchangeLines(exchange, index, paint)),
    ...(exchanges.length === 0 ? [] : [""]),
    `${paint(tone, state)}  ${MEANINGS[state]}${words ? "" : `: ${skip.code}: ${skip.detail}`}`,
    ...(explanation === undefined ? [] : explanationLines(explanation, { words }).map((line) => `  ${line}`)),
  ];
}

function exchangeLines({ request, response, error }: ShownExchange, index: number, paint: Paint): string[] {
  const answer =
    response === undefined
      ? [`no answer: ${error ?? "unknown"}`]
      : [`HTTP ${response.status}`, ...headerLines(response.headers), ...bodyLines(response.body)];
  return [...section(`Request ${index + 1}`, requestLines(request), paint), ...section("Answer", answer, paint)];
}

type LaneName = { readonly id: string; readonly name: string };

/** The preview as JSON for other programs; the body of the request parsed where it is JSON. */
export function previewJson(preview: Preview, lane: LaneName, warnings: readonly Problem[]): unknown {
  const { event, request, ...rest } = preview;
  const { event_id, event_name, custom_name } = event;
  return {
    lane: lane.id,
    destination: lane.name,
    event: { event_id, event_name, ...(custom_name === undefined ? {} : { custom_name }) },
    warnings,
    ...rest,
    ...(request === undefined ? {} : { request: { ...request, body: parsed(request.body) } }),
  };
}

/** The test as JSON for other programs. */
export function testJson(result: LaneTest, lane: LaneName, where: string, explain: Explain): unknown {
  const { event, exchanges, ...rest } = result;
  const explanation = explanationOf(result, lane, explain);
  return {
    lane: lane.id,
    destination: lane.name,
    where,
    event_id: event.event_id,
    ...rest,
    meaning: MEANINGS[result.state],
    ...(explanation === undefined ? {} : { explanation }),
    exchanges: exchanges.map(({ request, response, error }) => ({
      request: { ...request, body: parsed(request.body) },
      ...(response === undefined ? {} : { response: { ...response, body: parsed(response.body) } }),
      ...(error === undefined ? {} : { error }),
    })),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
