import { lookup as dnsLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** IPv4 blocks in which no platform lives: IANA's special-purpose registry, multicast and the reserved rest. */
const REFUSED_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Parts of 2000::/3 that are not plain addresses: protocol assignments with Teredo, documentation, 6to4. */
const REFUSED_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const refused = new BlockList();
for (const [block, bits] of REFUSED_V4) refused.addSubnet(block, bits, "ipv4");
for (const [block, bits] of REFUSED_V6) refused.addSubnet(block, bits, "ipv6");

// Only this block of IPv6 is routed. Outside it are loopback, link-local, unique-local and multicast addresses, and
// IPv4 addresses in IPv6 clothes (mapped, NAT64).
const globalV6 = new BlockList();
globalV6.addSubnet("2000::", 3, "ipv6");

/** Our own refusal to connect somewhere; never a failure of the network. */
export class AddressRefused extends Error {
  constructor(host: string) {
    super(`${host} is not a public address`);
    this.name = "AddressRefused";
  }
}

/**
 * Whether a platform or a user's webhook may live at this address. Refused: loopback, private, carrier, link-local
 * (with the cloud's metadata service), unique-local, multicast, unspecified and documentation addresses, and every
 * form of IPv6 that carries an IPv4 address to be unwrapped on the way (NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, "ipv4");
  // A zone (`fe80::1%eth0`) names an interface of this machine.
  if (family !== 6 || address.includes("%")) return false;
  return globalV6.check(address, "ipv6") && !refused.check(address, "ipv6");
}

/** A host as a URL gives it is fine by itself: a name, whose addresses are judged later, or a public address. */
export function isAllowedHost(hostname: string, isAllowed: (address: string) => boolean = isPublicAddress): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 || isAllowed(bare);
}

type Resolve = (
  hostname: string,
  options: { all: true; family: number; hints: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void,
) => void;

/**
 * A `lookup` for `node:net` that answers only when every address of the name is allowed. The check sits where the
 * connection takes its address from: a check of the name before would leave time to point it elsewhere.
 */
export function guardedLookup(
  isAllowed: (address: string) => boolean = isPublicAddress,
  resolve: Resolve = dnsLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : (options.family ?? 0);
    resolve(hostname, { all: true, family, hints: options.hints ?? 0 }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, "", 0);
      else if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        callback(new AddressRefused(hostname), "", 0);
      } else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
