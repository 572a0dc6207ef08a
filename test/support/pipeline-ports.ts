import type { MetricName } from "../../src/core/metric-names.ts";
import type { Clock, Log, Metrics } from "../../src/pipeline/ports.ts";

/** A clock that stands still until told, and whose sleeps take no time. */
export function fixedClock(now: number): Clock & { set(ms: number): void } {
  let current = now;
  return {
    now: () => current,
    async sleep(ms) {
      current += ms;
    },
    set(ms) {
      current = ms;
    },
  };
}

/** Metrics that can be summed up by name and dimensions. */
export function recordingMetrics(): Metrics & { total(name: MetricName, dimensions?: Record<string, string>): number } {
  const added: { name: MetricName; value: number; dimensions: Readonly<Record<string, string>> }[] = [];
  return {
    add(name, value, dimensions = {}) {
      added.push({ name, value, dimensions });
    },
    flush() {},
    total(name, dimensions = {}) {
      return added
        .filter(
          (it) => it.name === name && Object.entries(dimensions).every(([key, value]) => it.dimensions[key] === value),
        )
        .reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** A log that keeps its lines as JSON text. */
export function recordingLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields?: object) => {
    lines.push(JSON.stringify({ level, message, ...fields }));
  };
  return {
    lines,
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    step: (step) => write("step")("step", step),
  };
}
