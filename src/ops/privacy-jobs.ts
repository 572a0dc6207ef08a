import { z } from "zod/mini";
import { countedLanes, type PrivacyJob } from "../core/privacy-job.ts";
import { list, maybe } from "./answer-fields.ts";
import type { PlatformDeletion, PrivacyJobView } from "./contract/privacy.ts";
import { PLATFORM_DELETION } from "./privacy-platforms.ts";

/** A privacy job as the OpenAPI document describes it. */
export const PRIVACY_JOB = z.object({
  id: z.string(),
  kind: z.enum(["erase", "export"]),
  state: z.enum(["running", "done", "failed"]),
  reason: maybe(z.string()),
  by: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  not_before: maybe(z.number()),
  step: z.string(),
  counts: z.readonly(z.record(z.string(), z.number())),
  copies_until: maybe(z.number()),
  remains: maybe(z.readonly(z.array(z.object({ place: z.string(), what: z.string(), until: z.number() })))),
  file: maybe(z.object({ bytes: z.number(), expires_at: z.number() })),
  platforms: maybe(list(PLATFORM_DELETION)),
}) as unknown as z.ZodMiniType<PrivacyJobView>;

/** What people see of it: neither whose it is nor where in the bucket. */
export function privacyJobView(job: PrivacyJob): PrivacyJobView {
  const { cursor, failures, file, graph_used_until, lease_until, person_keys, version, ...view } = job;
  if (file === undefined) return view;
  return { ...view, file: { bytes: file.bytes, expires_at: file.expires_at } };
}

/** The same of an erasure with the platforms that got events of the person, and what each offers for deletion. */
export function withPlatforms(job: PrivacyJob, deletions: readonly PlatformDeletion[]): PrivacyJobView {
  const lanes = new Set(countedLanes(job.counts));
  const platforms = deletions.filter(({ lane }) => lanes.has(lane));
  return { ...privacyJobView(job), ...(platforms.length === 0 ? {} : { platforms }) };
}
