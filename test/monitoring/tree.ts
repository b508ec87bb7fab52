import type { TestHosts } from '../support/sandbox.ts';

/** What is not the host's state: kernel and scratch file systems, journals, and what any login writes. */
const left = [
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/tmp',
  '/var/log/journal',
  '/var/log/wtmp',
  '/var/log/btmp',
  '/var/log/lastlog',
  '/var/log/auth.log',
  '/var/log/syslog',
];

/**
 * Every path of the host with its kind, mode, owners, time and content, a line each. Directories' times change with
 * what is in them, so a file that came and went is seen too.
 */
export async function listTree(hosts: TestHosts, name: string): Promise<string[]> {
  const pruned = left.map((path) => `-path ${path}`).join(' -o ');
  const script = `set -e
find / -xdev \\( ${pruned} \\) -prune -o -printf '%p %y %m %U:%G %T@ %l\\n'
find / -xdev \\( ${pruned} \\) -prune -o -type f -print0 | xargs -0 cksum`;
  const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`cannot list ${name}: ${stderr}`);
  return stdout.split('\n').sort();
}
