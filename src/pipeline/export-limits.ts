import { DAY_MS } from "../core/durations.ts";
import type { ExportAbout } from "../core/export-document.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import type { ExportDeps } from "./export.ts";

/** Beyond that nothing is in the archive; a day more for S3, which deletes late. Epoch ms. */
export function searchedFrom(
  { created_at }: Pick<PrivacyJob, "created_at">,
  { archiveDays }: Pick<ExportDeps, "archiveDays">,
): number {
  return created_at - (archiveDays + 1) * DAY_MS;
}

/** What the document says of places that were not looked into: who asks for all of it is to know what is missing and why. */
export function notSearched({
  archiveDays,
  deliveryDays,
}: Pick<ExportDeps, "archiveDays" | "deliveryDays">): ExportAbout["not_searched"] {
  return [
    {
      place: "queues and their dead-letter queues",
      reason:
        "a queue cannot be searched without taking its messages; what enrich has taken up is among the events, with its state at each destination",
    },
    {
      place: "later copies of events in the delivery table",
      reason: "what they brought is among the events, in lines of their own with `copy_of`",
    },
    {
      place: "what the archive could not be given (`errors/` in its bucket)",
      reason: "nothing is converted on the way there, so that nothing should be in it",
    },
    {
      place: "backups of the tables",
      reason: "they are copies of the last 35 days, of what is in this document or was deleted since",
    },
    { place: "logs, metrics and the audit log", reason: "they hold no values of people" },
    {
      place: "destinations",
      reason: "what was delivered is theirs: their receipts are beside the events, and they are to be asked themselves",
    },
    ...(deliveryDays > archiveDays
      ? [
          {
            place: `stories and receipts of events of more than ${archiveDays} days ago`,
            reason: "they hold no personal data in clear, and nothing leads from a person to them",
          },
        ]
      : []),
  ];
}
