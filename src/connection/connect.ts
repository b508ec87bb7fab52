import { setTimeout as sleep } from 'node:timers/promises';
import { HostConnection } from './connection.ts';
import { HostKeyChanged, HostKeyUnknown, Unreachable } from './errors.ts';
import { hostKeyPlace } from './host-key.ts';
import { dropKept, type Keeping } from './keeper/keeping.ts';
import { placeOf } from './keeper/way.ts';
import { hasCertAuthority, readKnownHosts } from './known-hosts.ts';
import { defaultShell, type LaneShell } from './lane-program.ts';
import { localTransport } from './local.ts';
import { NotLetIn } from './network-errors.ts';
import { OpenSshTransport } from './openssh.ts';
import { isBeyondSsh2, isPlainKey } from './private-key.ts';
import { parseJump } from './proxy-jump.ts';
import { readSettings, type ResolvedSettings } from './ssh-settings.ts';
import { holdsKeysBeyondSsh2, passphraseForSsh } from './ssh2-auth.ts';
import { connectSsh2, loadSsh2, NoCommonAlgorithm, type Hop } from './ssh2.ts';
import type { Transport } from './transport.ts';
import type { Connection, Target } from './types.ts';

/** Jump hosts that name jump hosts: deeper than this is a circle. */
const MOST_HOPS = 8;

/**
 * Logs in to a host. Lanes open when they are asked for.
 *
 * @param keeping of a run whose connections may be those of the run before
 * @throws Unreachable when the host cannot be reached or does not accept the login, HostKeyChanged when its key is not
 * the one on record
 * @example
 * const connection = await connect({ name: 'web1', address: '192.0.2.7', transport: 'auto' });
 * const lane = await connection.lane({ user: 'root', method: 'sudo' });
 * const [reply] = await lane.exchange([{ script: 'cat "$1"', args: ['/etc/hostname'] }]);
 */
export async function connect(target: Target, keeping?: Keeping): Promise<Connection> {
  for (let tried = 0; ; tried++) {
    try {
      return await connectWith(target, defaultShell, keeping);
    } catch (error) {
      if (tried >= (target.retries ?? 0) || !mayPass(error)) throw error;
      // Ansible's waits: 0, 1, 3, 7 ... seconds.
      await sleep(Math.min(30, 2 ** tried - 1) * 1000);
    }
  }
}

/** Whether trying again may help: the network or sshd failed, rather than a key or password being wrong. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof Unreachable &&
    !(error instanceof NotLetIn || error instanceof HostKeyChanged || error instanceof HostKeyUnknown)
  );
}

/** Has ssh say what it knows of a target while there is other work to do: nothing is connected. */
export function askSshAhead(target: Target): void {
  if (target.transport !== 'local') readSettings(target).catch(() => undefined);
}

/** `connect` with another shell for the lanes: what tests of busybox need. */
export async function connectWith(target: Target, shell: LaneShell, keeping?: Keeping): Promise<Connection> {
  if (target.transport === 'local') return new HostConnection(target, localTransport(), shell);
  const resolved = await readSettings(target);
  if (target.transport === 'openssh') return await byOpenSsh(target, resolved, shell, '');
  const hops = await resolveHops(target, resolved);
  const known = [...resolved.needsOpenSsh, ...hops.reasons];
  const way = known.length > 0 ? undefined : await keeping?.wayOf(target, hops.jumps, resolved.settings);
  const carriedBy = (transport: Transport): HostConnection => {
    const connection = new HostConnection(target, transport, shell, async () => {
      keeping?.forget(target.name);
      await dropKept([placeOf(resolved.settings)]);
    });
    if (way !== undefined) keeping?.note(way, connection);
    return connection;
  };
  const kept = way === undefined ? undefined : await keeping?.take(way);
  if (kept !== undefined) return carriedBy(kept);
  const reasons = [...known, ...(await whyNamedKeyNeedsOpenSsh(target))];
  if (target.transport === 'auto' && reasons.length > 0)
    return await byOpenSsh(target, resolved, shell, reasons.join(', '));
  try {
    const ignored = reasons.length === 0 ? '' : `asked for; it does not honour: ${reasons.join(', ')}`;
    return carriedBy(await connectSsh2(target, hops.jumps, resolved.settings, ignored));
  } catch (error) {
    const why =
      target.transport === 'auto' && resolved.hasOpenSsh ? await whyOpenSshMay(error, resolved, hops) : undefined;
    if (why === undefined) throw error;
    return await byOpenSsh(target, resolved, shell, why);
  }
}

/** Why OpenSSH may succeed where ssh2 did not. */
async function whyOpenSshMay(
  error: unknown,
  { settings }: ResolvedSettings,
  { jumps }: Hops,
): Promise<string | undefined> {
  if (error instanceof NoCommonAlgorithm) return 'ssh2 and the host have no algorithm in common';
  if (!(error instanceof NotLetIn)) return undefined;
  for (const file of [settings, ...jumps.map((jump) => jump.settings)].flatMap((one) => one.identityFiles)) {
    if (await isBeyondSsh2(await loadSsh2(), file)) return beyond(file);
  }
  if (settings.agentSocket !== undefined && (await holdsKeysBeyondSsh2(settings.agentSocket)))
    return 'the agent holds hardware keys or certificates';
  return undefined;
}

/** The key named for a host is the one it accepts: others need not be tried first. */
async function whyNamedKeyNeedsOpenSsh({ privateKeyFile }: Target): Promise<string[]> {
  // The library is loaded while the host answers, where that can wait.
  if (privateKeyFile === undefined || isPlainKey(privateKeyFile)) return [];
  return (await isBeyondSsh2(await loadSsh2(), privateKeyFile)) ? [beyond(privateKeyFile)] : [];
}

function beyond(file: string): string {
  return `only OpenSSH can use ${file}`;
}

/** The login lane opens at once: that is the login, and the master of the lanes that follow. */
async function byOpenSsh(
  target: Target,
  { settings, hasOpenSsh, usesOwnMaster }: ResolvedSettings,
  shell: LaneShell,
  why: string,
): Promise<Connection> {
  if (!hasOpenSsh)
    throw new Unreachable('the OpenSSH client is not installed here', {
      where: target.name,
      hint: 'Install openssh-client.',
    });
  const passphrase =
    target.passphrase === undefined ? undefined : await passphraseForSsh(await loadSsh2(), settings, target);
  const connection = new HostConnection(
    target,
    new OpenSshTransport({ target, settings, ownsMaster: !usesOwnMaster || target.isFresh === true, why, passphrase }),
    shell,
    () => dropKept([placeOf(settings)]),
  );
  try {
    await connection.lane();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

interface Hops {
  readonly jumps: readonly Hop[];
  /** Why one of the hosts, or the way it is trusted, needs OpenSSH. */
  readonly reasons: readonly string[];
}

/**
 * The jump hosts with their own settings. Like ssh's, these come from the configuration file alone (`-F`, not `-o`).
 */
async function resolveHops(target: Target, { settings }: ResolvedSettings, depth = 0): Promise<Hops> {
  if (depth > MOST_HOPS)
    throw new Unreachable(`the jump hosts of ${target.name} go in a circle`, {
      where: target.name,
      hint: 'Check ProxyJump in ssh_config.',
    });
  const jumps: Hop[] = [];
  const reasons = vouchedByAuthority(settings) ? ['a certificate authority vouches for the host key'] : [];
  for (const [index, jump] of settings.proxyJump.entries()) {
    const hopTarget: Target = {
      ...parseJump(jump),
      transport: 'ssh2',
      sshArgs: configFile(target.sshArgs ?? []),
      ...(target.acceptNewHostKeys === true ? { acceptNewHostKeys: true } : {}),
    };
    const resolved = await readSettings(hopTarget);
    // Only the first of a list is reached by its own configuration; the list says how the others are reached.
    const before = await resolveHops(
      hopTarget,
      index === 0 ? resolved : { ...resolved, settings: { ...resolved.settings, proxyJump: [] } },
      depth + 1,
    );
    jumps.push(...before.jumps, { name: hopTarget.name, settings: resolved.settings });
    reasons.push(
      ...[...resolved.needsOpenSsh, ...before.reasons].map((reason) => `jump host ${hopTarget.name}: ${reason}`),
    );
  }
  return { jumps, reasons };
}

function vouchedByAuthority(settings: ResolvedSettings['settings']): boolean {
  const { host, port } = hostKeyPlace(settings);
  return hasCertAuthority(readKnownHosts(settings.knownHostsFiles), host, port);
}

function configFile(sshArgs: readonly string[]): string[] {
  return sshArgs.flatMap((word, index) => {
    if (word === '-F') return [word, sshArgs[index + 1] ?? ''];
    return word.startsWith('-F') ? [word] : [];
  });
}
