import type { Platform, ReceivedEvent } from "../../packages/sandbox/src/model.ts";
import type { ScriptRule } from "../../packages/sandbox/src/script.ts";
import type { Counts, Delivery } from "../../packages/sandbox/src/store.ts";
import { eventually } from "./running-app.ts";

/** The sandbox of a running app, over HTTP. */
export interface SandboxControl {
  received(filter: { platform?: Platform; event_id?: string }): Promise<ReceivedEvent[]>;
  /** The event as this platform counted it, once it did; rejects when it counted it more than once. */
  arrived(platform: Platform, eventId: string): Promise<ReceivedEvent>;
  /** Events that became a conversion so far, by platform. */
  counted(): Promise<Readonly<Record<Platform, number>>>;
  /** One entry per event id that a platform took. */
  deliveries(platform: Platform): Promise<Delivery[]>;
  /** Misbehave from now on, until `behave`. */
  script(platform: Platform, rules: readonly ScriptRule[]): Promise<void>;
  behave(): Promise<void>;
}

/** Speaks to the sandbox's control API. */
export function sandboxControl(url: string): SandboxControl {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`sandbox ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const received = async (filter: { platform?: Platform; event_id?: string }) => {
    const answer = await call("GET", `received?${new URLSearchParams(filter)}`);
    return (answer as { events: ReceivedEvent[] }).events;
  };
  return {
    received,
    arrived: (platform, eventId) =>
      eventually(`${eventId} at ${platform}`, async () => {
        const counted = (await received({ platform, event_id: eventId })).filter(
          ({ verdict }) => verdict === "counted",
        );
        if (counted.length > 1) throw new Error(`${platform} counted ${eventId} ${counted.length} times`);
        return counted[0];
      }),
    counted: async () => {
      const { platforms } = (await call("GET", "counts")) as Counts;
      return Object.fromEntries(Object.entries(platforms).map(([id, { events }]) => [id, events.counted]));
    },
    deliveries: async (platform) => {
      const answer = await call("GET", `deliveries?platform=${platform}`);
      return (answer as { deliveries: Delivery[] }).deliveries;
    },
    script: async (platform, rules) => {
      await call("POST", "script", { platform, rules });
    },
    behave: async () => {
      await call("DELETE", "script");
    },
  };
}
