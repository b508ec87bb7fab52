import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drained } from './drained.ts';
import { Unreachable } from './errors.ts';
import { changedKey, unknownKey } from './host-key.ts';
import { authenticationFailed, networkError, timedOut } from './network-errors.ts';
import { spawnChannel } from './process-channel.ts';
import { sshOptions, type SshSettings } from './ssh-settings.ts';
import type { Channel, ChannelExit, ExecOptions, Transport } from './transport.ts';
import type { Target } from './types.ts';

/** How much of what ssh says is kept, to explain its failure. */
const STDERR_KEPT = 8192;

/** ssh's own failures, apart from those of the remote command (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;

export interface OpenSshStart {
  readonly target: Target;
  readonly settings: SshSettings;
  /** False when the user's own configuration shares connections. */
  readonly ownsMaster: boolean;
  /** Why it is not ssh2; empty when it was asked for. */
  readonly why: string;
  /** Of the target's private key, where ssh will ask for it. */
  readonly passphrase: string | undefined;
}

/** ssh asks "Enter passphrase for key '/a/b': " and "bob@host's password: ". A jump host's key is not ours to open. */
const askpassProgram = `#!/bin/sh
case $1 in
  *passphrase*"$PLAY_SSH_KEY"*) printf '%s\\n' "$PLAY_SSH_PASSPHRASE" ;;
  *passphrase*) exit 1 ;;
  *) printf '%s\\n' "$PLAY_SSH_PASSWORD" ;;
esac
`;

/**
 * The ssh client of this machine: one process a lane. The first is the master of the others, so that there is one login;
 * its socket lives in a private directory. A ControlPath of the user's own is left as it is: its master may be up.
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
    this.#directory = mkdtempSync(join(tmpdir(), 'play-ssh-'));
    this.#ownsMaster = ownsMaster;
    this.#passphrase = passphrase;
  }

  async exec(command: string, { pty }: ExecOptions): Promise<Channel> {
    const options = [
      `StrictHostKeyChecking=${this.#settings.acceptNewHostKeys ? 'accept-new' : 'yes'}`,
      `ConnectTimeout=${this.#settings.connectTimeout}`,
      `ServerAliveInterval=${this.#settings.keepaliveInterval}`,
      'EscapeChar=none',
      'RemoteCommand=none',
      'PermitLocalCommand=no',
      'ClearAllForwardings=yes',
      ...(this.#ownsMaster ? ['ControlMaster=auto', `ControlPath=${join(this.#directory, 'm')}`, 'ControlPersist=no'] : []),
      ...(this.#target.password === undefined && this.#passphrase === undefined ? ['BatchMode=yes'] : ['NumberOfPasswordPrompts=1']),
    ];
    const channel = spawnChannel(
      ['ssh', ...options.flatMap((option) => ['-o', option]), ...sshOptions(this.#target), pty ? '-tt' : '-T', '--', this.#target.address, command],
      { env: this.#environment(), killOnClose: true },
    );
    this.#channels.add(channel);
    void channel.exit.then(() => this.#channels.delete(channel));
    return { ...channel, exit: this.#explainedExit(channel) };
  }

  async close(): Promise<void> {
    const exits = [...this.#channels].map((channel) => channel.exit);
    for (const channel of this.#channels) channel.close();
    await Promise.all(exits);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Passwords reach ssh by its own way for that, ssh-askpass: an argv would show them to everybody. */
  #environment(): NodeJS.ProcessEnv {
    const { password, privateKeyFile } = this.#target;
    const base = { ...process.env, LC_ALL: 'C' };
    if (password === undefined && this.#passphrase === undefined) return base;
    const askpass = join(this.#directory, 'askpass');
    writeFileSync(askpass, askpassProgram, { mode: 0o700 });
    const answers = { PLAY_SSH_PASSWORD: password?.expose() ?? '', PLAY_SSH_KEY: privateKeyFile ?? '', PLAY_SSH_PASSPHRASE: this.#passphrase ?? '' };
    return { ...base, ...answers, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0' };
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
        ? { code: undefined, error: new Unreachable('the OpenSSH client is not installed here', { hint: 'Install openssh-client.' }) }
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
  if (/REVOKED HOST KEY|is marked as revoked/.test(stderr)) return changedKey(hostName, place, '', 'revoked');
  if (/host key is known for|Host key verification failed/.test(stderr)) return unknownKey(hostName);
  const [, methods] = /Permission denied \(([^)]*)\)/.exec(stderr) ?? [];
  if (methods !== undefined) return authenticationFailed(hostName, settings, ["all that ssh's configuration names"], methods.split(','), []);
  if (/Too many authentication failures/.test(stderr)) return authenticationFailed(hostName, settings, ['too many keys'], [], ['IdentitiesOnly=yes in ssh_config tries the configured ones alone']);
  if (/Connection refused/.test(stderr)) return networkError(hostName, settings, said('ECONNREFUSED'));
  if (/Could not resolve hostname/.test(stderr)) return networkError(hostName, settings, said('ENOTFOUND'));
  if (/No route to host|Network is unreachable/.test(stderr)) return networkError(hostName, settings, said('EHOSTUNREACH'));
  if (/timed out/.test(stderr)) return timedOut(hostName, settings);
  return networkError(hostName, settings, new Error(stderr.trim().split('\n').at(-1) ?? 'ssh failed'));
}
