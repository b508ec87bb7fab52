import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { makeAskpass, privateFolder, sshOptions, type Become, type Target } from '../../connection/index.ts';
import { PlayError } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../options/host-flags.ts';
import type { Launch } from '../../project/launch.ts';
import type { Redactor } from '../../secrets/index.ts';
import { chooseHosts, onlyHost } from '../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../parse.ts';

/** `play ssh HOST [-- COMMAND]`: hands over to OpenSSH with the settings of the inventory. */
export async function runSshCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play ssh',
      'Opens a shell on a host with OpenSSH, reached as the inventory says; -b opens a root shell.',
    ),
  )
    .argument('<host>')
    .argument('[command...]', 'after --: a command instead of a shell');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const [pattern = '', ...words] = command.args;
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const host = onlyHost(chosen, pattern, 'To run a command on many hosts, use play run.');
  const target = chosen.target(host);
  // `become: true` of play.config.ts is for playbooks: a shell is one's own unless -b says otherwise.
  const become = command.getOptionValueSource('become') === 'config' ? undefined : chosen.asked(host);
  const remote = asOther(words, become);
  if (target.transport === 'local')
    return await inTerminal(remote === undefined ? [process.env['SHELL'] || '/bin/sh'] : ['/bin/sh', '-c', remote], {});
  const ssh = sshArgv(target, remote, words.length === 0 || become !== undefined);
  if (target.password === undefined) return await inTerminal(ssh, {});
  const folder = privateFolder();
  try {
    const askpass = makeAskpass(folder, { password: target.password, otherwise: 'ask at the terminal' });
    return await inTerminal(askpass.argv(ssh), askpass.environment);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** ssh joins words with blanks and gives them to the login shell; so does this, for another user's. */
function asOther(words: readonly string[], become: Become | undefined): string | undefined {
  const text = words.length === 0 ? undefined : words.join(' ');
  if (become === undefined) return text;
  const user = quoted(become.user);
  const inner = text === undefined ? '' : ` sh -c ${quoted(text)}`;
  if (become.method === 'sudo') return text === undefined ? `exec sudo -iu ${user}` : `exec sudo -u ${user} --${inner}`;
  if (become.method === 'doas') return `exec doas -u ${user}${inner === '' ? ' -s' : ` --${inner}`}`;
  return `exec su - ${user}${text === undefined ? '' : ` -c ${quoted(text)}`}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function sshArgv(target: Target, remote: string | undefined, isInteractive: boolean): string[] {
  const terminal = isInteractive && process.stdin.isTTY ? ['-t'] : [];
  return ['ssh', ...terminal, ...sshOptions(target), '--', target.address, ...(remote === undefined ? [] : [remote])];
}

/** Ctrl-C and the like are the program's own affair: they reach it through the terminal. */
function inTerminal([program = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    child.once('error', (cause) =>
      reject(
        new PlayError(`${program} cannot be started: ${cause.message}`, { hint: 'Install openssh-client.', cause }),
      ),
    );
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 255 : 128 + constants.signals[signal])));
  });
}
