// `npm run bench`: play beside ssh, Ansible and Mitogen on the same throwaway hosts, in turn. Prints medians and ratios,
// writes JSON and a picture. Needs root for the sandbox; installs Debian's ansible-core, ansible-mitogen and rsync after
// saying so.
//
//   npm run bench -- --only converged,persist    these sections alone
//   npm run bench -- --rounds 5                  measurements of each (default 3)
//   npm run bench -- --write                     into docs/performance.md, .json and .svg; on a quiet machine
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Hosts } from './hosts.mjs';
import { Results, run } from './measure.mjs';
import { sections } from './sections.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? Object.keys(sections);
const unknown = names.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0)
  throw new Error(`no section ${unknown.join(', ')}; there are: ${Object.keys(sections).join(', ')}`);

const work = mkdtempSync(join(tmpdir(), 'play-bench-'));
const hosts = new Hosts(work);
const results = new Results(Number(values.rounds));
const play = join(dirname(here), 'play');
try {
  run(play, ['--version']);
  install({
    'ansible-playbook': 'ansible-core',
    '/usr/share/doc/ansible-mitogen': 'ansible-mitogen',
    'rsync': 'rsync',
  });
  for (const name of names) await sections[name]({ hosts, results, work, play, here });
} finally {
  await hosts.remove();
  rmSync(work, { recursive: true, force: true });
}
if (values.write) results.write(join(dirname(here), 'docs', 'performance'), { ...versions(), ...machine() });

function versions() {
  const first = (command, ...args) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return `${stdout}${stderr}`.split('\n')[0].trim();
  };
  return {
    play: first(play, '--version'),
    node: process.version,
    ssh: first('ssh', '-V'),
    ansible: first('ansible-playbook', '--version'),
    mitogen: first('dpkg-query', '-W', '-f', '${Version}', 'python3-mitogen'),
    rsync: first('rsync', '--version'),
  };
}

function machine() {
  return { processors: cpus().length, model: cpus()[0]?.model, kernel: release() };
}

function install(tools) {
  const missing = Object.entries(tools)
    .filter(([tool]) => spawnSync('sh', ['-c', `command -v ${tool} || [ -e ${tool} ]`]).status !== 0)
    .map(([, name]) => name);
  if (missing.length === 0) return;
  console.error(`installing ${missing.join(', ')} to compare with`);
  run('sh', [
    '-c',
    `apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing.join(' ')}`,
  ]);
}
