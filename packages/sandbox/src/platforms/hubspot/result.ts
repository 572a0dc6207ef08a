import { createHash } from "node:crypto";
import { isObject, type JsonObject } from "../../rules.ts";

/** One contact of an answer: what was written, and what HubSpot adds by itself, over a kilobyte in all. */
export function contactResult(input: unknown, trace: unknown) {
  const { id, properties } = isObject(input) ? input : {};
  const hash = String(createHash("sha256").update(String(id)).digest().readUInt32BE());
  const email = String(id).toLowerCase();
  return {
    id: hash,
    new: true,
    properties: { ...addedProperties(email, hash), ...(isObject(properties) ? properties : {}), email },
    ...(trace === undefined ? {} : { objectWriteTraceId: trace }),
    archived: false,
  };
}

function addedProperties(email: string, id: string): JsonObject {
  const at = "2026-11-23T12:00:00.050Z";
  return {
    createdate: at,
    hs_all_contact_vids: id,
    hs_associated_target_accounts: "0",
    hs_count_is_unworked: "1",
    hs_count_is_worked: "0",
    hs_currently_enrolled_in_prospecting_agent: "false",
    hs_email_domain: email.slice(email.indexOf("@") + 1),
    hs_full_name_or_email: email,
    hs_is_contact: "true",
    hs_is_unworked: "true",
    hs_lifecyclestage_customer_date: at,
    hs_marketable_status: "false",
    hs_marketable_until_renewal: "false",
    hs_membership_has_accessed_private_content: "0",
    hs_object_id: id,
    hs_object_source: "INTEGRATION",
    hs_object_source_id: "1234567",
    hs_object_source_label: "INTEGRATION",
    hs_pipeline: "contacts-lifecycle-pipeline",
    hs_prospecting_agent_actively_enrolled_count: "0",
    hs_registered_member: "0",
    hs_sequences_actively_enrolled_count: "0",
    hs_v2_date_entered_current_stage: at,
    lastmodifieddate: at,
    num_conversion_events: "0",
    num_notes: "0",
    num_unique_conversion_events: "0",
  };
}
