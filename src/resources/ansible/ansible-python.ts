import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlayError } from '../../errors/index.ts';

/** The user's own Ansible, and the Python that it is installed for. */
export interface AnsibleInstall {
  /** The program `ansible`, as the search path has it. */
  readonly program: string;
  /** The interpreter with its arguments. */
  readonly python: readonly string[];
}

/**
 * The Python that has ansible-core: the one that runs `ansible`, which need not be the first on the search path (pipx,
 * a virtual environment, Debian's package).
 *
 * @param by who asks, and `what` it wants of it, for errors
 * @throws PlayError where there is no Ansible here
 */
export function ansiblePython(by: string, what: string): AnsibleInstall {
  const program = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'ansible'))
    .find(isProgram);
  if (program === undefined)
    throw new PlayError(`${by}: there is no Ansible on this machine to take ${what} from`, {
      hint: 'Install ansible-core (apt-get install ansible-core, or pipx install ansible-core) so that `ansible` is on the PATH, or write it with what play has.',
    });
  const [, line = ''] = /^#!\s*(.+)/.exec(firstLine(program)) ?? [];
  const words = line.trim().split(/\s+/);
  const isPython = words.some((word) => /(?:^|\/)python[\d.]*$/.test(word));
  return { program, python: isPython ? words : [toldBy(program, by, what)] };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function firstLine(file: string): string {
  const bytes = Buffer.alloc(512);
  const open = openSync(file, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(open, bytes)).split('\n')[0] ?? '';
  } finally {
    closeSync(open);
  }
}

/** A wrapper (pyenv, a script of the distribution) is asked: it names its Python behind the version. */
function toldBy(program: string, by: string, what: string): string {
  let said = '';
  try {
    said = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    said = cause instanceof Error ? cause.message : String(cause);
  }
  const python = /^\s*python version = .*\((\/[^()]+)\)\s*$/m.exec(said)?.[1];
  if (python !== undefined) return python;
  throw new PlayError(`${by}: ${program} does not say which Python it runs on, to take ${what} from`, {
    hint: `Look at what it prints: ${program} --version. Put the program ansible of a virtual environment or package first on the PATH, which names its Python in its first line.`,
    detail: said.split('\n').slice(-8).join('\n'),
  });
}
