import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
// `npm run bench`: play beside ansible-playbook (and Mitogen, where its package installs), on the same throwaway host,
// in one run. Prints medians and ratios. Needs root for the sandbox; installs Debian's ansible-core and ansible-mitogen
// after saying so.
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const play = join(root, 'play');
const rounds = Number(process.argv[2] ?? 3);
const fleet = 'bench';
const work = mkdtempSync(join(tmpdir(), 'play-bench-'));

run(play, ['--version']);
install({ 'ansible-playbook': 'ansible-core', '/usr/share/doc/ansible-mitogen': 'ansible-mitogen' });

const bundle = join(root, 'node_modules/.cache/play/bench-sandbox.mjs');
await build({
  entryPoints: [join(root, 'src/sandbox/index.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'silent',
});
const { startSandbox, removeSandbox, sandboxExec } = await import(pathToFileURL(bundle).href);
const self = [process.execPath, join(root, 'dist/play.cjs'), 'sandbox'];
try {
  const names = Array.from({ length: 20 }, (_, i) => `bench${i + 1}`);
  const targets = await startSandbox(names.slice(0, 1), { fleet, self, onNotice: (text) => console.error(text) });
  const python = await sandboxExec(
    'bench1',
    ['sh', '-c', 'apt-get update && apt-get install -y --no-install-recommends python3 python3-apt'],
    { fleet },
  );
  if (python.code !== 0) throw new Error(`python3 for Ansible: ${python.stderr}`);
  const one = hostFiles(targets, 'one');

  heading('one host, 100 mixed tasks, converged');
  const mixed = { play: [play, [join(here, 'mixed.ts'), '-i', one.inventory]], ansible: ansible('mixed.yml', one) };
  run(...mixed.play);
  run(...mixed.ansible.pipelining);
  const ssh = median(() => run('ssh', ['-F', one.ssh, 'bench1', 'true']));
  const converged = median(() => run(...mixed.play));
  row('bare `ssh HOST true`', ssh, converged);
  row('play', converged, converged);
  row(
    'ansible-playbook, pipelining',
    median(() => run(...mixed.ansible.pipelining), 1),
    converged,
  );
  row(
    'ansible-playbook, default',
    median(() => run(...mixed.ansible.plain), 1),
    converged,
  );
  if (mixed.ansible.mitogen)
    row(
      'ansible-playbook, Mitogen',
      median(() => run(...mixed.ansible.mitogen), 1),
      converged,
    );

  heading('the same over a link of 100 ms round trip');
  const link = spawn(process.execPath, [join(here, 'slow-link.mjs'), [...targets.values()][0].address, '22', '100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(link.stdout, 'data');
    const far = hostFiles(targets, 'far', { address: '127.0.0.1', port: Number(port) });
    const args = [join(here, 'mixed.ts'), '-i', far.inventory];
    run(play, args);
    const away = median(() => run(play, args));
    row(
      'bare `ssh HOST true`',
      median(() => run('ssh', ['-F', far.ssh, 'bench1', 'true'])),
      away,
    );
    row('play', away, away);
    const mitogen = ansible('mixed.yml', far).mitogen;
    if (mitogen)
      row(
        'ansible-playbook, Mitogen',
        median(() => run(...mitogen), 1),
        away,
      );
  } finally {
    link.kill();
  }

  heading('one host, 100 small files, first run');
  let stamp = Date.now();
  const files = ansible('files.yml', one);
  const fresh = () => ['-e', `stamp=${stamp++}`];
  const first = median(() => run(play, [join(here, 'files.ts'), '-i', one.inventory, ...fresh()]));
  row('play', first, first);
  row(
    'ansible-playbook, pipelining',
    median(() => run(files.pipelining[0], [...files.pipelining[1], ...fresh()], files.pipelining[2]), 1),
    first,
  );

  heading('start-up: --list-tasks of 100 tasks');
  const list = median(() => run(play, [join(here, 'mixed.ts'), '-i', one.inventory, '--list-tasks']));
  row('play', list, list);
  row(
    'ansible-playbook',
    median(() => run('ansible-playbook', [join(here, 'mixed.yml'), '-i', one.inventory, '--list-tasks'])),
    list,
  );

  heading('inventory of 10,000 hosts, --list-hosts');
  const many = join(work, 'many');
  writeFileSync(many, `[web]\nweb[00001:10000].example.org\n[all:vars]\nx=1\n`);
  const hosts = median(() => run(play, ['inventory', '-i', many, '--hosts']));
  row('play', hosts, hosts);
  row(
    'ansible-inventory --list',
    median(() => run('ansible-inventory', ['-i', many, '--list']), 1),
    hosts,
  );

  heading('20 hosts at once, 100 mixed tasks, converged');
  const all = hostFiles(await startSandbox(names, { fleet, self }), 'all');
  run(play, [join(here, 'mixed.ts'), '-i', all.inventory, '-f', '20']);
  const parallel = median(() =>
    run('sh', ['-c', `for h in ${names.join(' ')}; do ssh -F "$1" "$h" true & done; wait`, 'sh', all.ssh]),
  );
  const twenty = median(() => run(play, [join(here, 'mixed.ts'), '-i', all.inventory, '-f', '20']));
  row('20 parallel `ssh HOST true`', parallel, twenty);
  row('play', twenty, twenty);

  heading('100 hosts, 100 mixed tasks, converged');
  const hundred = hostFiles(
    await startSandbox(
      Array.from({ length: 100 }, (_, i) => `bench${i + 1}`),
      { fleet, self },
    ),
    'hundred',
  ).inventory;
  run(play, [join(here, 'mixed.ts'), '-i', hundred, '-f', '20']);
  console.log(
    `  memory of play at its highest, -f 100: ${highestMemory([play, join(here, 'mixed.ts'), '-i', hundred, '-f', '100'])} MB`,
  );
} finally {
  await removeSandbox(undefined, { fleet });
  rmSync(work, { recursive: true, force: true });
}

/** In MB, what the process that a command becomes needed at most (VmHWM in proc(5)). */
function highestMemory(command) {
  const watch = `"$@" >/dev/null 2>&1 & p=$!; m=0; while kill -0 $p 2>/dev/null; do r=$(awk '/VmHWM/{print $2}' /proc/$p/status 2>/dev/null); [ -n "$r" ] && m=$r; sleep 0.02; done; wait $p && echo $m`;
  const { stdout } = spawnSync('bash', ['-c', watch, 'sh', ...command], { encoding: 'utf8' });
  if (stdout === '') throw new Error(`${command.join(' ')} failed`);
  return Math.round(Number(stdout) / 1024);
}

function hostFiles(targets, label, at = {}) {
  const inventory = join(work, `${label}.ini`);
  const ssh = join(work, `${label}.ssh`);
  const first = [...targets.values()][0];
  const options = `-o IdentitiesOnly=yes -o UserKnownHostsFile=${first.knownHostsFiles[0]} -o StrictHostKeyChecking=yes`;
  writeFileSync(
    inventory,
    [...targets.values()]
      .map(
        (one) =>
          `${one.name} ansible_host=${at.address ?? one.address} ansible_port=${at.port ?? 22} ansible_user=${one.user} ansible_ssh_private_key_file=${one.privateKeyFile} ansible_ssh_common_args='${options} -o HostKeyAlias=${one.hostKeyAlias}' ansible_python_interpreter=/usr/bin/python3\n`,
      )
      .join(''),
  );
  writeFileSync(
    ssh,
    [...targets.values()]
      .map(
        (one) =>
          `Host ${one.name}\n HostName ${at.address ?? one.address}\n Port ${at.port ?? 22}\n User ${one.user}\n IdentityFile ${one.privateKeyFile}\n IdentitiesOnly yes\n HostKeyAlias ${one.hostKeyAlias}\n UserKnownHostsFile ${one.knownHostsFiles[0]}\n`,
      )
      .join(''),
  );
  return { inventory, ssh };
}

function ansible(playbook, { inventory }) {
  const args = [join(here, playbook), '-i', inventory];
  const plugins = spawnSync(
    'python3',
    [
      '-c',
      'import ansible_mitogen, os; print(os.path.join(os.path.dirname(ansible_mitogen.__file__), "plugins/strategy"))',
    ],
    { encoding: 'utf8', env: { ...process.env, PATH: '/usr/bin:/bin' } },
  ).stdout.trim();
  return {
    plain: ['ansible-playbook', args],
    pipelining: ['ansible-playbook', args, { ANSIBLE_PIPELINING: 'True' }],
    mitogen: plugins
      ? ['ansible-playbook', args, { ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: plugins }]
      : undefined,
  };
}

/** Runs a command and gives its seconds. */
function run(command, args, env = {}) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: work,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return (performance.now() - started) / 1000;
}

function median(measure, times = rounds) {
  const all = Array.from({ length: times }, measure).sort((a, b) => a - b);
  return all[Math.floor(all.length / 2)];
}

function heading(text) {
  console.log(`\n${text}`);
}

function row(name, seconds, ours) {
  console.log(
    `  ${name.padEnd(32)} ${seconds.toFixed(2).padStart(7)} s   ${(seconds / ours).toFixed(2).padStart(6)}x of play`,
  );
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
