// Holds what play makes of variables against what real Ansible does.
//
//   npm run jinja-parity -- INVENTORY...                  every variable of every host
//   npm run jinja-parity -- --most 5 INVENTORY            of the first five hosts
//   npm run jinja-parity -- --roles DIR                   the defaults of all roles below, for one host with this machine's facts
//   npm run jinja-parity -- --playbooks DIR INVENTORY     with group_vars/ beside the playbooks there
//
// Python with ansible-core 2.14 is needed: PYTHON=/usr/bin/python3.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.PYTHON ?? '/usr/bin/python3';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: 'string', default: '0' },
    roles: { type: 'string' },
    playbooks: { type: 'string' },
    verbose: { type: 'boolean', short: 'v', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'jinja-parity-'));
try {
  const wanted = values.roles === undefined ? ofInventory() : ofRoles(resolve(values.roles));
  const input = JSON.stringify(wanted);
  const program = join(folder, 'ask-play.cjs');
  await build({
    entryPoints: [join(here, 'ask-play.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
    logLevel: 'error',
    external: ['esbuild', 'cpu-features', '*.node'],
    define: { 'import.meta.dirname': '__dirname' },
  });
  const theirs = answersOf(python, [join(here, 'ask-inventory.py')], input);
  const ours = answersOf(process.execPath, [program], input);
  report(theirs, ours, wanted);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function ofInventory() {
  const sources = positionals.map((one) => resolve(one));
  const first = sources[0];
  const beside = statSync(first).isDirectory() ? first : dirname(first);
  return { sources, folder: resolve(values.playbooks ?? beside), facts: null, most: Number(values.most) };
}

/** An inventory of one host, with the defaults of every role as variables of `all`, and facts. */
function ofRoles(roles) {
  const all = join(folder, 'group_vars/all');
  mkdirSync(all, { recursive: true });
  for (const role of readdirSync(roles))
    for (const name of ['defaults/main.yml', 'defaults/main.yaml'])
      if (existsSync(join(roles, role, name))) copyFileSync(join(roles, role, name), join(all, `${role}.yml`));
  writeFileSync(join(folder, 'hosts'), 'h.example.org\n');
  const said = spawnSync('ansible', ['localhost', '-c', 'local', '-m', 'setup', '-o'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const facts = JSON.parse(said.stdout.slice(said.stdout.indexOf('=>') + 2)).ansible_facts;
  const short = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_/, ''), value]),
  );
  mkdirSync(join(folder, 'host_vars'), { recursive: true });
  writeFileSync(join(folder, 'host_vars/h.example.org.json'), JSON.stringify({ ...facts, ansible_facts: short }));
  return { sources: [join(folder, 'hosts')], folder, facts, most: 1 };
}

function answersOf(command, args, input) {
  const { stdout, stderr, status } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ANSIBLE_DEPRECATION_WARNINGS: '0' },
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.slice(-3000)}`);
  const lines = stdout.split('\n').filter((line) => line.startsWith('['));
  return new Map(
    lines
      .map((line) => JSON.parse(line))
      .map(([host, name, answer, isJinja]) => [`${host} ${name}`, { answer, isJinja }]),
  );
}

function report(theirs, ours, wanted) {
  const counts = { equal: 0, bothFail: 0, vault: 0, differ: 0, jinja: 0, jinjaEqual: 0 };
  const differences = [];
  for (const [key, { answer }] of ours) {
    const { answer: other, isJinja } = theirs.get(key) ?? {};
    if (other === undefined || wanted.facts?.[key.split(' ')[1]] !== undefined || key.endsWith(' ansible_facts'))
      continue;
    const isEqual = answer === other || (/^!(?:error|undefined)/.test(answer) && /^!(?:error|undefined)/.test(other));
    const isVault = answer.startsWith('!vault') || other.startsWith('!vault');
    if (isJinja && !isVault) counts.jinja++;
    if (isVault) counts.vault++;
    else if (answer === other) counts.equal++;
    else if (isEqual) counts.bothFail++;
    else {
      counts.differ++;
      differences.push([key, other, answer]);
    }
    if (isEqual && isJinja && !isVault) counts.jinjaEqual++;
  }
  const missing = [...ours.keys()].filter((key) => !theirs.has(key));
  console.log(JSON.stringify({ ...counts, missing: missing.length }));
  const cut = (text) => (values.verbose ? text : text.slice(0, 200));
  for (const [key, other, answer] of differences)
    console.log(`\n${key}\n  Ansible: ${cut(other)}\n  play:    ${cut(answer)}`);
}
