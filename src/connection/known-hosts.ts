import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, openSync, closeSync, readFileSync, statSync, writeSync, fstatSync, readSync } from 'node:fs';
import { dirname } from 'node:path';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Patterns as written: `web*`, `!web3`, `[web1]:2222`, or one hashed name. */
  readonly hosts: readonly string[];
  readonly keyType: string;
  readonly key: Buffer;
  readonly file: string;
  readonly line: number;
}

/** What the files say about a key that a host presented. */
export type KeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly by: KnownHostLine }
  | { readonly kind: 'revoked'; readonly by: KnownHostLine };

/** The lines of one file; unreadable ones are skipped, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  const lines: KnownHostLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const words = raw.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) continue;
    const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'cert-authority' : undefined;
    if (marker === undefined && words[0].startsWith('@')) continue;
    if (marker !== undefined) words.shift();
    const [hosts, keyType, encoded] = words;
    if (hosts === undefined || keyType === undefined || encoded === undefined) continue;
    const key = Buffer.from(encoded, 'base64');
    if (keyTypeOf(key) !== keyType) continue;
    lines.push({ marker, hosts: hosts.split(','), keyType, key, file, line: index + 1 });
  }
  return lines;
}

/** The type name inside a public key blob (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? undefined : key.toString('latin1', 4, 4 + length);
}

/** The name a host is filed under: the port is part of it unless it is ssh's default. */
function knownHostName(host: string, port: number): string {
  return withPort(host.toLowerCase(), port);
}

function withPort(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** Whether a line is about a host. A matching negation wins over every match. */
function matchesHost(line: KnownHostLine, host: string, port: number): boolean {
  const name = knownHostName(host, port);
  let matched = false;
  for (const pattern of line.hosts) {
    if (pattern.startsWith('|1|')) {
      // For a HostKeyAlias OpenSSH takes the hash as it is written.
      matched ||= matchesHash(pattern, name) || matchesHash(pattern, withPort(host, port));
    } else if (pattern.startsWith('!')) {
      if (matchesWildcard(pattern.slice(1), name)) return false;
    } else {
      matched ||= matchesWildcard(pattern, name);
    }
  }
  return matched;
}

function matchesHash(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split('|');
  if (salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function matchesWildcard(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === name;
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

const cache = new Map<string, { readonly stamp: string; readonly lines: readonly KnownHostLine[] }>();

/** The lines of all files that exist. Read once as long as they do not change: a run may ask for a thousand hosts. */
export function readKnownHosts(files: readonly string[]): KnownHostLine[] {
  return files.flatMap((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) return [];
    const stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    const cached = cache.get(file);
    if (cached?.stamp === stamp) return cached.lines;
    const lines = parseKnownHosts(readFileSync(file, 'utf8'), file);
    cache.set(file, { stamp, lines });
    return lines;
  });
}

/**
 * Judges the key a host presented.
 *
 * A host on record with keys of other types only counts as changed: the types on record are asked for first, so it no
 * longer has them, and an attacker would get around a known key in just that way.
 */
export function judgeKey(lines: readonly KnownHostLine[], host: string, port: number, key: Buffer): KeyVerdict {
  const about = lines.filter((line) => matchesHost(line, host, port));
  const revoked = lines.find((line) => line.marker === 'revoked' && line.key.equals(key) && revokesFor(line, host));
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  const plain = about.filter((line) => line.marker === undefined);
  if (plain.some((line) => line.key.equals(key))) return { kind: 'known' };
  const type = keyTypeOf(key);
  const changed = plain.find((line) => line.keyType === type) ?? plain[0];
  if (changed !== undefined) return { kind: 'changed', by: changed };
  // OpenSSH too accepts a key filed without the port, when it is the same.
  if (
    port !== 22 &&
    lines.some((line) => line.marker === undefined && line.key.equals(key) && matchesHost(line, host, 22))
  ) {
    return { kind: 'known' };
  }
  return { kind: 'unknown' };
}

/**
 * Whether a key that a line revokes is revoked for a host: whoever stole it has it at every port. A name hashed with a
 * port can only be tried with each port; only keys that are presented are checked, so this is rare.
 */
function revokesFor({ hosts }: KnownHostLine, host: string): boolean {
  const name = host.toLowerCase();
  const bare = (pattern: string): string => pattern.replace(/^(!?)\[(.+)\]:[\d*?]+$/, '$1$2');
  if (hosts.some((pattern) => pattern.startsWith('!') && matchesWildcard(bare(pattern).slice(1), name))) return false;
  return hosts.some((pattern) =>
    pattern.startsWith('|1|')
      ? matchesHash(pattern, name) || hasPort(pattern, host.toLowerCase())
      : !pattern.startsWith('!') && matchesWildcard(bare(pattern), name),
  );
}

const mostPort = 65_535;

function hasPort(pattern: string, host: string): boolean {
  for (let port = 1; port <= mostPort; port++) if (matchesHash(pattern, `[${host}]:${port}`)) return true;
  return false;
}

/**
 * The keys that are revoked for a host at any port, as lines of a file for ssh's RevokedHostKeys; those hashed with a
 * port are left to ssh.
 */
export function revokedKeys(files: readonly string[], host: string): string[] {
  const lines = readKnownHosts(files).filter(
    (line) =>
      line.marker === 'revoked' &&
      revokesFor({ ...line, hosts: line.hosts.filter((one) => !one.startsWith('|1|')) }, host),
  );
  return lines.map(({ keyType, key }) => `${keyType} ${key.toString('base64')}`);
}

/** The lines about a host, hashed ones too: those of its keys, not of authorities. */
export function knownHostLines(files: readonly string[], host: string, port: number): KnownHostLine[] {
  return readKnownHosts(files).filter((line) => line.marker === undefined && matchesHost(line, host, port));
}

/** Types of the keys on record for a host, to be asked for first. */
export function knownKeyTypes(lines: readonly KnownHostLine[], host: string, port: number): string[] {
  const about = lines.filter(
    (line) => line.marker === undefined && [port, 22].some((one) => matchesHost(line, host, one)),
  );
  return [...new Set(about.map((line) => line.keyType))];
}

/** Whether a certificate authority vouches for the host. */
export function hasCertAuthority(lines: readonly KnownHostLine[], host: string, port: number): boolean {
  return lines.some((line) => line.marker === 'cert-authority' && matchesHost(line, host, port));
}

/** Records a key, by one write to the end of the file: other processes may be doing the same. */
export function recordKey(file: string, host: string, port: number, key: Buffer, hashed: boolean): void {
  const name = knownHostName(host, port);
  const text = `${hashed ? hashName(name) : name} ${keyTypeOf(key) ?? ''} ${key.toString('base64')}\n`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fd = openSync(file, 'a+', 0o600);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    const endsLine = size === 0 || readSync(fd, last, 0, 1, size - 1) === 0 || last[0] === 0x0a;
    writeSync(fd, endsLine ? text : `\n${text}`);
  } finally {
    closeSync(fd);
  }
}

function hashName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer, sha256: (bytes: Buffer) => Buffer): string {
  return `SHA256:${sha256(key).toString('base64').replace(/=+$/, '')}`;
}
