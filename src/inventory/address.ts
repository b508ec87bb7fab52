import { PlayError, type Location } from '../errors/index.ts';

/*
 * Ansible's host names with ports and ranges (ansible/parsing/utils/addresses.py, plugins/inventory/__init__.py), rule
 * for rule: what counts as an address decides where a colon separates a port, and in patterns whether it separates
 * anything.
 */
const numericRange = String.raw`\[(?:[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const hexadecimalRange = String.raw`\[(?:[0-9a-f]+:[0-9a-f]+)(?::[0-9]+)?\]`;
const alphanumericRange = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const i6 = `(?:[0-9a-f]{1,4}|${hexadecimalRange})`;
const i4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${numericRange})`;
const word = String.raw`[\p{L}\p{N}_]`;
const label = `(?:${word}|${alphanumericRange})(?:${word}|-|${alphanumericRange})*(?<![_\\-])`;

const bracketedPort = /^\[(.+)\]:([0-9]+)$/u;
const plainPort = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/u;
const ipv4 = new RegExp(`^(?:${i4}\\.){3}${i4}$`, 'iu');
/** Only its last form must match to the end of the text, as in the original: patterns rely on how that splits. */
const ipv6 = new RegExp(
  `^(?:${[
    `(?:${i6}:){7}${i6}`,
    `(?:${i6}:){1,6}:`,
    `(?:${i6}:)(?::${i6}){1,6}`,
    `(?:${i6}:){2}(?::${i6}){1,5}`,
    `(?:${i6}:){3}(?::${i6}){1,4}`,
    `(?:${i6}:){4}(?::${i6}){1,3}`,
    `(?:${i6}:){5}(?::${i6}){1,2}`,
    `(?:${i6}:){6}(?::${i6})`,
    `:(?::${i6}){1,6}`,
    `${i6}?::`,
    `(?:0:){6}(?:${i6}\\.){3}${i6}`,
    `::(?:ffff:)?(?:${i6}\\.){3}${i6}`,
    `(?:0:){5}ffff:(?:${i6}\\.){3}${i6}$`,
  ].join('|')})`,
  'iu',
);
const hostname = new RegExp(`^${label}(?:\\.${label})*$`, 'iu');
/** Nearly all names and IPv4 addresses. That of every letter there is takes V8 a millisecond to compile. */
const plainName = /^[a-z0-9_][a-z0-9_-]*(?<![_-])(?:\.[a-z0-9_][a-z0-9_-]*(?<![_-]))*$/i;

export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * A host name, IPv4 or IPv6 address, ranges allowed, with an optional port; undefined when the text is none of these.
 */
export function parseAddress(text: string): Address | undefined {
  if (plainName.test(text)) return { host: text, port: undefined };
  let host = text;
  let port: number | undefined;
  for (const form of [bracketedPort, plainPort]) {
    const found = form.exec(host);
    if (found?.[1] === undefined) continue;
    host = found[1];
    port = Number(found[2]);
  }
  return host !== '' && (ipv4.test(host) || (host.includes(':') && ipv6.test(host)) || hostname.test(host))
    ? { host, port }
    : undefined;
}

/** Whether a text is the name or the address of one host: no range, and no port. */
export function isOneHost(name: string): boolean {
  return (
    /^[\p{L}\p{N}_:]/u.test(name) &&
    !/[[\]]/.test(name) &&
    parseAddress(name)?.port === undefined &&
    parseAddress(name) !== undefined
  );
}

export interface HostNames {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

/** The hosts one entry of an inventory stands for: `web[01:10].example.org:2222`. */
export function expandHostPattern(pattern: string, where: Location): HostNames {
  // Without a colon there is neither port nor range: nearly every line of a large inventory.
  if (!pattern.includes(':') && !pattern.includes('[')) return { names: [pattern], port: undefined };
  const { host, port } = parseAddress(pattern) ?? { host: pattern, port: undefined };
  return { names: host.includes('[') ? expandRange(host, where) : [host], port };
}

/** More hosts than any inventory has: a range this large has a digit too many. */
const mostHosts = 100_000;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function expandRange(text: string, where: Location): string[] {
  const parts = text.replace('[', '|').replace(']', '|').split('|');
  const [head, range, tail] = parts;
  if (parts.length !== 3 || head === undefined || range === undefined || tail === undefined)
    throw badRange(text, 'its brackets do not match', where);
  const bounds = range.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) throw badRange(text, 'it must be begin:end or begin:end:step', where);
  const begin = bounds[0] === '' || bounds[0] === undefined ? '0' : bounds[0];
  const end = bounds[1] ?? '';
  if (end === '') throw badRange(text, 'it has no end', where);
  const step = bounds[2] === undefined ? 1 : integer(bounds[2], text, where);
  if (step < 1) throw badRange(text, 'its step must be 1 or more', where);
  const isPadded = begin.length > 1 && begin.startsWith('0');
  if (isPadded && begin.length !== end.length)
    throw badRange(text, 'begin and end must have equally many digits when begin starts with 0', where);
  const names: string[] = [];
  for (const item of sequence(begin, end, step, text, where)) {
    const name = head + (isPadded ? item.padStart(begin.length, '0') : item) + tail;
    names.push(...(name.includes('[') ? expandRange(name, where) : [name]));
    if (names.length > mostHosts) throw tooMany(text, where);
  }
  return names;
}

function tooMany(text: string, where: Location): PlayError {
  return new PlayError(`The host range "${text}" stands for more than ${mostHosts} hosts`, {
    where,
    hint: 'Check its digits.',
  });
}

function sequence(begin: string, end: string, step: number, text: string, where: Location): string[] {
  const from = letters.indexOf(begin);
  const to = letters.indexOf(end);
  const items: string[] = [];
  if (from !== -1 && to !== -1) {
    if (from > to) throw badRange(text, 'it begins after its end', where);
    for (let i = from; i <= to; i += step) items.push(letters.charAt(i));
    return items;
  }
  const last = integer(end, text, where);
  const first = integer(begin, text, where);
  if (first > last) throw badRange(text, 'it begins after its end', where);
  if ((last - first) / step > mostHosts) throw tooMany(text, where);
  for (let i = first; i <= last; i += step) items.push(String(i));
  return items;
}

function integer(digits: string, text: string, where: Location): number {
  if (/^\d+$/.test(digits)) return Number(digits);
  throw badRange(text, `"${digits}" is neither a number nor a letter`, where);
}

function badRange(text: string, why: string, where: Location): PlayError {
  return new PlayError(`Bad host range in "${text}": ${why}`, {
    where,
    hint: 'Write ranges as web[01:10], db[a:f] or web[1:9:2].',
  });
}
