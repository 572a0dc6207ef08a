import { MINUTE_MS } from "../core/durations.ts";
import type { Figures, FigureWindow } from "./figures.ts";

type Answer = ReturnType<Figures["read"]>;

/**
 * Figures that are remembered for a minute: CloudWatch bills each metric of each reading, a screen asks every few
 * seconds, and most metrics have one point a minute. Requests at the same time share one reading; a failure is forgotten.
 */
export function rememberFigures(figures: Figures, now: () => number): Figures {
  const answers = new Map<string, { readonly until: number; readonly answer: Answer }>();
  return {
    read(queries, window: FigureWindow) {
      const at = now();
      for (const [key, { until }] of answers) if (until <= at) answers.delete(key);
      const key = JSON.stringify([queries, window]);
      const kept = answers.get(key);
      if (kept !== undefined) return kept.answer;
      const answer = figures.read(queries, window);
      answers.set(key, { until: at + MINUTE_MS, answer });
      answer.catch(() => answers.delete(key));
      return answer;
    },
  };
}
