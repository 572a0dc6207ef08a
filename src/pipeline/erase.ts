import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import { ERASURE_REACH_MS, erasedAsOf, tombstoneOf } from "../core/erasure.ts";
import type { ErasureRemains } from "../core/erasure-remains.ts";
import { exportFolder } from "../core/export-document.ts";
import { isPersonKey } from "../core/person-keys.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { type EraseArchiveDeps, eraseFromArchive } from "./erase-archive.ts";
import { type EraseIdentityDeps, eraseFromGraph, keysToErase } from "./erase-identity.ts";
import { type EraseQuarantineDeps, eraseFromQuarantine } from "./erase-quarantine.ts";
import type { TombstoneStore } from "./erasures.ts";
import type { Clock } from "./ports.ts";
import type { PrivacyPortion, PrivacyStep } from "./privacy-jobs.ts";
import type { PrivacyJobStore } from "./privacy-ports.ts";
import type { ReplayStore } from "./replay-ports.ts";

/** What the first steps of an erasure need: the request itself does them, so that from then on nothing is sent. */
export interface EraseFirstDeps extends EraseIdentityDeps {
  readonly tombstones: TombstoneStore;
  /** Random text that keys the digests of tombstones. */
  readonly newSecret: () => string;
  readonly lifetimes: ErasureLifetimes;
  readonly clock: Pick<Clock, "now">;
}

/** How long things last that may hold somebody, ms. */
export interface ErasureLifetimes {
  /** Until nothing from before an erasure can turn up: in the archive, a queue, or quarantine. */
  readonly tombstonesMs: number;
  /** What no erasure reaches, backups included. */
  readonly remains: readonly ErasureRemains[];
}

/** What the rest of an erasure needs. */
export interface EraseDeps extends EraseFirstDeps, EraseQuarantineDeps {
  /** Absent when the configuration turns it off. */
  readonly archive?: EraseArchiveDeps["archive"];
  readonly deliveries: EraseArchiveDeps["deliveries"] & EraseQuarantineDeps["deliveries"];
  readonly jobs: PrivacyJobStore;
  readonly replays: Pick<ReplayStore, "list" | "save">;
  readonly archiveDays: number;
  readonly quarantineDays: number;
  /** After that everything which was under way at the request has reached the archive, ms. */
  readonly settleMs: number;
}

/** Of which step an erasure begins with. */
export const FIRST_ERASE_STEP = "tombstones";

/** In their order. What was under way at the request arrives while the job waits; then it looks once more. */
const STEPS = [
  FIRST_ERASE_STEP,
  "identity",
  "archive",
  "quarantine",
  "requests",
  "wait",
  "late_tombstones",
  "late_identity",
  "late_archive",
  "late_quarantine",
  "late_requests",
  "forget_digests",
] as const;
type EraseStep = (typeof STEPS)[number];

/** Where the graph's step goes on once all that it is to go by is written down. */
const KEYS_KNOWN = "keys known";

/** Margin around a time that other clocks have set, ms. */
const SLACK_MS = 30 * MINUTE_MS;
const MOST_LISTED = 1_000;
/** Tombstones that are put up in one portion: the table takes some thousands in the seconds that it has for one call. */
const TOGETHER = 2_000;

/** The steps that the request itself may do: it can delete persons and put tombstones up, and reaches nothing else. */
export function firstEraseSteps(deps: EraseFirstDeps): PrivacyStep[] {
  const first = firstPortions(deps);
  return STEPS.map((name) => ({ name, ...(first[name] === undefined ? {} : { portion: first[name] }) }));
}

/** All steps of an erasure. */
export function eraseSteps(deps: EraseDeps): PrivacyStep[] {
  const { archiveDays, clock, quarantineDays, settleMs } = deps;
  const first = firstPortions(deps);
  const { archive } = deps;
  const archived = (from: (job: PrivacyJob) => number) => async (job: PrivacyJob, deadline: number) => {
    if (archive === undefined) return {};
    return eraseFromArchive(job, { from: from(job), to: clock.now() + SLACK_MS }, deadline, { ...deps, archive });
  };
  const quarantined = (from: (job: PrivacyJob) => number) => (job: PrivacyJob, deadline: number) =>
    eraseFromQuarantine(job, { from: from(job), to: clock.now() }, deadline, deps);
  const rest: Readonly<Record<Exclude<EraseStep, "tombstones" | "identity">, Portion>> = {
    // A day for S3, which deletes late.
    archive: archived(({ created_at }) => created_at - (archiveDays + 1) * DAY_MS),
    quarantine: quarantined(({ created_at }) => created_at - (quarantineDays + 1) * DAY_MS),
    requests: (job) => eraseRequests(job, deps),
    async wait(job) {
      const settled = erasedAsOf(job) + settleMs;
      return clock.now() < settled ? { notBefore: settled } : {};
    },
    late_tombstones: first.tombstones ?? nothing,
    late_identity: first.identity ?? nothing,
    late_archive: archived(({ created_at }) => created_at - SLACK_MS),
    late_quarantine: quarantined(({ created_at }) => created_at - 2 * DAY_MS),
    // A replay of theirs that ran the first time, and an export that somebody asked for since.
    late_requests: (job) => eraseRequests(job, deps),
    async forget_digests() {
      return { changes: { person_keys: [] } };
    },
  };
  const portions: Readonly<Record<string, Portion | undefined>> = { ...rest, ...first };
  return STEPS.map((name) => ({ name, portion: portions[name] ?? nothing }));
}

type Portion = (job: PrivacyJob, deadline: number) => Promise<PrivacyPortion>;

async function nothing(): Promise<PrivacyPortion> {
  return {};
}

/** Tombstones before all else: whoever looks them up from then on neither sends nor learns. */
function firstPortions(deps: EraseFirstDeps): Readonly<Partial<Record<EraseStep, Portion>>> {
  return {
    async tombstones(job) {
      const from = Number(job.cursor ?? 0);
      const changes = await putTombstones(job, job.person_keys.slice(from, from + TOGETHER), deps);
      const done = from + TOGETHER;
      return { changes, ...(done < job.person_keys.length ? { cursor: String(done) } : {}) };
    },
    async identity(job) {
      const person_keys = await keysToErase(job, deps);
      if (person_keys.length > job.person_keys.length) {
        const before = new Set(job.person_keys);
        const added = person_keys.filter((key) => !before.has(key));
        await putTombstones(job, added, deps);
        // Written down before the graph is emptied: nothing else leads to these.
        return { cursor: KEYS_KNOWN, changes: { person_keys } };
      }
      const identity = await eraseFromGraph(job, deps);
      const graph_used_until = deps.clock.now();
      // Until now events that came were taken to be of the person, and the reach leaves little time for that.
      const isLate = job.step === "identity" && graph_used_until > erasedAsOf(job) + ERASURE_REACH_MS / 2;
      if (!isLate) return { counts: { identity } };
      const told = await putTombstones({ ...job, graph_used_until }, job.person_keys, deps);
      return { counts: { identity }, changes: { graph_used_until, ...told } };
    },
  };
}

/** Puts up those of some of the job's keys. Answers what may remain, and until when. */
async function putTombstones(
  job: PrivacyJob,
  keys: readonly string[],
  { lifetimes, newSecret, tombstones }: Pick<EraseFirstDeps, "lifetimes" | "newSecret" | "tombstones">,
): Promise<Required<Pick<PrivacyJob, "copies_until" | "remains">>> {
  const erasedAt = erasedAsOf(job);
  const until = erasedAt + lifetimes.tombstonesMs;
  const secret = await tombstones.secret(newSecret(), until);
  const names = keys.map((key) => tombstoneOf(key, { secret }));
  for (let start = 0; start < names.length; start += TOGETHER) {
    await tombstones.put(names.slice(start, start + TOGETHER), { erasedAt, until });
  }
  await tombstones.announce({ secret, last_at: erasedAt });
  const remains = lifetimes.remains.map(({ forMs, ...it }) => ({ ...it, until: erasedAt + forMs }));
  return { copies_until: Math.max(until, ...remains.map((it) => it.until)), remains };
}

/** What people asked about this person before: exports of theirs go, and requests do not name them any more. */
async function eraseRequests(job: PrivacyJob, { archive, clock, jobs, replays }: EraseDeps): Promise<PrivacyPortion> {
  const theirs = new Set(job.person_keys);
  const isTheirs = (keys: readonly string[] = []) => {
    const persons = keys.filter(isPersonKey);
    // Two people may have a browser in common: where a request knows persons, it is of those alone.
    return (persons.length > 0 ? persons : keys).some((key) => theirs.has(key));
  };
  let exports = 0;
  for (const other of await jobs.list({ kind: "export", limit: MOST_LISTED })) {
    if (!isTheirs(other.person_keys)) continue;
    // Its worker has their events in hand, and would put them there when nobody looks any more.
    if (other.state === "running" && other.lease_until > clock.now())
      return { counts: { exports }, notBefore: other.lease_until };
    exports += (await archive?.removeFolder(exportFolder(other))) ?? 0;
    const { cursor: _, file: __, ...kept } = other;
    const ended = other.state === "running" ? { state: "failed" as const, reason: "the person was erased" } : {};
    const saved = await jobs.save({ ...kept, ...ended, person_keys: [], version: other.version + 1 });
    if (!saved) throw new Error("an export went on meanwhile");
  }
  for (const replay of await replays.list({ limit: MOST_LISTED })) {
    // A running one keeps its selection: it would send everybody's events else. It finds nothing of theirs.
    if (replay.state === "running" || !isTheirs(replay.person_keys)) continue;
    if (!(await replays.save({ ...replay, person_keys: [], version: replay.version + 1 })))
      throw new Error("a replay went on meanwhile");
  }
  return { counts: { exports } };
}
