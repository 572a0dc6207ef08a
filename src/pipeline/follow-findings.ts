import type { Verdict } from "../core/finding.ts";
import {
  followVerdict,
  NOTHING_OPEN,
  type OpenFinding,
  type OpenFindings,
  type Told,
} from "../core/lasting-findings.ts";
import type { FindingStore } from "./detect-ports.ts";
import type { Log } from "./ports.ts";

/** Where findings are kept and told. */
export interface FollowPorts {
  readonly store: FindingStore;
  readonly log: Log;
}

/** A detector and the end of the period that it judged, epoch ms. */
export interface JudgedPeriod {
  readonly detector: string;
  readonly windowEnd: number;
}

/**
 * Keeps what a detector says of a period, and answers what people are to be told: what began, what became worse, and
 * what has lasted another day. One read; writes only while anything is open: one for each finding and one for them all.
 *
 * What is open is written last. A run that dies before it finds the same again, and writes it under the same keys.
 */
export async function keepVerdict(
  verdict: Verdict,
  { detector, windowEnd }: JudgedPeriod,
  now: number,
  { log, store }: FollowPorts,
): Promise<readonly Told[]> {
  const before = (await store.readOpen(detector)) ?? NOTHING_OPEN;
  const { ended, open, seen, told } = followVerdict(before, verdict, windowEnd);
  for (const finding of seen) await store.save(finding, now);
  for (const { began_at, last_seen_at, subject } of ended) {
    await store.end({ detector, subject, began_at }, last_seen_at);
  }
  if (isAnything(before) || isAnything(open)) await store.saveOpen(detector, open);
  for (const it of told) logTold(it, log);
  for (const it of ended) logEnd(detector, it, log);
  return told;
}

function isAnything({ findings, over }: OpenFindings): boolean {
  return findings.length > 0 || Object.keys(over).length > 0;
}

const WORDS: Readonly<Record<Told["why"], string>> = {
  began: "anomaly found",
  worse: "anomaly became critical",
  lasts: "anomaly lasts",
};

function logTold({ finding, why }: Told, log: Log): void {
  const { began_at, detector, observed, sentence, severity, subject } = finding;
  const since = new Date(began_at).toISOString();
  log.warn(WORDS[why], { detector, subject, severity, observed, sentence, since });
}

function logEnd(detector: string, { began_at, last_seen_at, subject }: OpenFinding, log: Log): void {
  const [since, until] = [began_at, last_seen_at].map((at) => new Date(at).toISOString());
  log.info("anomaly is over", { detector, subject, since: since ?? "", until: until ?? "" });
}
