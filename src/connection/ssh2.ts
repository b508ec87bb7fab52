import { connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Client, NextAuthHandler, ServerHostKeyAlgorithm } from 'ssh2';
import { Unreachable } from './errors.ts';
import { checkHostKey, hostKeyPlace } from './host-key.ts';
import { knownKeyTypes, readKnownHosts } from './known-hosts.ts';
import { authenticationFailed, networkError, timedOut } from './network-errors.ts';
import type { SshSettings } from './ssh-settings.ts';
import { planAuthentication, type AuthPlan, type Credentials } from './ssh2-auth.ts';
import { Link, Ssh2Transport } from './ssh2-transport.ts';
import { shortenLogin } from './ssh2-turns.ts';
import type { Target } from './types.ts';

type Ssh2 = typeof import('ssh2');

/** The order when nothing is on record: OpenSSH's preference, without broken algorithms. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** The host speaks nothing that ssh2 does; OpenSSH may. */
export class NoCommonAlgorithm extends Unreachable {
  override name = 'NoCommonAlgorithm';
}

/** One hop: a host on the way, or the target itself. */
export interface Hop {
  readonly name: string;
  readonly settings: SshSettings;
}

/** Loaded when first needed: it would take half of play's start-up. */
export async function loadSsh2(): Promise<Ssh2> {
  const { default: ssh2 } = await import('ssh2');
  // In the bundle its names are getters, the first of which loads it (build.mjs).
  return ssh2.Client && ssh2;
}

/**
 * Logs in by ssh2, through the jump hosts in order.
 *
 * @throws Unreachable, HostKeyChanged
 */
export async function connectSsh2(
  target: Target,
  jumps: readonly Hop[],
  settings: SshSettings,
  why: string,
): Promise<Ssh2Transport> {
  const open = (): Promise<Link> => openLink(target, jumps, settings);
  return new Ssh2Transport(await open(), open, target.name, settings.user, why === '' ? 'ssh2' : `ssh2 (${why})`);
}

/** Logs in once, through the jump hosts in order. */
async function openLink(target: Target, jumps: readonly Hop[], settings: SshSettings): Promise<Link> {
  const clients: Client[] = [];
  try {
    const last: Hop = { name: target.name, settings };
    const [first, ...others] = inOrder(jumps, last);
    // The library is loaded while the host starts a process for us.
    const [socket, ssh2] = await Promise.all([openSocket(first), setImmediate().then(loadSsh2)]);
    // A password is for the target alone: jump hosts are logged in to by key.
    const credentialsFor = (hop: Hop): Credentials =>
      hop === last ? target : target.passphrase === undefined ? {} : { passphrase: target.passphrase };
    let client = await logIn(ssh2, socket, first, credentialsFor(first));
    clients.push(client);
    for (const hop of others) {
      client = await logIn(ssh2, await openTunnel(client, hop), hop, credentialsFor(hop));
      clients.push(client);
    }
    return new Link(client, clients, socket, target.name);
  } catch (error) {
    for (const client of clients.reverse()) client.end();
    throw error;
  }
}

function inOrder(jumps: readonly Hop[], last: Hop): readonly [Hop, ...Hop[]] {
  const [first, ...others] = jumps;
  return first === undefined ? [last] : [first, ...others, last];
}

function openSocket({ name, settings }: Hop): Promise<Socket> {
  const { host, port, family, bindAddress, connectTimeout } = settings;
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      family,
      ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(timedOut(name, settings));
    }, connectTimeout * 1000);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(networkError(name, settings, error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function openTunnel(client: Client, { name, settings }: Hop): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(networkError(name, settings, new Error('the jump host closed the connection')));
    // A jump host may accept the login and then say nothing.
    const timer = setTimeout(() => reject(timedOut(name, settings)), settings.connectTimeout * 1000);
    client.once('close', gone);
    const done = (): void => {
      clearTimeout(timer);
      client.off('close', gone);
    };
    try {
      client.forwardOut('127.0.0.1', 0, settings.host, settings.port, (error, stream) => {
        done();
        if (error === undefined) resolve(stream);
        else reject(networkError(name, settings, error));
      });
    } catch {
      done();
      gone();
    }
  });
}

async function logIn(ssh2: Ssh2, socket: Duplex, { name, settings }: Hop, credentials: Credentials): Promise<Client> {
  const plan = await planAuthentication(ssh2, settings, credentials);
  return await new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let hostKeyError: Unreachable | undefined;
    const auth = authHandler(plan);
    let settled = false;
    const fail = (error: Error): void => {
      if (settled) return;
      settled = true;
      client.destroy();
      reject(error);
    };
    client.on('error', (error: Error & { level?: string }) => {
      // An agent that does not answer: the next attempt follows by itself.
      if (error.level === 'agent') return;
      if (hostKeyError !== undefined) fail(hostKeyError);
      else if (error.level === 'client-authentication')
        fail(authenticationFailed(name, settings, auth.tried(), auth.offered(), plan.notes));
      else if (error.level === 'client-timeout') fail(timedOut(name, settings));
      else if (error.message.includes('no matching'))
        fail(
          new NoCommonAlgorithm(`ssh2 and ${name} have no algorithm in common`, {
            where: name,
            detail: error.message,
            hint: 'transport "openssh" may reach it.',
          }),
        );
      else fail(networkError(name, settings, error));
    });
    client.once('close', () =>
      fail(hostKeyError ?? networkError(name, settings, new Error('it closed the connection during the login'))),
    );
    client.once('ready', () => {
      settled = true;
      resolve(client);
    });
    client.connect({
      sock: socket,
      username: settings.user,
      readyTimeout: settings.connectTimeout * 1000,
      keepaliveInterval: settings.keepaliveInterval * 1000,
      keepaliveCountMax: settings.keepaliveCount,
      algorithms: { serverHostKey: hostKeyAlgorithms(settings) },
      authHandler: auth.next,
      hostVerifier: (key: Buffer) => {
        hostKeyError = checkHostKey(name, settings, key);
        return hostKeyError === undefined;
      },
    });
    if (plan.sureKey !== undefined) shortenLogin(client, plan.sureKey);
  });
}

/** Types on record first: a host with several keys then presents the one we can check. */
function hostKeyAlgorithms(settings: SshSettings): ServerHostKeyAlgorithm[] {
  const { host, port } = hostKeyPlace(settings);
  const types = knownKeyTypes(readKnownHosts(settings.knownHostsFiles), host, port);
  const isKnown = (algorithm: string): boolean =>
    types.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}

function authHandler(plan: AuthPlan) {
  const left = [...plan.attempts];
  const tried: string[] = [];
  let offered: readonly string[] = [];
  return {
    tried: () => tried,
    offered: () => offered,
    /** Calls back with the next attempt, or returns false when there is none left. */
    next: (
      methodsLeft: readonly string[] | null,
      _partial: boolean | null,
      callback: NextAuthHandler,
    ): false | undefined => {
      if (methodsLeft !== null) offered = methodsLeft;
      // Once the server has said which methods it accepts, nothing else is tried.
      const isTaken = (type: string): boolean =>
        methodsLeft === null || methodsLeft.includes(type === 'agent' ? 'publickey' : type);
      for (let attempt = left.shift(); attempt !== undefined; attempt = left.shift()) {
        if (!isTaken(attempt.method.type)) continue;
        tried.push(attempt.name);
        callback(attempt.method);
        return undefined;
      }
      return false;
    },
  };
}
