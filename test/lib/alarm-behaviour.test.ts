import { Alarms } from "../../packages/local-stack/src/alarms.ts";
import { readAssembly } from "../../packages/local-stack/src/assembly.ts";
import { MetricStore } from "../../packages/local-stack/src/metrics.ts";
import type { TracklayerConfig } from "../../src/config/define-config.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { synthStack } from "../support/synth-stack.ts";

/** Well after the epoch, at the full hour. */
const MIDNIGHT = 20_000 * 24 * HOUR_MS;
const NAMESPACE = "TrackLayer/development";

const model = modelOf();
const modelWithoutArchive = modelOf({ archive: false });

function modelOf(overrides: Partial<TracklayerConfig> = {}) {
  return readAssembly(synthStack(overrides).app.synth().directory, { gatewayUrl: "http://127.0.0.1:1" });
}

type Put = (metric: string, dimensions: Record<string, string>, value: number, minute: number) => void;

/** The state of one alarm at the end of a day, or at a minute of it, in which `emit` put values at minutes of that day. */
function stateOf(name: string, emit: (put: Put) => void, { alarms: all } = model, atMinute = 24 * 60): string[] {
  let now = MIDNIGHT;
  const store = new MetricStore(() => now);
  emit((metric, dimensions, value, minute) =>
    store.record(NAMESPACE, metric, dimensions, value, MIDNIGHT + minute * 60_000),
  );
  now = MIDNIGHT + atMinute * 60_000 + 1_000;
  const watched = all.filter((alarm) => alarm.name === `tracklayer-development-${name}`);
  const alarms = new Alarms(
    watched,
    store,
    () => now,
    () => {},
  );
  alarms.evaluate();
  return alarms.list().map(({ state }) => state);
}

describe("match quality, where there is no archive", () => {
  const scores = (of: (hour: number) => { score: number; events: number }) =>
    stateOf(
      "meta-match-quality",
      (put) => {
        for (let hour = 0; hour < 24; hour++) {
          const { score, events } = of(hour);
          for (let event = 0; event < events; event++)
            put("MatchQuality", { destination: "meta" }, score, hour * 60 + event);
        }
      },
      modelWithoutArchive,
    );

  test("is fine while it stays the same", () => {
    expect(scores(() => ({ score: 7, events: 30 }))).toEqual(["OK"]);
  });

  test("alarms when the newest hour falls well under the day", () => {
    expect(scores((hour) => ({ score: hour === 23 ? 4 : 7, events: 30 }))).toEqual(["ALARM"]);
  });

  test("forgets a drop that is over", () => {
    expect(scores((hour) => ({ score: hour === 20 ? 2 : 7, events: 30 }))).toEqual(["OK"]);
  });

  test("says nothing about an hour with a handful of events, or with none", () => {
    expect(scores((hour) => (hour === 23 ? { score: 1, events: 19 } : { score: 7, events: 30 }))).toEqual(["OK"]);
    expect(scores((hour) => ({ score: 7, events: hour === 23 ? 0 : 30 }))).toEqual(["OK"]);
  });

  test("says nothing on the first day's first hour", () => {
    expect(scores((hour) => ({ score: 3, events: hour === 23 ? 30 : 0 }))).toEqual(["OK"]);
  });

  test("rises without an alarm", () => {
    expect(scores((hour) => ({ score: hour === 23 ? 9 : 4, events: 30 }))).toEqual(["OK"]);
  });
});

describe("the failure share", () => {
  /** Outcomes in each of the last two quarters of an hour. */
  const outcomes = (...quarters: Record<string, number>[]) =>
    stateOf("meta-failure-share", (put) => {
      quarters.forEach((counts, index) => {
        for (const [outcome, count] of Object.entries(counts)) {
          put("Deliveries", { destination: "meta", outcome }, count, 23 * 60 + 30 + index * 15);
        }
      });
    });

  test("alarms when more than a fifth fails in two periods, whatever the failure", () => {
    for (const failure of ["retry", "rejected"]) {
      expect(outcomes({ delivered: 79, [failure]: 21 }, { delivered: 79, [failure]: 21 })).toEqual(["ALARM"]);
      expect(outcomes({ delivered: 80, [failure]: 20 }, { delivered: 80, [failure]: 20 })).toEqual(["OK"]);
    }
    expect(outcomes({ retry: 10 }, { retry: 10 })).toEqual(["ALARM"]);
  });

  test("alarms for a lane that is stopped over two quarters, whatever it sent, and ends within the hour after", () => {
    const stopped = (from: number, to: number) =>
      stateOf("meta-failure-share", (put) => {
        for (let minute = 0; minute < 1_440; minute += 5) {
          put("Deliveries", { destination: "meta", outcome: "delivered" }, 100, minute);
        }
        for (let minute = from; minute < to; minute += 1) put("LaneStopped", { destination: "meta" }, 1, minute);
      });
    for (let from = 1_380; from < 1_395; from += 1) expect(stopped(from, from + 16)).toEqual(["ALARM"]);
    expect(stopped(1_395, 1_440)).toEqual(["ALARM"]);
    // A stop that was over before anybody could have looked.
    expect(stopped(1_396, 1_400)).toEqual(["OK"]);
    expect(stopped(1_200, 1_380)).toEqual(["OK"]);
  });

  test("does not take another lane's stop for its own", () => {
    const other = stateOf("meta-failure-share", (put) => {
      for (let minute = 1_380; minute < 1_440; minute += 1) put("LaneStopped", { destination: "ga4" }, 1, minute);
    });
    expect(other).toEqual(["OK"]);
  });

  test("does not take skipped events for failures or for successes", () => {
    expect(outcomes({ skipped: 900, delivered: 7, retry: 3 }, { skipped: 900, delivered: 7, retry: 3 })).toEqual([
      "ALARM",
    ]);
  });

  test("waits for a second period: a short hiccup is what retries are for", () => {
    expect(outcomes({ delivered: 10, retry: 90 }, { delivered: 100 })).toEqual(["OK"]);
  });

  test("says nothing about a handful, or about nothing", () => {
    expect(outcomes({ retry: 9 }, { retry: 9 })).toEqual(["OK"]);
    expect(outcomes()).toEqual(["OK"]);
  });
});

test("heartbeats alarm when nothing comes, and only then", () => {
  const beating = (put: Put) => {
    for (let hour = 0; hour < 24; hour++) put("Heartbeat", {}, 1, hour * 60 + 5);
    put("EventsClaimed", {}, 5, 180);
  };
  expect(stateOf("heartbeat", beating)).toEqual(["OK"]);
  expect(stateOf("no-events", beating)).toEqual(["OK"]);
  expect(stateOf("heartbeat", () => {})).toEqual(["ALARM"]);
  expect(stateOf("no-events", () => {})).toEqual(["ALARM"]);
});

test("an anomaly alarms when people are told of it and ends within the hour, so that the next run can raise it again", () => {
  const toldAt = (hours: readonly number[], minute: number) =>
    stateOf(
      "anomaly-volume_drop",
      (put) => {
        for (let hour = 0; hour * 60 + 5 <= minute; hour++) {
          put("AnomaliesFound", { detector: "volume_drop" }, hours.includes(hour) ? 1 : 0, hour * 60 + 5);
        }
      },
      model,
      minute,
    )[0];
  // One that begins and is critical an hour later, or another source's: each is a change of state, which alone notifies.
  const states = [9 * 60, 9 * 60 + 10, 9 * 60 + 59, 10 * 60 + 10, 10 * 60 + 59].map((at) => toldAt([9, 10], at));
  expect(states).toEqual(["OK", "ALARM", "OK", "ALARM", "OK"]);
  expect([8 * 60 + 10, 9 * 60 + 10, 24 * 60].map((at) => toldAt([8], at))).toEqual(["ALARM", "OK", "OK"]);
  expect(toldAt([], 24 * 60)).toBe("OK");
});
