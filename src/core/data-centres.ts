import { DATA_CENTRE_RANGES } from "./data-centre-ranges.ts";

const UNIT = 256;

/** Begin and end of each range, one after the other, in units; read when the first address is asked about. */
let bounds: Uint32Array | undefined;

/**
 * Whether an IPv4 address is of a network of servers: a back end's own address, or the exit of a VPN. Most of them by
 * address, not all; IPv6 is not told apart.
 */
export function isDataCentre(ip: string): boolean {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(ip);
  if (octets === null) return false;
  const [a = 0, b = 0, c = 0] = octets.slice(1).map(Number);
  const unit = (a * UNIT + b) * UNIT + c;
  bounds ??= boundsOf(DATA_CENTRE_RANGES);
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) <= unit) low = middle + 1;
    else high = middle;
  }
  // Past an odd number of bounds it is inside a range.
  return low % 2 === 1;
}

function boundsOf(steps: string): Uint32Array {
  let at = 0;
  return Uint32Array.from(steps.split(" "), (step) => {
    at += Number.parseInt(step, 36);
    return at;
  });
}
