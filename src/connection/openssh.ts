import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAskpass } from './askpass.ts';
import { drained } from './drained.ts';
import { Unreachable } from './errors.ts';
import { changedKey, hostKeyPlace, unknownKey } from './host-key.ts';
import { revokedKeys } from './known-hosts.ts';
import { authenticationFailed, networkError, timedOut } from './network-errors.ts';
import { privateFolder } from './private-folder.ts';
import { spawnChannel } from './process-channel.ts';
import { sshOptions } from './ssh-config.ts';
import type { SshSettings } from './ssh-settings.ts';
import type { Channel, ChannelExit, ExecOptions, Transport } from './transport.ts';
import type { Target } from './types.ts';

/** How much of ssh's output is kept, to explain its failure. */
const STDERR_KEPT = 8192;

/** ssh's own failures, apart from those of the remote command (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;

export interface OpenSshStart {
  readonly target: Target;
  readonly settings: SshSettings;
  /** False when the user's own configuration shares connections, and this one may be one of them. */
  readonly ownsMaster: boolean;
  /** Why it is used instead of ssh2; empty when it was asked for. */
  readonly why: string;
  /** The passphrase of the target's private key, where ssh will ask for it. */
  readonly passphrase: string | undefined;
}

/**
 * The ssh client of this machine: one process for each lane. The first is the master of the others, so that there is
 * one login; its socket lives in a private directory. A ControlPath that the user configured is left alone: its master
 * may be running already.
 */
export class OpenSshTransport implements Transport {
  readonly user: string;
  readonly description: string;
  readonly #target: Target;
  readonly #settings: SshSettings;
  readonly #directory: string;
  readonly #ownsMaster: boolean;
  readonly #passphrase: string | undefined;
  readonly #channels = new Set<Channel>();

  constructor({ target, settings, ownsMaster, why, passphrase }: OpenSshStart) {
    this.user = settings.user;
    this.description = why === '' ? 'openssh' : `openssh (${why})`;
    this.#target = target;
    this.#settings = settings;
    this.#directory = privateFolder();
    this.#ownsMaster = ownsMaster;
    this.#passphrase = passphrase;
  }

  async exec(command: string, { pty }: ExecOptions): Promise<Channel> {
    const options = [
      `StrictHostKeyChecking=${this.#settings.acceptNewHostKeys ? 'accept-new' : 'yes'}`,
      `ConnectTimeout=${this.#settings.connectTimeout}`,
      `ServerAliveInterval=${this.#settings.keepaliveInterval}`,
      `ServerAliveCountMax=${this.#settings.keepaliveCount}`,
      'EscapeChar=none',
      'RemoteCommand=none',
      'PermitLocalCommand=no',
      'ClearAllForwardings=yes',
      ...this.#revoked(),
      ...(this.#ownsMaster
        ? ['ControlMaster=auto', `ControlPath=${join(this.#directory, 'm')}`, 'ControlPersist=no']
        : []),
      ...(this.#target.password === undefined && this.#passphrase === undefined
        ? ['BatchMode=yes']
        : ['NumberOfPasswordPrompts=1']),
    ];
    const ssh = [
      'ssh',
      ...options.flatMap((option) => ['-o', option]),
      ...sshOptions(this.#target),
      pty ? '-tt' : '-T',
      '--',
      this.#target.address,
      command,
    ];
    const { password, privateKeyFile: keyFile } = this.#target;
    const hasAnswers = password !== undefined || this.#passphrase !== undefined;
    const askpass = hasAnswers
      ? makeAskpass(this.#directory, { password, keyFile, passphrase: this.#passphrase, otherwise: 'refuse' })
      : undefined;
    const channel = spawnChannel(askpass?.argv(ssh) ?? ssh, {
      env: { ...process.env, LC_ALL: 'C', ...askpass?.environment },
      killOnClose: true,
    });
    this.#channels.add(channel);
    void channel.exit.then(() => this.#channels.delete(channel));
    return { ...channel, exit: this.#explainedExit(channel) };
  }

  /** ssh applies `@revoked web1` to port 22 only. A list that its configuration names stays: there can be only one. */
  #revoked(): string[] {
    const settings = this.#settings;
    const keys = settings.hasRevokedKeys ? [] : revokedKeys(settings.knownHostsFiles, hostKeyPlace(settings).host);
    if (keys.length === 0) return [];
    const file = join(this.#directory, 'revoked');
    writeFileSync(file, `${keys.join('\n')}\n`, { mode: 0o600 });
    return [`RevokedHostKeys=${file}`];
  }

  async close(): Promise<void> {
    const exits = [...this.#channels].map((channel) => channel.exit);
    for (const channel of this.#channels) channel.close();
    await Promise.all(exits);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #explainedExit(channel: Channel): Promise<ChannelExit> {
    let stderr = '';
    channel.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    const ended = await channel.exit;
    if (ended.error !== undefined) {
      const isMissing = 'code' in ended.error && ended.error.code === 'ENOENT';
      return isMissing
        ? {
            code: undefined,
            error: new Unreachable('the OpenSSH client is not installed here', { hint: 'Install openssh-client.' }),
          }
        : ended;
    }
    if (ended.code !== SSH_FAILED) return ended;
    await drained(channel);
    return { code: SSH_FAILED, error: explainFailure(this.#target.name, this.#settings, stderr) };
  }
}

/** What the ssh client's words mean. */
function explainFailure(hostName: string, settings: SshSettings, stderr: string): Unreachable {
  const [, file, line] = /^Offending .* key in (.+):(\d+)/m.exec(stderr) ?? [];
  const place = file === undefined ? hostName : `${file}:${line ?? ''}`;
  const said = (code: string): Error => Object.assign(new Error(stderr.trim()), { code });
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) return changedKey(hostName, place, '', 'changed');
  if (/REVOKED HOST KEY|is marked as revoked|revoked by file/.test(stderr))
    return changedKey(hostName, place, '', 'revoked');
  if (/host key is known for|Host key verification failed/.test(stderr)) return unknownKey(hostName);
  const [, methods] = /Permission denied \(([^)]*)\)/.exec(stderr) ?? [];
  if (methods !== undefined)
    return authenticationFailed(hostName, settings, ["all that ssh's configuration names"], methods.split(','), []);
  if (/Too many authentication failures/.test(stderr))
    return authenticationFailed(
      hostName,
      settings,
      ['too many keys'],
      [],
      ['IdentitiesOnly=yes in ssh_config tries the configured ones alone'],
    );
  if (/Connection refused/.test(stderr)) return networkError(hostName, settings, said('ECONNREFUSED'));
  if (/Could not resolve hostname/.test(stderr)) return networkError(hostName, settings, said('ENOTFOUND'));
  if (/No route to host|Network is unreachable/.test(stderr))
    return networkError(hostName, settings, said('EHOSTUNREACH'));
  if (/timed out/.test(stderr)) return timedOut(hostName, settings);
  return networkError(hostName, settings, new Error(stderr.trim().split('\n').at(-1) ?? 'ssh failed'));
}
