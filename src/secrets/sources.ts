import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { askAtTerminal } from './ask-terminal.ts';
import { Secret } from './secret.ts';

/**
 * The value of an environment variable of the machine play runs on. If it is unset or empty when needed, that is an
 * error.
 *
 * @example const slack = secretFromEnv('SLACK_URL')
 */
export function secretFromEnv(name: string): Secret {
  return new Secret(() => {
    const value = process.env[name];
    if (value !== undefined && value !== '') return value;
    throw new PlayError(`The secret ${name} is ${value === undefined ? 'not set' : 'empty'}`, {
      where: `environment variable ${name}`,
      hint: `Set it for this run: ${name}=... ./play ..., or export it.`,
    });
  }, `env ${name}`);
}

/**
 * The text of a local file, without its final line ending. If the file cannot be read when needed, that is an error.
 *
 * @example const key = secretFromFile('/root/app.key')
 */
export function secretFromFile(path: string): Secret {
  return new Secret(() => readSecretFile(path, 'Create the file, or fix its path or permissions.'), `file ${path}`);
}

function readSecretFile(path: string, hint: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new PlayError(`The secret's file cannot be read: ${reason(cause)}`, { where: { file: path }, hint, cause });
  }
}

/**
 * The output of a local command, without its final line ending. The command runs once, when first needed, without a
 * shell and with the terminal as stdin, so that it can prompt. If it fails, that is an error.
 *
 * @throws PlayError for an empty list
 * @example const token = secretFromCommand(['pass', 'show', 'ooni/token'])
 */
export function secretFromCommand(argv: readonly string[]): Secret {
  const [command, ...args] = argv;
  if (command === undefined)
    throw new PlayError('secretFromCommand needs a command', {
      hint: "Write secretFromCommand(['pass', 'show', 'name']).",
    });
  return new Secret(() => {
    try {
      const text = execFileSync(command, args, {
        encoding: 'utf8',
        stdio: ['inherit', 'pipe', 'pipe'],
        maxBuffer: 16 * 1024 * 1024,
      });
      return text.replace(/\r?\n$/, '');
    } catch (cause) {
      throw new PlayError(`The secret's command failed: ${reason(cause)}`, {
        where: `command ${argv.join(' ')}`,
        hint: 'Run it by hand to see why.',
        detail: stderrOf(cause),
        cause,
      });
    }
  }, `command ${command}`);
}

/** What was answered, by question: roles that ask the same have one answer. */
const answers = new Map<string, string>();

/**
 * What the operator types at the terminal, without echo. It is asked for once, when first needed, which is before any
 * host is touched if it is among a task's options. The same question is asked only once. Having no terminal, or typing
 * nothing, is an error.
 *
 * @param question what is asked for, without a colon
 * @example const token = secretFromPrompt('token of the registry')
 */
export function secretFromPrompt(question: string): Secret {
  return new Secret(() => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const typed = askAtTerminal(question);
    if (typed === undefined || typed === '')
      throw new PlayError(
        typed === '' ? `Nothing was typed for: ${question}` : `There is no terminal to ask for: ${question}`,
        {
          where: 'secretFromPrompt',
          hint: 'Run it at a terminal, or take the secret from a file, a command or a vault.',
        },
      );
    answers.set(question, typed);
    return typed;
  }, `prompt ${question}`);
}

/**
 * A credential that systemd gives to the unit play runs in (`LoadCredential=`, `LoadCredentialEncrypted=`,
 * `SetCredential=`: systemd.exec(5)), without its final line ending. It is read when first needed; outside such a unit,
 * that is an error.
 *
 * @throws PlayError for an invalid name
 * @example const password = secretFromCredential('database-password')
 */
export function secretFromCredential(name: string): Secret {
  if (!/^[^/\0]+$/.test(name) || name === '.' || name === '..')
    throw new PlayError(`"${name}" is not a credential name`, {
      hint: 'It is a file name: what comes before the colon in LoadCredential=.',
    });
  return new Secret(() => {
    const { CREDENTIALS_DIRECTORY: folder } = process.env;
    if (folder === undefined || folder === '')
      throw new PlayError(`There is no credential ${name}: play does not run in a unit that has any`, {
        where: 'environment variable CREDENTIALS_DIRECTORY',
        hint: `Write LoadCredential=${name}:/path into its unit, or try it with systemd-run -p LoadCredential=${name}:/path.`,
      });
    return readSecretFile(join(folder, name), `Write LoadCredential=${name}:/path into the unit play runs in.`);
  }, `credential ${name}`);
}

export function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'not found';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  if ('status' in cause && typeof cause.status === 'number') return `exit code ${cause.status}`;
  return cause.message;
}

function stderrOf(cause: unknown): string {
  const text = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
  return text.trimEnd().split('\n').slice(-5).join('\n');
}
