/** The repository, run by the real `ansible-playbook`. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { playRoot, run } from '../cli/command-line.ts';

/** Hosts and what became of their tasks: `{ app1: { ok: 3, changed: 1 } }`. */
export type Recap = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Told {
  readonly code: number | null;
  readonly output: string;
  readonly recap: Recap;
  readonly seconds: number;
}

const kept = join(playRoot, 'node_modules/.cache/play/migration');
const packages = 'usr/lib/python3/dist-packages/ansible_collections';
const wanted = ['ansible/posix', 'community/general', 'community/postgresql'];

/**
 * Collections that the repository uses, unpacked from Debian's package where Ansible does not have them: installing it
 * would be a change to this machine.
 */
export function collections(): string {
  const installed = join('/', packages);
  const isComplete = (path: string): boolean => wanted.every((name) => existsSync(join(path, name)));
  if (isComplete(installed)) return installed;
  const path = join(kept, packages);
  if (isComplete(path)) return path;
  const part = join(kept, `part-${process.pid}`);
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  execFileSync('apt-get', ['download', 'ansible'], { cwd: part, stdio: ['ignore', 'ignore', 'inherit'] });
  const file = readdirSync(part).find((name) => name.endsWith('.deb')) ?? '';
  const folders = wanted.map((name) => `./${packages}/${name}`);
  execFileSync('sh', ['-c', 'file=$1; shift; dpkg-deb --fsys-tarfile "$file" | tar -x "$@"', 'sh', file, ...folders], {
    cwd: part,
  });
  rmSync(join(part, file));
  rmSync(join(kept, 'usr'), { recursive: true, force: true });
  renameSync(join(part, 'usr'), join(kept, 'usr'));
  rmSync(part, { recursive: true });
  return path;
}

/** @param home where Ansible keeps what is its own */
export async function runAnsible(repository: string, home: string, args: readonly string[]): Promise<Told> {
  const started = performance.now();
  const { code, stdout, stderr } = await run('/usr/bin/ansible-playbook', [...args, 'site.yml'], {
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      LC_ALL: 'C.UTF-8',
      ANSIBLE_NOCOLOR: '1',
      // What it does is to be seen while it does it.
      ANSIBLE_LOG_PATH: join(home, 'ansible.log'),
      ANSIBLE_DEPRECATION_WARNINGS: '0',
      ANSIBLE_COLLECTIONS_PATH: join(collections(), '..'),
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const lines = stdout.slice(stdout.lastIndexOf('PLAY RECAP')).matchAll(/^(\S+)\s+: (ok=.*)$/gm);
  const recap = Object.fromEntries(
    [...lines].map(([, host = '', counts = '']) => [
      host,
      Object.fromEntries([...counts.matchAll(/(\w+)=(\d+)/g)].map(([, name = '', count]) => [name, Number(count)])),
    ]),
  );
  return { code, output: stdout + stderr, recap, seconds };
}
