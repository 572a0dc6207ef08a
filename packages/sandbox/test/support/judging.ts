import { createHash } from "node:crypto";
import { type JudgeOptions, judgeOptions, type SandboxPlatform } from "../../src/model.ts";
import { platformRequest } from "../../src/platform-request.ts";

/** A piece of a platform's JSON. */
export type Fields = Record<string, unknown>;

/** When every request of these tests arrives, epoch ms. */
export const NOW = Date.parse("2026-11-23T12:00:00Z");

/** SHA-256 as platforms want it: lower-case hexadecimal. */
export function sha(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

/** A copy that lacks these fields. */
export function without(fields: Fields, ...names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** How a request differs from the usual one of its platform. */
export interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the events and what stands around them. */
  readonly body?: unknown;
  readonly options?: Partial<JudgeOptions>;
  readonly now?: number;
}

/** A platform's usual request. */
interface Usual {
  readonly url: string;
  /** Sent unless a test has headers of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent beside those of a test, which go over them. */
  readonly always?: Readonly<Record<string, string>>;
  /** What stands around the events; nothing does unless told. */
  readonly around?: (events: unknown) => unknown;
}

/** Sends events to a platform as its usual request has them, or changed; a text goes as it is. */
export function senderTo(platform: SandboxPlatform, { around = (it) => it, ...usual }: Usual) {
  return (events: unknown, sent: Sent = {}) => {
    const { url = usual.url, method = "POST", headers = usual.headers, options, now = NOW } = sent;
    const given = sent.body ?? (typeof events === "string" ? events : around(events));
    const body = typeof given === "string" ? given : JSON.stringify(given);
    const request = platformRequest({ method, url, headers: { ...usual.always, ...headers }, body });
    const judgement = platform.judge(request, now, judgeOptions(options));
    return {
      judgement,
      events: judgement.events,
      status: judgement.answer.status,
      /** Read as JSON, which not every answer is. */
      get answer() {
        return JSON.parse(judgement.answer.body);
      },
    };
  };
}
