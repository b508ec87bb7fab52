import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { nearestCfg } from '../../../inventory/index.ts';
import type { HostFlags } from '../../../options/host-flags.ts';
import { ansibleEvent, type AnsibleEvent } from './ansible-side.ts';
import { callbackPy } from './callback-py.ts';

/** What `ansible-playbook --check` is run with. */
export interface AnsibleCheck {
  readonly playbook: string;
  readonly flags: HostFlags & { readonly tags: readonly string[]; readonly skipTags: readonly string[] };
  /** The inventory, as play has it. */
  readonly sources: readonly string[];
  /** What stands behind `--`: handed over as it is. */
  readonly more: readonly string[];
  /** The caller's own, for the plugin. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Hears what Ansible prints. */
  readonly onOutput: (text: string) => void;
}

/** Lines of what Ansible printed that an error shows. */
const mostLines = 15;

/**
 * Runs the user's own `ansible-playbook --check --diff`, which tells what tasks came to through a plugin.
 *
 * @throws PlayError where there is none, or it ends before it ran anything
 */
export async function runAnsibleCheck(check: AnsibleCheck): Promise<readonly AnsibleEvent[]> {
  const plugins = join(check.folder, 'callback_plugins');
  mkdirSync(plugins, { recursive: true });
  writeFileSync(join(plugins, 'play_compare.py'), callbackPy);
  const child = spawn('ansible-playbook', argumentsOf(check), {
    env: { ...process.env, ...settingsOf(check.playbook, plugins) },
    // Ansible wants blocking streams; on a terminal it may ask for what a play prompts for.
    stdio: [process.stdin.isTTY ? 'inherit' : 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const events: AnsibleEvent[] = [];
  const last: string[] = [];
  const hear = (chunk: Buffer): void => {
    check.onOutput(chunk.toString());
    last.push(...chunk.toString().split('\n'));
    last.splice(0, Math.max(0, last.length - mostLines));
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const told = child.stdio[3];
  if (told === null || told === undefined || !('read' in told)) throw new Error("no stream for the plugin's output");
  createInterface({ input: told, crlfDelay: Infinity }).on('line', (line) => {
    const event = ansibleEvent(line);
    if (event !== undefined) events.push(event);
  });
  const stop = (): boolean => child.kill('SIGINT');
  check.signal.addEventListener('abort', stop);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', (cause) => fail(notStarted(cause)));
    child.once('close', done);
  }).finally(() => check.signal.removeEventListener('abort', stop));
  // 1 and 250 are errors of its own; of hosts that fail its end tells.
  if (check.signal.aborted)
    throw new PlayError('interrupted while ansible-playbook ran', { exitCode: ExitCode.interrupted });
  if (!events.some(({ event }) => event === 'end'))
    throw new PlayError(`ansible-playbook ended with ${code ?? 'a signal'} before it was done`, {
      where: { file: check.playbook },
      hint: 'Run it by hand: ansible-playbook --check --diff. What comes after -- is passed to it.',
      detail: last.join('\n').trim(),
    });
  return events;
}

function notStarted(cause: Error): PlayError {
  const isMissing = 'code' in cause && cause.code === 'ENOENT';
  return new PlayError(
    isMissing ? 'There is no ansible-playbook on this machine' : `ansible-playbook cannot be started: ${cause.message}`,
    { hint: 'Install ansible-core (apt-get install ansible-core, or pipx install ansible-core).', cause },
  );
}

/** The repository's ansible.cfg counts from wherever this is called; no plugin but ours hears of the run. */
function settingsOf(playbook: string, plugins: string): NodeJS.ProcessEnv {
  const cfg =
    process.env['ANSIBLE_CONFIG'] !== undefined || existsSync('ansible.cfg')
      ? undefined
      : nearestCfg(dirname(resolve(playbook)));
  return {
    ...(cfg === undefined ? {} : { ANSIBLE_CONFIG: cfg }),
    ANSIBLE_CALLBACK_PLUGINS: plugins,
    ANSIBLE_CALLBACKS_ENABLED: '',
    ANSIBLE_STDOUT_CALLBACK: 'default',
    ANSIBLE_LOAD_CALLBACK_PLUGINS: '1',
    ANSIBLE_RETRY_FILES_ENABLED: '0',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_FORCE_COLOR: '0',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

function argumentsOf({ playbook, flags, sources, more }: AnsibleCheck): string[] {
  const option = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  const each = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [name, value]);
  // Ways of play's own to speak ssh are ssh to Ansible.
  const connection = flags.connection === 'local' ? 'local' : flags.connection === undefined ? undefined : 'ssh';
  return [
    '--check',
    '--diff',
    ...each('-i', sources),
    ...option('-l', flags.limit),
    ...each('-e', flags.extraVars),
    ...each('-t', flags.tags),
    ...each('--skip-tags', flags.skipTags),
    ...option('-f', flags.forks),
    ...option('-u', flags.user),
    ...option('-c', connection),
    ...option('--private-key', flags.privateKey),
    ...option('-T', flags.timeout),
    ...(flags.sshCommonArgs === undefined ? [] : [`--ssh-common-args=${flags.sshCommonArgs}`]),
    ...(flags.sshExtraArgs === undefined ? [] : [`--ssh-extra-args=${flags.sshExtraArgs}`]),
    ...option('--connection-password-file', flags.connectionPasswordFile),
    ...(flags.become ? ['-b'] : []),
    ...option('--become-user', flags.becomeUser),
    ...option('--become-method', flags.becomeMethod),
    ...option('--become-password-file', flags.becomePasswordFile),
    ...each('--vault-password-file', flags.vaultPasswordFile),
    ...each('--vault-id', flags.vaultId),
    ...more,
    playbook,
  ];
}
