import type { LaneCredentials } from "../../src/pipeline/lane.ts";
import { takesAll } from "./lane-world.ts";

/** A secret that was replaced: gives the first until refreshed, and counts. */
export function rotating(before: Record<string, string>, after: Record<string, string>) {
  const calls = { get: 0, refresh: 0 };
  const credentials: LaneCredentials = {
    async get() {
      calls.get += 1;
      return before;
    },
    async refresh() {
      calls.refresh += 1;
      return after;
    },
  };
  return { calls, credentials };
}

/** A platform that takes everything with this authorization, and refuses any other. */
export const takesOnly =
  (token: string) => (request: Parameters<typeof takesAll>[0], options: Parameters<typeof takesAll>[1]) =>
    request.headers.authorization === token ? takesAll(request, options) : { status: 401, headers: {}, body: "" };
