import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { requireTrusted } from '../../../trust/index.ts';

export interface CheckoutOptions {
  readonly url: string;
  readonly directory: string;
  /** A branch, tag or commit; undefined: what the repository begins with. */
  readonly ref: string | undefined;
  /** All of its history. */
  readonly full: boolean;
  /** Throw away what was changed in the folder by hand. */
  readonly clean: boolean;
  /** The commit must bear a good signature of a key that git knows. */
  readonly verifyCommit: boolean;
  /** Believe the key of a host that ssh has never seen. */
  readonly acceptHostKey: boolean;
}

/** The commit that stands in a folder; undefined where there is none. */
export function commitIn(directory: string): string | undefined {
  if (!existsSync(join(directory, '.git'))) return undefined;
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '-q', 'HEAD'], options(directory));
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Brings a folder to the state of a repository. Nothing of a commit is in the folder before its signature was looked at.
 *
 * @returns the commit
 * @throws PlayError where git cannot, the folder holds something else, or was changed by hand
 */
export function checkOut({ url, directory, ref, full, clean, verifyCommit, acceptHostKey }: CheckoutOptions): string {
  const env = acceptHostKey ? { GIT_SSH_COMMAND: 'ssh -o StrictHostKeyChecking=accept-new' } : {};
  const git = (what: string, ...args: readonly string[]): string => run(directory, env, what, args);
  prepare(directory, url, git);
  const depth = full ? [] : ['--depth', '1'];
  git(`${url} cannot be fetched`, 'fetch', '--quiet', '--force', '--no-tags', ...depth, 'origin', '--', ref ?? 'HEAD');
  const commit = git('git does not say what it fetched', 'rev-parse', '--verify', 'FETCH_HEAD^{commit}').trim();
  if (verifyCommit) git(`The commit ${commit.slice(0, 12)} of ${url} has no good signature`, 'verify-commit', commit);
  if (clean) {
    git('The folder cannot be cleaned', 'reset', '--quiet', '--hard');
    git('The folder cannot be cleaned', 'clean', '--quiet', '-fd');
  }
  const changed = git('git cannot tell whether something was changed', 'status', '--porcelain', '--untracked-files=no');
  if (changed !== '')
    throw new PlayError(`Files were changed by hand in ${directory}`, {
      detail: changed.trimEnd(),
      hint: 'Bring the changes into the repository, or throw them away: --clean.',
    });
  git(`${commit.slice(0, 12)} cannot be checked out`, 'checkout', '--quiet', '--detach', commit);
  return commit;
}

function prepare(directory: string, url: string, git: (what: string, ...args: readonly string[]) => string): void {
  if (!existsSync(directory)) {
    mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
    mkdirSync(directory, { mode: 0o700 });
  }
  requireTrusted(directory, 'the checkout');
  if (!existsSync(join(directory, '.git'))) {
    git(`${directory} cannot be turned into a repository`, 'init', '--quiet');
    git('The address cannot be stored', 'remote', 'add', 'origin', url);
    return;
  }
  const known = git('The folder has no origin', 'remote', 'get-url', 'origin').trim();
  if (known !== url)
    throw new PlayError(`${directory} holds another repository: ${known}`, {
      hint: 'Choose another folder with -d, or remove this one.',
    });
}

const options = (directory: string) =>
  ({
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // Nobody is there to type a password.
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
  }) as const;

function run(directory: string, env: object, what: string, args: readonly string[]): string {
  const base = options(directory);
  const { status, stdout, stderr, error } = spawnSync('git', args, { ...base, env: { ...base.env, ...env } });
  if (error !== undefined)
    throw new PlayError(`git cannot be started: ${error.message}`, { hint: 'Install it: apt-get install git' });
  if (status !== 0) throw new PlayError(what, { detail: stderr.trimEnd() || stdout.trimEnd() });
  return stdout;
}
