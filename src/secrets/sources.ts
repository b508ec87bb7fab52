import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PlayError } from '../errors/index.ts';
import { Secret } from './secret.ts';

/**
 * The value of an environment variable of the machine play runs on. Unset or empty is an error when it is needed.
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
 * The text of a local file, without its last line ending. A file that cannot be read is an error when it is needed.
 *
 * @example const key = secretFromFile('/root/app.key')
 */
export function secretFromFile(path: string): Secret {
  return new Secret(() => {
    try {
      return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw new PlayError(`The secret's file cannot be read: ${reason(cause)}`, {
        where: { file: path },
        hint: 'Create the file, or fix its path or permissions.',
        cause,
      });
    }
  }, `file ${path}`);
}

/**
 * What a local command prints, without its last line ending; run once, when first needed, with the terminal's stdin so
 * that it may ask. No shell is involved. Where it fails, that is an error when the secret is needed.
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
