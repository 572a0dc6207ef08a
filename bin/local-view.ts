import { styleText } from "node:util";
import type { ResolvedSource } from "../src/config/resolved-config.ts";

/** One log line of a function, as the local stack hands it over. */
interface FunctionLog {
  logGroupName: string;
  line: string;
  atMs: number;
}

interface Welcome {
  apiUrl: string;
  sandboxUrl: string;
  keys: Readonly<Record<string, string>>;
  sources: readonly ResolvedSource[];
  /** What the other commands need on their command line to find this stack. */
  options: string;
}

/** What a person sees of the running stack. */
interface LiveView {
  log(entry: FunctionLog): void;
  alarm(alarm: { name: string }, from: string, to: string, reason: string): void;
  welcome(facts: Welcome): string;
}

type Fields = Record<string, string | number | boolean | undefined>;

const PAINT: Readonly<Record<string, "green" | "yellow" | "red" | "dim">> = {
  delivered: "green",
  duplicate: "dim",
  skipped: "yellow",
  retry: "yellow",
  quarantined: "red",
  rejected: "red",
  unauthorized: "red",
  expired: "red",
};

/** Turns the functions' logs into a line per event and step; with `allLogs` prints them as they are. */
export function createLiveView(options: { allLogs: boolean; print: (line: string) => void }): LiveView {
  const paint = (word: string): string => {
    const style = PAINT[word];
    return style === undefined ? word : styleText(style, word);
  };
  const clock = (atMs: number): string => styleText("dim", new Date(atMs).toISOString().slice(11, 23));
  return {
    log({ logGroupName, line, atMs }) {
      if (options.allLogs) return options.print(`${logGroupName} ${line}`);
      const fields = parse(line);
      if (fields === undefined) return;
      const told = tell(fields, paint);
      if (told !== undefined) options.print(`${clock(atMs)}  ${told}`);
    },
    alarm(alarm, from, to, reason) {
      // An alarm's first look at an empty stack is no news.
      if (from === "INSUFFICIENT_DATA") return;
      options.print(
        `${styleText(to === "ALARM" ? "red" : "green", `alarm ${alarm.name}: ${from} → ${to}`)}  ${reason}`,
      );
    },
    welcome,
  };
}

/** The log line's fields, or undefined for what is no log of ours (metrics, platform lines). */
function parse(line: string): Fields | undefined {
  if (!line.startsWith("{") || line.includes('"_aws"')) return undefined;
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
}

function tell(fields: Fields, paint: (word: string) => string): string | undefined {
  if (fields.step !== undefined && fields.event_id !== undefined) {
    const { step, lane, event_name, event_id, detail } = fields;
    const where = lane === undefined ? "" : ` ${lane}`;
    const text = step === "claimed" ? `→ ${detail || "the identity graph"}` : (detail ?? "");
    const why = text === "" ? "" : `  ${styleText("dim", String(text))}`;
    return `${paint(String(step)).padEnd(12)}${where.padEnd(10)} ${event_name ?? ""} ${event_id}${why}`;
  }
  if (fields.level === "WARN" || fields.level === "ERROR") {
    const { level, message, service, timestamp: _, sampling_rate: __, ...rest } = fields;
    const style = level === "ERROR" ? "red" : "yellow";
    const details = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    return `${styleText(style, String(level).toLowerCase())} ${service}: ${message} ${styleText("dim", details.join(" "))}`;
  }
  return undefined;
}

function welcome({ apiUrl, sandboxUrl, keys, sources, options }: Welcome): string {
  const server = sources.find((source) => source.kind === "server");
  const serverKey = server === undefined ? "" : (keys[server.id] ?? "");
  const lines = [
    "",
    `ready  ${styleText("bold", apiUrl)}`,
    "",
    ...sources.map((source) => `  ${source.kind} key of ${source.id}: ${keys[source.id] ?? ""}`),
    `  what the platforms received: ${sandboxUrl}/_sandbox/`,
    "",
    "Send a purchase:",
    "",
    `  curl -X POST ${apiUrl}/v1/events \\`,
    `    -H 'authorization: Bearer ${serverKey}' -H 'content-type: application/json' \\`,
    `    -d '{"event_name":"purchase","order_id":"1001","value":"49.90","currency":"EUR",`,
    `         "page":{"url":"https://shop.example.com/thanks"},`,
    `         "browser_ids":{"ga_client_id":"1234567890.1700000000"},`,
    `         "user":{"email":"ana@example.com","country":"US","ip":"203.0.113.7","user_agent":"Mozilla/5.0"}}'`,
    "",
    "or with Segment's SDK:",
    "",
    `  import { Analytics } from "@segment/analytics-node";`,
    `  const analytics = new Analytics({ writeKey: "${serverKey}", host: "${apiUrl}" });`,
    `  analytics.track({ event: "Order Completed", userId: "42",`,
    `    properties: { order_id: "1002", revenue: 49.9, currency: "EUR" },`,
    `    context: { traits: { email: "ana@example.com" } },`,
    `    integrations: { "Google Analytics 4": { clientId: "1234567890.1700000000" } } });`,
    `  await analytics.closeAndFlush();`,
    "",
    `then ask why:  npx tracklayer trace purchase-1001${options}      a shop's traffic:  npm run demo${options === "" ? "" : ` --${options}`}      stop: Ctrl-C`,
    "",
  ];
  return lines.join("\n");
}
