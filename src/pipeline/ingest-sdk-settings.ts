import type { ResolvedSource } from "../config/resolved-config.ts";
import { basicUser } from "./ingest-auth.ts";
import {
  answer,
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
} from "./ingest-contract.ts";

/**
 * What Segment's browser and mobile SDKs load before their first event: the least that they start with. No origin is checked: it tells
 * nothing that the page does not hold already.
 */
export async function segmentSettings(
  request: IngestRequest,
  writeKey: string,
  { keys }: Pick<IngestDependencies, "keys">,
): Promise<IngestResponse> {
  if (!isPublic(await keys.find(writeKey))) return unknownKey(request);
  return answer(200, { integrations: { "Segment.io": { apiKey: writeKey } } });
}

/** What RudderStack's browser and mobile SDKs load before their first event; without it they never start. */
export async function rudderstackSourceConfig(
  request: IngestRequest,
  { keys }: Pick<IngestDependencies, "keys">,
): Promise<IngestResponse> {
  const writeKey = basicUser(request) ?? request.query.writeKey ?? "";
  const source = writeKey === "" ? undefined : await keys.find(writeKey);
  if (source === undefined || !isPublic(source)) return unknownKey(request);
  const off = { enabled: false };
  return answer(200, {
    source: {
      id: source.id,
      name: source.id,
      writeKey,
      config: { statsCollection: { errors: off, metrics: off } },
      enabled: true,
      workspaceId: source.dedupScope,
      destinations: [],
      dataplanes: {},
    },
  });
}

// A secret key has nothing to ask here, and the answer would tell that it is one.
function isPublic(source: ResolvedSource | undefined): boolean {
  return source !== undefined && source.kind !== "server";
}

function unknownKey(request: IngestRequest): IngestResponse {
  return failure(401, "key_unknown", "no browser or app source has this key", request);
}
