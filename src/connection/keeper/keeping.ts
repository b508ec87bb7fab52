import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConnection } from '../connection.ts';
import type { SshSettings } from '../ssh-settings.ts';
import type { Hop } from '../ssh2.ts';
import type { Target } from '../types.ts';
import { askKeeper, tellKeeper } from './conversation.ts';
import { KeptTransport } from './kept-transport.ts';
import { mostHeld, type Hold } from './messages.ts';
import { keeperSocket } from './socket-folder.ts';
import { wayOf, type Way } from './way.ts';

/** Beside the bundle lies the keeper as it was built; beside the source, its own source. */
const built = join(import.meta.dirname, 'keeper.cjs');
const command = existsSync(built)
  ? [built]
  : [
      '--import',
      join(import.meta.dirname, '..', '..', 'testing', 'register.mjs'),
      join(import.meta.dirname, 'keeper-process.ts'),
    ];

/** Which play this is: the folder of a build is named after its sources. */
const by = `${command.at(-1)} ${process.version}`;

/** What of the environment a keeper needs; the rest may hold secrets. */
const passedOn = ['HOME', 'USER', 'LOGNAME', 'PATH', 'TMPDIR', 'XDG_RUNTIME_DIR', 'LANG', 'LC_ALL', 'TZ'];

interface Noted {
  readonly way: Way;
  readonly connection: HostConnection;
}

/**
 * The connections of one run as they are taken from the run before, and left to the next. The keeper logs in by itself,
 * once the run is over: an ssh connection cannot change its process, and to have a keeper connect from the start would
 * make every run wait for the start of a second Node.
 */
export class Keeping {
  readonly #seconds: number;
  readonly #noted = new Map<string, Noted>();
  readonly #seen = new Set<string>();
  /** Hosts whose connection was one that waited: their keeper is there. */
  readonly #taken = new Set<string>();

  /** @param seconds how long a connection waits without a run */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /**
   * The way by which a target's connection may be kept. Only the first of a run: another one is made where that was lost,
   * or is to show that a login works.
   */
  async wayOf(target: Target, jumps: readonly Hop[], settings: SshSettings): Promise<Way | undefined> {
    if (target.isFresh === true || target.password !== undefined) return undefined;
    if (this.#seen.has(target.name)) {
      this.#noted.delete(target.name);
      return undefined;
    }
    this.#seen.add(target.name);
    return await wayOf(by, target, jumps, settings);
  }

  /** The connection that waits, if there is one and it works. */
  async take(way: Way): Promise<KeptTransport | undefined> {
    const kept = await KeptTransport.attach(by, way);
    if (kept !== undefined) this.#taken.add(way.name);
    return kept;
  }

  /** Keeps a connection in mind, to be left to the next run. */
  note(way: Way, connection: HostConnection): void {
    this.#noted.set(way.name, { way, connection });
  }

  /** The run has changed what logins rest on: the next one logs in anew. */
  forget(name: string): void {
    this.#noted.delete(name);
  }

  /**
   * Leaves connections to the next run. To be called when the run is over; starts the keeper where none is there.
   *
   * @param isWorthIt whether a host was reached to the end
   */
  async leave(isWorthIt: (host: string) => boolean): Promise<void> {
    const holds = [...this.#noted.values()]
      .filter(({ way }) => isWorthIt(way.name))
      .map(({ way, connection }): Hold => ({ way, seconds: this.#seconds, accounts: connection.accounts }));
    if (holds.length === 0 || holds.length > mostHeld) return;
    if (holds.every(({ way }) => this.#taken.has(way.name))) {
      await tellKeeper({ ask: 'hold', by, holds });
      return;
    }
    const found = await askKeeper({ ask: 'hold', by, holds });
    found?.socket.destroy();
    if (found?.reply.say !== 'done') await startKeeper(holds);
  }
}

/** No connection to these hosts that is kept, by whatever way, is given to a run again. */
export async function dropKept(places: readonly string[]): Promise<void> {
  const found = await askKeeper({ ask: 'drop', by, places });
  found?.socket.destroy();
  if (found !== undefined) return;
  // It is gone, or too busy to answer: no run is to find what it may still hold.
  const path = keeperSocket(false);
  if (path !== undefined) rmSync(path, { force: true });
}

async function startKeeper(holds: readonly Hold[]): Promise<void> {
  const agents = holds.flatMap(({ way }) => [...way.jumps, way]).some(({ settings }) => settings.agentSocket);
  const names = agents ? [...passedOn, 'SSH_AUTH_SOCK'] : passedOn;
  const env = Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const child = spawn(process.execPath, command, {
    cwd: '/',
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without one, the next run connects by itself.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify({ by, holds }));
  await Promise.race([once(child.stdin, 'finish'), once(child, 'exit')]).catch(() => undefined);
  child.unref();
}
