import { execFile } from 'node:child_process';

/** Which commit a folder is at, and whether anything in it differs from that. */
export interface GitState {
  readonly commit: string;
  readonly dirty: boolean;
}

/** How long git may take: `status` in a huge tree on a cold disk. */
const mostMilliseconds = 5000;

/** Asks git. Undefined where there is no repository, no git, or no answer in time. Never rejects. */
export function readGitState(folder: string): Promise<GitState | undefined> {
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      // One process for both; without the lock that would get in the way of somebody committing.
      ['--no-optional-locks', 'status', '--porcelain=v2', '--branch'],
      { cwd: folder, timeout: mostMilliseconds, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' },
      (error, stdout) => {
        const commit = /^# branch\.oid ([0-9a-f]+)/m.exec(stdout)?.[1];
        if (error !== null || commit === undefined) resolve(undefined);
        else resolve({ commit, dirty: stdout.split('\n').some((line) => line !== '' && !line.startsWith('#')) });
      },
    );
    child.stdin?.end();
  });
}
