/** A refused event. `raw` is the event as it came, only with `personal`. */
export interface QuarantineRow {
  readonly dedup_scope: string;
  readonly event_id: string;
  readonly event_name: string;
  readonly source: string;
  readonly received_at: number;
  /** `got` tells kind and size, never the value. */
  readonly reasons: readonly { readonly field: string; readonly rule: string; readonly got: string }[];
  readonly raw?: string;
  /** Why it cannot be submitted again, whatever is mended; absent when it can. */
  readonly not_resubmittable?: string;
}

/** What became of quarantined events that were submitted again under the configuration and code of now. */
export interface ResubmitResult {
  /** On the events queue and out of quarantine; in a dry run: what would be. */
  readonly accepted: number;
  /** Under the reasons of now, or with `not_resubmittable`. */
  readonly still_refused: readonly QuarantineRow[];
  /** The events queue did not take these: still in quarantine, to be tried again. */
  readonly unavailable: number;
  /** Nothing to deliver in them under the code of now, such as RudderStack's `record`; still in quarantine. */
  readonly ignored: number;
  readonly dry_run: boolean;
  /** There are more: given back as `cursor`. */
  readonly next?: string;
}
