import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { PlayError } from '../../../errors/index.ts';

/** A port of a host as it is asked for. */
export interface AskedPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** Somebody who is let in for a time. */
export interface Access extends AskedPort {
  readonly address: string;
  /** `anna@laptop`. */
  readonly by: string;
}

/** What a host says of one that it let in. */
export interface FoundAccess extends Access {
  readonly id: string;
  /** Seconds since the epoch, by the host's clock. */
  readonly since: number;
  readonly until: number;
  /** Where the rules are: `inet firewall input`. Empty: the firewall was reloaded this very moment, or drops nothing. */
  readonly places: readonly string[];
  /** Whether the unit that takes it back runs. */
  readonly isKept: boolean;
}

/**
 * Reads `9200`, `53/udp`.
 *
 * @throws PlayError for anything else
 */
export function parsePort(text: string): AskedPort {
  const [, digits, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535)
    throw new PlayError(`"${text}" is not a port`, { hint: 'A number from 1 to 65535; 53/udp for UDP.' });
  return { port, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}

/** @throws PlayError where it is no single address */
export function parseAddress(option: string, text: string): string {
  if (isIP(text) !== 0 && !text.includes('%')) return unmapped(text);
  throw new PlayError(`${option} needs an address, not "${text}"`, {
    hint: text.includes('/')
      ? 'One at a time. To let in a network permanently, write it into the playbook.'
      : 'Such as 192.0.2.7 or 2001:db8::7. Left out, it is the address that the host sees you come from.',
  });
}

/** An IPv4 address as sockets of IPv6 have it, in its own form. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** One for each person, address and port: asking again is for longer, or shorter. */
export function idOf({ address, port, protocol, by }: Access): string {
  return createHash('sha256').update([by, address, protocol, port].join('\0')).digest('hex').slice(0, 12);
}

/** `9200`, `53/udp`. */
export function portText({ port, protocol }: AskedPort): string {
  return protocol === 'tcp' ? String(port) : `${port}/${protocol}`;
}

/**
 * The address of the other end of a socket, as /proc/net/tcp and tcp6 have it: words of 32 bits, each in the byte order
 * of the machine (proc(5)).
 *
 * @example peerAddress('0100007F:0016')  // 127.0.0.1
 */
export function peerAddress(text: string): string | undefined {
  const [, hex = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}$/.exec(text) ?? [];
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
