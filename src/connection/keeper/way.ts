import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { hostKeyPlace } from '../host-key.ts';
import { knownHostLines, readKnownHosts } from '../known-hosts.ts';
import type { Limits } from '../limits.ts';
import type { SshSettings } from '../ssh-settings.ts';
import type { Hop } from '../ssh2.ts';
import type { Target } from '../types.ts';

/** All that a login by ssh2 needs, but for what is secret: a keeper logs in by keys that need no passphrase, or not. */
export interface Way {
  /** Stands for all that a connection depends on: the same key, the same connection. */
  readonly key: string;
  /** The host and port, as `placeOf` has them. */
  readonly place: string;
  readonly name: string;
  readonly privateKeyFile?: string;
  readonly limits?: Partial<Limits>;
  readonly jumps: readonly Hop[];
  readonly settings: SshSettings;
}

/**
 * The way to a target, with the key under which its connection is kept: where and as whom, through which jump hosts,
 * by which settings of ssh, host keys on record, key files as they are now, and keys that the agent holds.
 *
 * @param by which play it is: one does not use what another one keeps
 */
export async function wayOf(
  by: string,
  { name, privateKeyFile, limits }: Target,
  jumps: readonly Hop[],
  settings: SshSettings,
): Promise<Way> {
  const hops = [...jumps, { name, settings }].map((hop) => ({ ...hop, settings: atHome(hop.settings) }));
  const agents = [...new Set(hops.map((hop) => hop.settings.agentSocket))].filter((one) => one !== undefined);
  const known = hops.map(({ settings: own }) => ({
    hostKeys: linesAbout(own),
    keyFiles: own.identityFiles.flatMap((file) => [stampOf(file), stampOf(`${file}.pub`)]),
  }));
  const held = await Promise.all(agents.map(agentDigest));
  const parts = { by, name, privateKeyFile, limits, hops, known, held };
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const last = hops.pop();
  return {
    key,
    place: placeOf(settings),
    name,
    ...(privateKeyFile === undefined ? {} : { privateKeyFile: resolve(privateKeyFile) }),
    ...(limits === undefined ? {} : { limits }),
    jumps: hops,
    settings: last?.settings ?? settings,
  };
}

/** What all connections to one sshd have in common. */
export function placeOf({ host, port }: SshSettings): string {
  return `${host.toLowerCase()} ${port}`;
}

/** A keeper works in `/`, and nobody may vouch for a new key there. */
function atHome(settings: SshSettings): SshSettings {
  return {
    ...settings,
    identityFiles: settings.identityFiles.map((file) => resolve(file)),
    knownHostsFiles: settings.knownHostsFiles.map((file) => resolve(file)),
    acceptNewHostKeys: false,
  };
}

/** The host's keys on record, and all that are revoked. */
function linesAbout(settings: SshSettings): string[] {
  const { host, port } = hostKeyPlace(settings);
  const revoked = readKnownHosts(settings.knownHostsFiles).filter(({ marker }) => marker === 'revoked');
  const own = [port, 22].flatMap((one) => knownHostLines(settings.knownHostsFiles, host, one));
  return [
    ...new Set(
      [...own, ...revoked].map(
        ({ marker, hosts, key }) => `${marker ?? ''} ${hosts.join(',')} ${key.toString('base64')}`,
      ),
    ),
  ];
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${file} ${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

/** How long an agent has to say what it holds, in milliseconds. */
const agentPatience = 1000;

/** SSH_AGENTC_REQUEST_IDENTITIES, framed (draft-ietf-sshm-ssh-agent). */
const whichKeys = Buffer.from([0, 0, 0, 1, 11]);

/** What an agent answers when asked which keys it holds: another digest, other keys. */
function agentDigest(path: string): Promise<string> {
  return new Promise((done) => {
    const hash = createHash('sha256');
    let left: number | undefined;
    let head = Buffer.alloc(0);
    const socket = connect(path);
    const finish = (): void => {
      socket.destroy();
      done(left !== undefined && left <= 0 ? hash.digest('hex') : 'no answer');
    };
    socket.setTimeout(agentPatience, finish);
    socket.on('error', finish);
    socket.on('end', finish);
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      if (left === undefined) {
        head = Buffer.concat([head, chunk]);
        if (head.length < 4) return;
        left = head.readUInt32BE(0) + 4 - head.length;
      } else left -= chunk.length;
      if (left <= 0) finish();
    });
    socket.write(whichKeys);
  });
}
