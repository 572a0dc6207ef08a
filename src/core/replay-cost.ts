/** List prices of us-east-1, US dollars. */
const DOLLARS = {
  sqsRequest: 0.4e-6,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 13.3334e-6,
  s3Get: 0.4e-6,
  s3List: 5e-6,
} as const;

/** What a replay did, or would do. */
export interface ReplayWork {
  /** Events that the selection found. */
  readonly events: number;
  /** Events × destinations whose receipts were read. */
  readonly looked: number;
  /** Messages put on lanes. */
  readonly sent: number;
  /** Of those, to platforms that count copies: the attempt is written down first. */
  readonly sentWithClaim: number;
  readonly objects: number;
  /** Requests that list the archive. */
  readonly lists: number;
  /** Compressed bytes of the archive. */
  readonly bytes: number;
}

/**
 * What AWS bills for it. A message is sent, received and deleted in batches of ten; half of its 2 kB are read for the
 * receipt, eventually consistent; a delivery is one write, and one more where the attempt is claimed. A second of a 512 MB
 * λ reads 2 MB of the archive, or delivers a hundred events.
 */
export function replayCostUsd(work: ReplayWork): number {
  const sqs = work.sent * 0.34 * DOLLARS.sqsRequest;
  const writes = (work.sent + work.sentWithClaim) * DOLLARS.writeUnit;
  const reads = (work.events * 0.5 + work.looked * 0.5 + work.sent * 0.5) * DOLLARS.readUnit;
  const s3 = work.objects * DOLLARS.s3Get + work.lists * DOLLARS.s3List;
  const lambdaSeconds = work.bytes / 2_000_000 + work.sent / 100;
  const lambda = lambdaSeconds * 0.5 * DOLLARS.lambdaGbSecond + work.sent * 0.1 * DOLLARS.lambdaRequest;
  return sqs + writes + reads + s3 + lambda;
}
