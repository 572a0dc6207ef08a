import { z } from "zod/mini";
import { present } from "../core/present.ts";
import type { Page } from "./contract/page.ts";

const MAX_PAGE = 100;

/**
 * An id of a job as the ops API makes it: what is none need not be looked for, nor written down. `whose` ends the sentence
 * of a refusal, with the route that gives such ids.
 */
export function jobId(whose: string) {
  return z.string().check(z.regex(/^[a-z0-9]{1,64}$/, `must be the id of ${whose}`));
}

/** What every list of jobs is asked with; `cursor` is the last id of the page before. */
export function jobPageFields<Id extends z.ZodMiniType>(id: Id) {
  return {
    limit: z._default(z.int().check(z.minimum(1), z.maximum(MAX_PAGE)), 20),
    cursor: z.optional(id),
  };
}

/** One page of jobs, newest first. One more is read than is shown: whether another page follows. */
export async function jobPage<Job, View extends { readonly id: string }>(
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  read: (page: { readonly limit: number; readonly before?: string }) => Promise<readonly Job[]>,
  viewOf: (job: Job) => View,
): Promise<Page<View>> {
  const jobs = await read({ limit: limit + 1, ...present({ before: cursor }) });
  const items = jobs.slice(0, limit).map(viewOf);
  return { items, ...present({ next: jobs.length > limit ? items.at(-1)?.id : undefined }) };
}
