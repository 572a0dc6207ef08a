/** IPv4 ranges that are nobody's home address, as [first address, prefix length]. Source: IANA special-purpose registry. */
const RESERVED_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const satisfies readonly (readonly [string, number])[];

const RESERVED_BLOCKS = RESERVED_V4.map(([first, prefix]) => {
  const size = 2 ** (32 - prefix);
  return { size, block: Math.floor((parseV4(first) ?? 0) / size) };
});

/**
 * True for an IPv4 or IPv6 address that can belong to a person's device. Documentation ranges count as public, so that
 * examples and tests go through the same code as real traffic.
 */
export function isPublicIp(text: string): boolean {
  const v4 = parseV4(text);
  if (v4 !== undefined) return isPublicV4(v4);
  const v6 = parseV6(text);
  if (v6 === undefined) return false;
  const [a = 0, b = 0] = v6;
  if (v6.slice(0, 5).every((group) => group === 0) && v6[5] === 0xffff) {
    return isPublicV4((v6[6] ?? 0) * 0x10000 + (v6[7] ?? 0));
  }
  // Only 2000::/3 is global unicast; 2001::/23 holds protocol assignments such as Teredo.
  return a >= 0x2000 && a < 0x4000 && !(a === 0x2001 && b < 0x0200);
}

/** The address when it can be a person's; undefined for none, and for those of networks and machines. */
export function publicIp(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address !== undefined && isPublicIp(address) ? address : undefined;
}

function isPublicV4(address: number): boolean {
  return !RESERVED_BLOCKS.some(({ size, block }) => Math.floor(address / size) === block);
}

function parseV4(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  return parts.every((part) => part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

/** The eight groups of an IPv6 address, or undefined. Zone ids are refused: they mean nothing on another machine. */
function parseV6(text: string): number[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? parseV4(dotted[2] ?? "") : undefined;
  if (dotted && tail === undefined) return undefined;
  const plain =
    tail === undefined ? text : `${dotted?.[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...rest];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
