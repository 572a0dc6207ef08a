import { basicUser } from "./ingest-auth.ts";
import {
  answer,
  failure,
  type IngestDependencies,
  type IngestRequest,
  type IngestResponse,
} from "./ingest-contract.ts";

/**
 * What Segment's browser SDK loads before its first event: the least that it starts with. No origin is checked: it tells
 * nothing that the page does not hold already.
 */
export async function segmentSettings(
  request: IngestRequest,
  writeKey: string,
  { keys }: Pick<IngestDependencies, "keys">,
): Promise<IngestResponse> {
  if ((await keys.find(writeKey))?.kind !== "browser") return unknownKey(request);
  return answer(200, { integrations: { "Segment.io": { apiKey: writeKey } } });
}

/** What RudderStack's browser SDK loads before its first event; without it the SDK never starts. */
export async function rudderstackSourceConfig(
  request: IngestRequest,
  { keys }: Pick<IngestDependencies, "keys">,
): Promise<IngestResponse> {
  const writeKey = basicUser(request) ?? request.query.writeKey ?? "";
  const source = writeKey === "" ? undefined : await keys.find(writeKey);
  if (source?.kind !== "browser") return unknownKey(request);
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

function unknownKey(request: IngestRequest): IngestResponse {
  return failure(401, "key_unknown", "no browser source has this key", request);
}
